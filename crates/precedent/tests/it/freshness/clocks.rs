//! Times in the future, as a clock leaves them that was a year ahead for a moment: nothing waits for them.

use std::time::Duration;

use servicedesk_sim::Options;

use crate::support::{Bench, Database, Server};

/// Timeout for syncs every second, on a busy machine.
const SOON: Duration = Duration::from_secs(40);

const YEARS_AHEAD: &str = "'2040-01-01T00:00:00+00:00'";

async fn bench(database: Database) -> Bench {
    let options = Options {
        tickets: Some(60),
        days: 80,
        ..Options::default()
    };
    let bench = Bench::on(database, options).await;
    bench.import();
    bench
}

async fn change(bench: &Bench, statement: &str) {
    bench
        .execute(&statement.replace("YEARS_AHEAD", YEARS_AHEAD))
        .await;
}

/// Changes a ticket at the helpdesk, and waits until a worker has stored the change.
async fn change_a_ticket_and_wait(bench: &Bench, word: &str) {
    let desk = bench.simulator.desk();
    desk.edit_resolution(&desk.truth()[0].id, word).expect("edited");
    bench.wait_until_complete(SOON).await;
}

async fn syncs_go_on_after_a_clock_was_ahead(database: Database) {
    let bench = bench(database).await;
    let arguments = ["--role=worker", "--sync-every=1", "--reconcile-every=0"];
    for jump in [
        // Never synced.
        "update import_runs set started_at = YEARS_AHEAD, finished_at = YEARS_AHEAD, latest_change = YEARS_AHEAD",
        "update tenant_configs set synced_at = YEARS_AHEAD",
        "update tenant_configs set synced_to = YEARS_AHEAD",
        "update tenant_configs set synced_to = YEARS_AHEAD, synced_at = YEARS_AHEAD",
    ] {
        change(&bench, jump).await;
        let worker = Server::start(&bench, &arguments);
        let metrics = worker.metrics().await;
        assert!(
            !metrics.contains("precedent_sync_lag_seconds{tenant=\"acme\"} -"),
            "{metrics}"
        );
        change_a_ticket_and_wait(&bench, jump).await;
        assert_eq!(worker.stop(), 0);
        let ahead = format!(
            "select count(*) from tenant_configs where synced_to > {YEARS_AHEAD} or synced_at > {YEARS_AHEAD}"
        );
        assert_eq!(bench.count(&ahead).await, 0);
    }
}

async fn reconciliations_and_jobs_go_on_after_a_clock_was_ahead(database: Database) {
    let bench = bench(database).await;
    change(&bench, "update tenant_configs set reconciled_at = YEARS_AHEAD").await;
    let worker = Server::start(
        &bench,
        &["--role=worker", "--sync-every=0", "--reconcile-every=1"],
    );
    change_a_ticket_and_wait(&bench, "reconciled").await;
    assert_eq!(worker.stop(), 0);

    let worker = Server::start(&bench, &["--role=worker", "--sync-every=0"]);
    for state in [
        "attempts = 0, error = null",
        "attempts = 3, error = 'refused'",
        "attempts = 0, error = 'paused'",
    ] {
        let arguments = "'{\"request\": \"90 days\"}'";
        let insert = format!(
            "insert into jobs (tenant_id, kind, arguments, due_at) values ('acme', 'import', {arguments}, YEARS_AHEAD);
             update jobs set {state}"
        );
        change(&bench, &insert).await;
        let is_taken = || {
            let jobs = bench.objects(&["jobs", "list"]);
            jobs.iter()
                .all(|job| !job["due_at"].as_str().unwrap_or_default().starts_with("2040"))
        };
        bench.wait_until("turn of the job", is_taken).await;
        bench.execute("delete from jobs").await;
    }
    assert_eq!(worker.stop(), 0);
}

async fn events_go_on_after_a_clock_was_ahead(database: Database) {
    let bench = bench(database).await;
    let webhook = bench.create_webhook("acme");
    let web = Server::start(&bench, &["--role=web"]);
    let desk = bench.simulator.desk();
    let tickets = desk.truth();
    for (ticket, state) in [
        (0, "attempts = 0"),
        (1, "attempts = 3, error = 'refused'"),
        (2, "claims = 1"),
    ] {
        let id = &tickets[ticket].id;
        desk.edit_resolution(id, "after the jump").expect("edited");
        webhook.notify(&web, id).await;
        let update = format!("update inbox set due_at = YEARS_AHEAD, {state} where body = '{id}'");
        change(&bench, &update).await;
    }
    let worker = Server::start(&bench, &["--role=worker"]);
    bench.wait_until_complete(SOON).await;
    assert_eq!(worker.stop(), 0);
}

on_both_databases!(
    syncs_go_on_after_a_clock_was_ahead,
    reconciliations_and_jobs_go_on_after_a_clock_was_ahead,
    events_go_on_after_a_clock_was_ahead,
);
