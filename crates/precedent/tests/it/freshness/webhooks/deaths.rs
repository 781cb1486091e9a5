//! A webhook event during which the worker process dies: it is dead-lettered after the third death, others go on.

use std::time::Duration;

use servicedesk_sim::Edition;

use crate::support::{Bench, Database, Server};

/// Timeout until accepted events are in the table, on a busy machine.
const SOON: Duration = Duration::from_secs(40);

/// Waits until the event has been claimed this many times.
async fn wait_for_claims(bench: &Bench, id: &str, claims: i64) {
    let count = format!("select count(*) from inbox where body = '{id}' and claims = {claims}");
    while bench.count(&count).await == 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // The helpdesk hangs, so the worker waits for it now or in a moment.
    let desk = bench.simulator.desk();
    bench
        .wait_until("call", || desk.stats().most_concurrent > 0)
        .await;
}

async fn an_event_that_kills_its_worker_is_dead_lettered(database: Database) {
    let bench = Bench::with_webhook(database, Edition::Cloud).await;
    let webhook = bench.webhook();
    let web = Server::start(&bench, &["--role=web"]);
    let desk = bench.simulator.desk();
    let tickets = desk.truth();
    let guilty = tickets[2].id.clone();
    desk.add_fault(format!("hang:id={guilty}").parse().expect("a fault"));
    for ticket in &tickets[..5] {
        desk.edit_resolution(&ticket.id, "after the death")
            .expect("edited");
        webhook.notify(&web, &ticket.id).await;
    }
    for claims in 1..=3 {
        desk.clear_log();
        let worker = Server::start(&bench, &["--role=worker"]);
        wait_for_claims(&bench, &guilty, claims).await;
        // Then the claims expire.
        worker.lose_power();
        bench
            .wait_until("end of the call", || !desk.log().is_empty())
            .await;
        bench.execute("update inbox set due_at = received_at").await;
    }

    let worker = Server::start(&bench, &["--role=worker"]);
    let list = || bench.objects(&["inbox", "list", "--tenant-id=acme"]);
    let is_parked = || list().len() == 1 && list()[0]["state"] == "dead-lettered";
    bench.wait_until("dead-lettered event", is_parked).await;
    let error = list()[0]["error"].to_string();
    for part in ["died 3 times", "precedent inbox retry --tenant-id=acme"] {
        assert!(error.contains(part), "{error}");
    }
    bench
        .wait_for_rows(SOON, |rows| {
            let stored = rows.iter().filter(|row| row.resolution == "after the death");
            stored.count() == 4
        })
        .await;

    // The same event, sent again, kills no other worker.
    desk.clear_log();
    webhook.notify(&web, &guilty).await;
    bench.wait_until("dead-lettered event", is_parked).await;
    assert_eq!(desk.log().len(), 0);

    desk.clear_faults();
    bench.good(&["inbox", "retry", "--tenant-id=acme"]);
    bench.wait_until_complete(SOON).await;
    bench.wait_until("end of the inbox", || list().is_empty()).await;
    assert_eq!(worker.stop(), 0);
}

on_both_databases!(an_event_that_kills_its_worker_is_dead_lettered);
