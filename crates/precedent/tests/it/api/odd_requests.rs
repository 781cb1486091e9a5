//! Requests of odd forms and sizes are refused or bounded, and nobody else notices.

use std::thread::spawn;

use servicedesk_sim::Options;

use crate::support::{Bench, Connection, Database, Server, status};

/// Maximum memory of a server that is flooded.
const MEMORY_BYTES: u64 = 400 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn odd_requests_are_bounded() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let server = Server::start(&bench, &[]);
    let headers: String = (0..10_000).map(|number| format!("x{number}: y\r\n")).collect();
    let many = format!("GET /healthz HTTP/1.1\r\n{headers}\r\n");
    let long = format!("GET /healthz HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(4 << 20));
    for head in [many, long] {
        let answer = Connection::with(&server, head).rest();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
            "{answer}"
        );
    }
    let answer = Connection::with(&server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").rest();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    let chunked =
        "POST /v1/tenants/acme/search HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;x=";
    let answer = Connection::with(&server, chunked.to_owned() + &"y".repeat(20 << 20)).rest();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");

    let one = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let last = one.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    let pipelined = Connection::with(&server, one.repeat(200) + &last).rest();
    assert_eq!(pipelined.matches("HTTP/1.1 200").count(), 201);
    // A client that never reads gets no more than the buffers of its connection.
    let floods = [(); 8].map(|()| {
        let mut connection = Connection::open(&server);
        spawn(move || (0..20_000).all(|_| connection.send(one.as_bytes())))
    });
    for _ in 0..50 {
        assert_eq!(status(server.get("/healthz")).await, 200);
    }
    assert!(server.peak_memory_bytes() < MEMORY_BYTES);
    assert_eq!(server.stop(), 0);
    drop(floods);
}

/// A caller is known before the server asks for its body.
#[tokio::test(flavor = "multi_thread")]
async fn only_known_callers_are_asked_for_their_body() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let token = bench.token("acme", &[]);
    let hook = bench.create_webhook("acme");
    let server = Server::start(&bench, &[]);
    let asked = |path: &str, header: &str| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 100000000\r\n"
        );
        let mut connection = Connection::with(&server, format!("{head}{header}\r\n\r\n"));
        let answer = connection.next();
        let status = answer.split(' ').nth(1).unwrap_or_default();
        status.to_owned()
    };
    let (event, none) = ("/webhook/servicedesk/resolved-ticket", || "x: y".to_owned());
    let (search, bearer) = ("/v1/tenants/acme/search", |token: &str| {
        format!("authorization: Bearer {token}")
    });
    let secret = |secret: &str| format!("x-precedent-secret: {secret}");
    let unknown = hook.path.replace("acme", "nobody");
    for (path, header, expected) in [
        (search, none(), "401"),
        (search, bearer("precedent~acme~0123456789ab~x"), "401"),
        ("/mcp", none(), "401"),
        (event, none(), "401"),
        (event, "x-servicedesk-signature: sha256=ab".to_owned(), "401"),
        (&hook.path, none(), "401"),
        (&hook.path, secret("wrong"), "401"),
        (&unknown, secret(&hook.secret), "404"),
        ("/nowhere", none(), "404"),
        // Too large by its head.
        (search, bearer(&token), "413"),
        (&hook.path, secret(&hook.secret), "413"),
    ] {
        assert_eq!(asked(path, &header), expected, "{path}, {header}");
    }
}
