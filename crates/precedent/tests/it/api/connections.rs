//! A flood of connections that wait for their clients displaces itself; other callers are served.

use std::time::Duration;

use reqwest::Client;
use servicedesk_sim::Options;

use crate::support::{Bench, Connection, Database, Server, status};

/// Number of files that the server may open.
const FILES: u32 = 256;

/// More connections than that.
const FLOOD: usize = 300;

/// Sends requests on new connections and to the address of the metrics, which must all be answered.
async fn assert_serves(server: &Server, flood: &str) {
    for number in 0..5 {
        let client = Client::builder().timeout(Duration::from_secs(5));
        let url = format!("{}/readyz", server.url);
        let answer = client.build().expect("a client").get(url).send().await;
        let answer = answer.unwrap_or_else(|error| panic!("{flood}, request {number}: {error:?}"));
        assert_eq!(answer.status(), 200, "{flood}");
    }
    assert_eq!(status(server.operators("/readyz")).await, 200, "{flood}");
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_connections_do_not_keep_callers_out() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let server = Server::start_with_files(&bench, FILES, &[]);
    let signature = "0".repeat(64);
    let event = format!(
        "POST /webhook/servicedesk/resolved-ticket HTTP/1.1\r\nhost: x\r\n\
         x-servicedesk-signature: {signature}\r\ncontent-length: 1000\r\n\r\n{{"
    );
    let refused = "POST /v1/tenants/acme/search HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{";
    for (flood, bytes) in [
        ("silent", ""),
        ("half a head", "GET /healthz HTTP/1.1\r\nhos"),
        ("kept alive", "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"),
        ("half an event", &event),
        ("half a refused body", refused),
        (
            "never read",
            &"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100),
        ),
    ] {
        let flood_of = |_| Connection::with(&server, bytes);
        let connections: Vec<_> = (0..FLOOD).map(flood_of).collect();
        assert_serves(&server, flood).await;
        let open = server.metric("precedent_connections_open").await;
        assert!((1.0..=112.0).contains(&open), "{flood}: {open}");
        drop(connections);
    }
    let displaced = server.metric("precedent_connections_displaced_total").await;
    assert!(displaced >= FLOOD as f64, "{displaced}");
    assert_eq!(server.logged("too many connections"), 1);
    assert_eq!(server.stop(), 0);
}
