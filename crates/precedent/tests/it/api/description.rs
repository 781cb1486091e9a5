//! The OpenAPI document and the MCP tools, checked by other vendors' clients.

use std::process::Command;

use servicedesk_sim::{Options, Rows};

use crate::support::{Bench, Database, Server, finished, python_folder, status};

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_matches_its_description() {
    let options = Options {
        tickets: Some(100),
        days: 80,
        rows: Rows::Full,
        ..Options::default()
    };
    let bench = Bench::on(Database::Sqlite, options).await;
    bench.import();
    let token = bench.token("acme", &[]);
    let server = Server::start(&bench, &[]);
    let checked = Command::new(format!("{}/python", python_folder()))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/describe.py"))
        .env("PRECEDENT_URL", &server.url)
        .env("PRECEDENT_TOKEN", &token)
        .output()
        .expect("python");
    let (code, stdout, stderr) = finished(checked);
    assert_eq!((code, stdout.as_str()), (0, "as described\n"), "{stderr}");

    // Every tool call needs a token.
    let call = server
        .post("/mcp")
        .json(&serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}));
    assert_eq!(status(call).await, 401);
}
