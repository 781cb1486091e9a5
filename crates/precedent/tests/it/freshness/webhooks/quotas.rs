//! One tenant sends more events than it may: nothing is lost, the database stays small, and no other tenant waits.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::RequestBuilder;
use serde_json::json;
use servicedesk_sim::{Api, Edition};
use sha2::Sha256;
use sqlx::{Connection, Executor};

use crate::support::{Bench, Database, Server, Webhook, problem, resolved_ticket, signed, status};

/// Timeout until accepted events are in the table, on a busy machine.
const SOON: Duration = Duration::from_secs(40);

const DATE: &str = "2026-10-01T12:00:00Z";

/// Fills acme's inbox with this many events of a kind.
async fn fill(bench: &Bench, kind: &str, count: u32, body: &str) {
    let insert = format!(
        "insert into inbox (tenant_id, note_id, kind, body, received_at, due_at)
         select 'acme', 'filler:' || n, '{kind}', {body}, now(), now() + interval '1 hour'
         from generate_series(1, {count}) as n"
    );
    bench.execute(&insert).await;
}

fn notification(server: &Server, webhook: &Webhook, id: &str) -> RequestBuilder {
    server
        .post(&webhook.path)
        .header("x-precedent-secret", &webhook.secret)
        .body(json!({"id": id}).to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_beyond_the_quota_become_one_sync_that_finds_their_changes() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let webhook = bench.webhook();
    let web = Server::start(&bench, &["--role=web"]);
    fill(&bench, "changed", 1_000, "n::text").await;
    let desk = bench.simulator.desk();
    let tickets = desk.truth();
    for ticket in &tickets {
        desk.edit_resolution(&ticket.id, "in bulk").expect("edited");
        webhook.notify(&web, &ticket.id).await;
    }
    assert_eq!(bench.count("select count(*) from inbox").await, 1_000);
    let jobs = bench.objects(&["jobs", "list", "--tenant-id=acme"]);
    assert_eq!((jobs.len(), &jobs[0]["kind"]), (1, &json!("sync")), "{jobs:?}");
    let _worker = Server::start(&bench, &["--role=worker"]);
    bench.wait_until_complete(SOON).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_edit_beyond_the_rate_is_accepted_and_tickets_are_refused_for_a_while() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let webhook = bench.webhook();
    let web = Server::start(&bench, &["--role=web"]);
    let mut sent = tokio::task::JoinSet::new();
    let mut accepted = 0;
    for number in 0..3_200 {
        if sent.len() >= 100 {
            accepted += usize::from(sent.join_next().await.expect("sent").expect("sent") == 202);
        }
        sent.spawn(status(notification(&web, &webhook, &(number % 500).to_string())));
    }
    let rest = sent.join_all().await;
    accepted += rest.iter().filter(|status| **status == 202).count();
    assert_eq!(accepted, 3_200);
    assert_eq!(bench.count("select count(*) from inbox").await, 500);
    if bench.count("select count(*) from jobs where kind = 'sync'").await == 1 {
        let answer = signed(&web, &resolved_ticket("1", "x", DATE)).send().await;
        let answer = answer.expect("an answer");
        assert!([202, 429].contains(&answer.status().as_u16()), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_beyond_the_quota_are_refused_and_may_be_sent_again() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let web = Server::start(&bench, &["--role=web"]);
    let event = resolved_ticket("4711", "x", DATE);
    for (count, body) in [(10_000, "'{}'"), (16, "repeat('x', 16777216)")] {
        fill(&bench, "resolved", count, body).await;
        let refused = signed(&web, &event).send().await.expect("an answer");
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()["retry-after"], "60");
        let refused = problem(signed(&web, &event), 429).await;
        assert_eq!(refused["type"], "urn:precedent:problem:inbox-full");
        bench.execute("delete from inbox").await;
    }
    assert_eq!(status(signed(&web, &event)).await, 202);
}

/// Returns a request with a ticket that is signed with a webhook's secret.
fn signed_by(server: &Server, webhook: &Webhook, tenant: &str) -> RequestBuilder {
    let body = resolved_ticket("4711", "x", DATE).replace("acme", tenant);
    let mac = Hmac::<Sha256>::new_from_slice(webhook.signing_secret.as_bytes()).expect("any length");
    let signature = hex::encode(mac.chain_update(&body).finalize().into_bytes());
    server
        .post("/webhook/servicedesk/resolved-ticket")
        .header("x-servicedesk-signature", signature)
        .body(body)
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_blocked_tenant_delay_no_other_tenant() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let acme = bench.webhook();
    let mut others = Vec::new();
    for number in 0..6 {
        let tenant = format!("tenant-{number}");
        bench.add_tenant(&tenant, Edition::Cloud, Api::V3);
        let webhook = bench.create_webhook(&tenant);
        others.push((tenant, webhook));
    }
    let server = Server::start(&bench, &[]);
    assert_eq!(
        status(signed(&server, &resolved_ticket("1", "x", DATE))).await,
        202
    );
    assert_eq!(status(notification(&server, &acme, "1")).await, 202);
    // Tickets of acme cannot be stored, and neither can its next notification.
    let mut blocking = bench.postgres().await;
    let block = "begin; update tenant_configs set name = name where tenant_id = 'acme';
                 update inbox set body = body where tenant_id = 'acme'";
    blocking.execute(block).await.expect("blocked");
    let mut flood = tokio::task::JoinSet::new();
    for _ in 0..300 {
        flood.spawn(notification(&server, &acme, "1").send());
        flood.spawn(signed(&server, &resolved_ticket("1", "x", DATE)).send());
    }
    for (tenant, webhook) in &others {
        assert_eq!(status(signed_by(&server, webhook, tenant)).await, 202, "{tenant}");
    }
    let stored = "select count(*) from ticket_history where ticket_id = '4711'";
    let started = std::time::Instant::now();
    while bench.count(stored).await < others.len() as i64 {
        assert!(started.elapsed() < SOON, "a tenant waits");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    flood.shutdown().await;
    blocking.close().await.expect("closed");
}
