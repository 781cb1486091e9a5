//! Clients that are not ours: Python with the packages of `tests/clients/requirements.txt`.

use std::process::Command;

use servicedesk_sim::{Options, Rows};

use crate::bench::{Bench, Database, finished};
use crate::server::Server;

/// The folder with that Python.
pub(crate) fn commands() -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/python-clients");
    let (code, stdout, stderr) = finished(Command::new(script).output().expect("bash"));
    assert_eq!(code, 0, "{stderr}");
    stdout.trim().trim_end_matches("/python").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_is_as_it_describes_itself() {
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
    let checked = Command::new(format!("{}/python", commands()))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/describe.py"))
        .env("PRECEDENT_URL", &server.url)
        .env("PRECEDENT_TOKEN", &token)
        .output()
        .expect("python");
    let (code, stdout, stderr) = finished(checked);
    assert_eq!((code, stdout.as_str()), (0, "as described\n"), "{stderr}");

    // Without a token no tool is called.
    let call = server
        .post("/mcp")
        .json(&serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}));
    assert_eq!(call.send().await.expect("an answer").status(), 401);
}
