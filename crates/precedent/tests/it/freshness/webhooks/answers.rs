//! Answers to requests that the webhooks refuse.

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::RequestBuilder;
use serde_json::json;
use servicedesk_sim::Edition;
use sha2::Sha256;

use crate::support::{
    Bench, Database, SECRET, Server, Webhook, assert_accepted, problem, resolved_ticket, sign, signed, status,
};

const DATE: &str = "2026-10-01T12:00:00Z";

fn post(server: &Server) -> RequestBuilder {
    server.post("/webhook/servicedesk/resolved-ticket")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolved_ticket_that_is_unsigned_broken_or_incomplete_is_refused() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let server = Server::start(&bench, &[]);
    let good = resolved_ticket("1", "x", DATE);
    problem(post(&server).body(good.clone()), 401).await;
    for wrong in ["", "sha256=", "zz", &sign("something else")] {
        let request = post(&server).header("x-servicedesk-signature", wrong);
        problem(request.body(good.clone()), 401).await;
    }
    for tenant in ["nobody", "../..", ""] {
        let body = good.replace("acme", tenant);
        problem(signed(&server, &body), 401).await;
    }
    for broken in ["", "{", "[1]", "[\"acme\"]", "\"x\"", "no json"] {
        problem(signed(&server, broken), 400).await;
    }
    problem(signed(&server, &"x".repeat(5 << 20)), 413).await;
    problem(signed(&server, "{}"), 422).await;
    let wrong = json!({"tenant_id": "acme", "ticket_id": "", "tags": "vpn", "resolved_date": "soon"});
    let refused = problem(signed(&server, &wrong.to_string()), 422).await;
    let errors = refused["errors"].as_array().expect("errors");
    let fields: Vec<_> = errors.iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["ticket_id", "resolved_date", "tags"]);
    problem(server.get("/webhook/servicedesk/resolved-ticket"), 405).await;

    bench.lose_database().await;
    problem(signed(&server, &good), 503).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_webhook_with_an_old_timestamp_is_refused() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let server = Server::start(&bench, &[]);
    let body = resolved_ticket("1", "x", DATE);
    let standard = |timestamp: i64| {
        let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
        let mac = mac.chain_update(format!("msg_1.{timestamp}.{body}"));
        let signature = base64::prelude::BASE64_STANDARD.encode(mac.finalize().into_bytes());
        post(&server)
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", format!("v1,{signature}"))
            .body(body.clone())
    };
    let now = bench.simulator.desk().now_ms() / 1_000;
    problem(standard(now - 600), 401).await;
    assert_accepted(status(standard(now)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_notification_without_secret_tenant_or_id_is_refused() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let server = Server::start(&bench, &[]);
    let Webhook { path, secret, .. } = bench.webhook();
    let notification = |path: &str, body: &str| {
        let request = server.post(path).header("x-precedent-secret", &secret);
        request.body(body.to_owned())
    };
    problem(server.post(&path).body("{\"id\": 1}"), 401).await;
    let wrong = server.post(&path).header("x-precedent-secret", "wrong");
    problem(wrong.body("{\"id\": 1}"), 401).await;
    for unknown in ["acme", "nobody"] {
        let path = format!("/webhook/servicedesk/{unknown}/ffff");
        problem(notification(&path, "{\"id\": 1}"), 404).await;
    }
    problem(notification(&path, "hello"), 400).await;
    let refused = problem(notification(&path, "{\"id\":\"${id}\"}"), 422).await;
    let detail = refused["detail"].as_str();
    assert!(
        detail.is_some_and(|detail| detail.contains("not replaced")),
        "{refused}"
    );
    for too_large in [5 << 20, (64 << 10) + 1] {
        problem(notification(&path, &"x".repeat(too_large)), 413).await;
    }
}
