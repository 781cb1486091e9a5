//! Bodies of events have to be read before their signature is verified; those that are held back do not fill the memory.

use servicedesk_sim::Edition;

use crate::support::{Bench, Connection, Database, Server, assert_accepted, resolved_ticket, signed, status};

/// More bodies than the server holds at the same time.
const BODIES: usize = 45;

/// Size of each body: the maximum.
const BODY_BYTES: usize = 2 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_held_back_displace_each_other() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let server = Server::start(&bench, &["--role=web"]);
    let signature = "0".repeat(64);
    let head = format!(
        "POST /webhook/servicedesk/resolved-ticket HTTP/1.1\r\nhost: x\r\n\
         x-servicedesk-signature: {signature}\r\ncontent-length: {BODY_BYTES}\r\n\r\n"
    );
    // All but one byte.
    let held_back = head + &"x".repeat(BODY_BYTES - 1);
    let mut held_back: Vec<_> = (0..BODIES)
        .map(|_| Connection::with(&server, &held_back))
        .collect();
    let event = resolved_ticket("4711", "Reset it", "2026-10-01T12:00:00Z");
    for _ in 0..10 {
        assert_accepted(status(signed(&server, &event)).await);
    }
    let first = held_back[0].next();
    assert!(
        first.starts_with("HTTP/1.1 503") && first.contains("retry-after: "),
        "{first}"
    );
    assert!(server.metric("precedent_bodies_refused_total").await >= 10.0);
    assert!(server.peak_memory_bytes() < 400 << 20);
}
