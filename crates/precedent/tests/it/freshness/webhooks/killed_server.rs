//! Events that a server accepted before it was killed.
//!
//! More of it: `PRECEDENT_REPORT_SECONDS` and `PRECEDENT_REPORTS_A_SECOND`.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use servicedesk_sim::Edition;

use crate::support::{Bench, Database, Server, resolved_ticket, setting, sign};

/// Sends one event; returns its ticket and the time of the answer, if the server accepted it.
async fn send(client: reqwest::Client, url: String, id: String) -> Option<(String, Duration)> {
    let body = resolved_ticket(&id, "Reset it", "2026-10-01T12:00:00Z");
    let request = client
        .post(url)
        .header("x-servicedesk-signature", sign(&body))
        .body(body);
    let started = Instant::now();
    let status = request.send().await.ok()?.status();
    (status == 202).then(|| (id, started.elapsed()))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_event_is_stored_though_the_server_is_killed() {
    let seconds = setting("PRECEDENT_REPORT_SECONDS", 4);
    let rate = setting("PRECEDENT_REPORTS_A_SECOND", 200);
    let count = seconds * rate;
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let mut server = Server::start(&bench, &[]);
    let address = server.url.strip_prefix("http://").expect("an address").to_owned();
    let url = format!("{}/webhook/servicedesk/resolved-ticket", server.url);
    let client = reqwest::Client::new();
    let mut sent = tokio::task::JoinSet::new();
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / rate));
    for number in 0..count {
        tick.tick().await;
        sent.spawn(send(client.clone(), url.clone(), format!("event-{number}")));
        if (1..=3).any(|kill| number == kill * count / 4) {
            // SIGKILL, and a start as a supervisor would do it.
            drop(server);
            server = Server::start_at(&bench, &address, &[]);
        }
    }
    let mut accepted: Vec<_> = sent.join_all().await.into_iter().flatten().collect();
    accepted.sort_by_key(|(_, took)| *took);
    let percentile = |share: usize| accepted[(accepted.len() * share / 100).min(accepted.len() - 1)].1;
    println!(
        "{count} events in {seconds} s, 3 kills: {} accepted, p50 {:?}, p99 {:?}",
        accepted.len(),
        percentile(50),
        percentile(99)
    );
    assert!(accepted.len() as u64 > count / 2, "{}", accepted.len());
    let started = Instant::now();
    bench
        .wait_for_rows(Duration::from_secs(180), |rows| {
            let stored: HashSet<_> = rows.iter().map(|row| &row.ticket_id).collect();
            accepted.iter().all(|(id, _)| stored.contains(id))
        })
        .await;
    println!("all stored {:?} after the last", started.elapsed());
}
