//! Clients that send or read too slowly lose their connection.

use std::thread::spawn;
use std::time::Duration;

use servicedesk_sim::Options;

use crate::support::{Bench, Connection, Database, Server};

/// Time limits of the server are 10 s, and 5 s for the rest of a refused body.
const LIMIT: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn slow_heads_and_bodies_end_and_idle_connections_stay() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let token = bench.token("acme", &[]);
    let server = Server::start(&bench, &[]);
    let post = |path: &str, header: &str| {
        format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{header}\r\ncontent-length: 1000\r\n\r\n")
    };
    let event = "/webhook/servicedesk/resolved-ticket";
    let token = format!("authorization: Bearer {token}");
    let search = "/v1/tenants/acme/search";
    let requests = [
        (String::new(), ""),
        ("GET /healthz HTTP/1.1\r\nx: ".to_owned(), ""),
        (post(search, &token), "HTTP/1.1 408"),
        (post("/mcp", &token), "HTTP/1.1 408"),
        (post(search, "x: y"), "HTTP/1.1 401"),
        (
            post(event, &format!("x-servicedesk-signature: {}", "0".repeat(64))),
            "HTTP/1.1 408",
        ),
        (post(event, "x: y"), "HTTP/1.1 401"),
    ];
    let slow: Vec<_> = requests
        .into_iter()
        .map(|(request, answer)| {
            let connection = Connection::with(&server, &request);
            (request, answer, spawn(|| connection.trickle()))
        })
        .collect();
    let mut silent = Connection::open(&server);
    let mut idle = Connection::with(&server, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(idle.next().starts_with("HTTP/1.1 200"));
    for (request, answer, slow) in slow {
        let (found, took) = slow.join().expect("ended");
        assert!(took < LIMIT, "{request}: {took:?}");
        assert!(found.starts_with(answer), "{request}: {found}");
    }
    assert_eq!(silent.rest(), "");
    // Proxies keep a connection between two requests for longer than a request may take.
    assert!(idle.send(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"));
    assert!(idle.next().starts_with("HTTP/1.1 200"));
}
