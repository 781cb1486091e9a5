//! A web page cannot use `/mcp`, under whatever name its browser found the service.

use serde_json::json;
use servicedesk_sim::Options;

use crate::support::{Bench, Database, Server, status};

#[tokio::test(flavor = "multi_thread")]
async fn mcp_refuses_foreign_hosts_and_origins() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let token = bench.token("acme", &[]);
    let server = Server::start(&bench, &["--allowed-host=precedent.example.com"]);
    let call = |headers: &[(&str, &str)]| {
        let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}});
        let mut request = server.post("/mcp").bearer_auth(&token).json(&list);
        request = request.header("accept", "application/json, text/event-stream");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        status(request)
    };
    for foreign in [
        &[("host", "evil.example")][..],
        &[("host", "localhost.evil.example:8080")],
        &[("host", "203.0.113.9")],
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
        &[("origin", "https://precedent.example.com.evil.example")],
        &[("host", "localhost"), ("origin", "http://203.0.113.9")],
    ] {
        assert_eq!(call(foreign).await, 403, "{foreign:?}");
    }
    for own in [
        &[][..],
        &[("host", "localhost:8080")],
        &[("host", "[::1]:8080")],
        &[("origin", "http://127.0.0.1:6274")],
        &[
            ("host", "precedent.example.com"),
            ("origin", "https://precedent.example.com"),
        ],
    ] {
        assert_eq!(call(own).await, 200, "{own:?}");
    }
    let refused = bench.run(&["serve", "--allowed-host=https://x.example/"]);
    assert_eq!(refused.0, 1, "{}", refused.2);
}
