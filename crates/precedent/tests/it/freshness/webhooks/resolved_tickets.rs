//! Signed reports of resolved tickets.

use std::time::Duration;

use serde_json::json;
use servicedesk_sim::Edition;

use crate::support::{Bench, Database, Row, Server, assert_accepted, resolved_ticket, signed, status};

/// Timeout until an accepted event is in the table, on a busy machine.
const SOON: Duration = Duration::from_secs(30);

const EARLY: &str = "2026-10-01T12:00:00Z";
const LATE: &str = "2026-10-02T12:00:00Z";

async fn send(server: &Server, body: &str) {
    assert_accepted(status(signed(server, body)).await);
}

fn row(rows: &[Row], id: &str) -> Option<Row> {
    rows.iter().find(|row| row.ticket_id == id).cloned()
}

/// Sends the report of another ticket and waits until it is stored: so are all events before it.
async fn send_and_wait(bench: &Bench, server: &Server, id: &str) -> Vec<Row> {
    send(server, &resolved_ticket(id, "Last", LATE)).await;
    bench.wait_for_rows(SOON, |rows| row(rows, id).is_some()).await
}

async fn a_signed_ticket_is_stored_and_found_and_never_replaces_newer_data(database: Database) {
    let bench = Bench::with_webhook(database, Edition::Cloud).await;
    let server = Server::start(&bench, &[]);
    send(&server, &resolved_ticket("4711", "Reset it", EARLY)).await;
    let rows = bench
        .wait_for_rows(SOON, |rows| row(rows, "4711").is_some())
        .await;
    let stored = row(&rows, "4711").expect("there");
    assert_eq!(
        (stored.resolution.as_str(), stored.source.as_str()),
        ("Reset it", "webhook_resolved")
    );
    assert_eq!(stored.description, "Flugkompensator broken\n\nIt hums.");
    assert_eq!(bench.found("flugkompensator", &[]), ["4711"]);

    // A newer report replaces the row; an older or equal one does not.
    send(&server, &resolved_ticket("4711", "Replaced it", LATE)).await;
    let is_replaced = |rows: &[Row]| row(rows, "4711").is_some_and(|row| row.resolution == "Replaced it");
    let rows = bench.wait_for_rows(SOON, is_replaced).await;
    let updated = row(&rows, "4711").expect("there");
    assert!(updated.ingested_at > stored.ingested_at && updated.version == 1);
    send(&server, &resolved_ticket("4711", "Reset it", EARLY)).await;
    send(&server, &resolved_ticket("4711", "Replaced it", LATE)).await;
    let rows = send_and_wait(&bench, &server, "4712").await;
    assert_eq!(row(&rows, "4711").expect("there"), updated);

    // Data that was read from the helpdesk is newer than a report of the past.
    let known = bench.simulator.desk().truth()[0].clone();
    let old = resolved_ticket(&known.id, "not so", "2026-01-01T12:00:00Z");
    send(&server, &old).await;
    let rows = send_and_wait(&bench, &server, "4713").await;
    assert!(rows.iter().all(|row| row.resolution != "not so"));
    let (_, listed, _) = bench.run(&["inbox", "list", "--tenant-id=acme"]);
    assert_eq!(listed, "");
}

async fn a_repeated_report_does_not_restore_a_withdrawn_ticket(database: Database) {
    let bench = Bench::with_webhook(database, Edition::Cloud).await;
    let desk = bench.simulator.desk();
    let webhook = bench.webhook();
    let server = Server::start(&bench, &[]);
    let ticket = desk.open_tickets()[0].clone();
    desk.close(&ticket).expect("closed");
    let event = resolved_ticket(&ticket, "Reset it", EARLY);
    send(&server, &event).await;
    bench
        .wait_for_rows(SOON, |rows| row(rows, &ticket).is_some())
        .await;
    assert_eq!(bench.found("flugkompensator", &[]), [ticket.as_str()]);
    desk.delete(&ticket).expect("deleted");
    webhook.send(&server, json!({"id": ticket}).to_string()).await;
    let is_withdrawn = |rows: &[Row]| row(rows, &ticket).is_some_and(|row| row.withdrawn_at.is_some());
    let rows = bench.wait_for_rows(SOON, is_withdrawn).await;
    let withdrawn = row(&rows, &ticket).expect("kept");

    send(&server, &event).await;
    let rows = send_and_wait(&bench, &server, "4712").await;
    assert_eq!(row(&rows, &ticket).expect("kept"), withdrawn);
    assert_eq!(bench.found("flugkompensator", &[]), ["4712"]);

    // Resolved after the withdrawal: stored, also if the old event arrives after it.
    let later = chrono::DateTime::from_timestamp_millis(desk.now_ms() + 300_000).expect("in range");
    let newer = resolved_ticket(&ticket, "Replaced it", &later.to_rfc3339());
    send(&server, &newer).await;
    send(&server, &event).await;
    let is_served = |rows: &[Row]| {
        row(rows, &ticket).is_some_and(|row| row.withdrawn_at.is_none() && row.resolution == "Replaced it")
    };
    bench.wait_for_rows(SOON, is_served).await;
}

async fn a_notification_withdraws_and_restores_a_ticket(database: Database) {
    let bench = Bench::with_webhook(database, Edition::Cloud).await;
    let desk = bench.simulator.desk();
    let webhook = bench.webhook();
    let server = Server::start(&bench, &[]);
    let ticket = desk.truth()[1].id.clone();
    let is_served = |rows: &[Row]| row(rows, &ticket).is_some_and(|row| row.withdrawn_at.is_none());
    desk.reopen(&ticket).expect("reopened");
    webhook.notify(&server, &ticket).await;
    bench.wait_for_rows(SOON, |rows| !is_served(rows)).await;
    desk.close(&ticket).expect("closed");
    webhook.notify(&server, &ticket).await;
    bench.wait_for_rows(SOON, is_served).await;
}

on_both_databases!(
    a_signed_ticket_is_stored_and_found_and_never_replaces_newer_data,
    a_repeated_report_does_not_restore_a_withdrawn_ticket,
    a_notification_withdraws_and_restores_a_ticket,
);
