//! Tickets that cannot be stored.

use servicedesk_sim::{Options, Rows};

use crate::support::{Bench, Database};

async fn bad_tickets_are_rejected_with_reason_and_raw_form_and_the_rest_is_stored(
    database: Database,
    rows: Rows,
) {
    let options = Options {
        tickets: Some(200),
        days: 80,
        open_every: 0,
        bad_every: 4,
        rows,
        ..Options::default()
    };
    let bench = Bench::on(database, options).await;
    let summary = bench.import();
    bench.assert_complete().await;
    let stored = bench.rows().await.len();
    let truth = bench.simulator.desk().truth();
    // A ticket without any final time is in no window: no client sees it.
    let seen = truth
        .iter()
        .filter(|ticket| !ticket.valid && ticket.reason.as_deref() != Some("no_final_time"));
    let bad = seen.count();
    assert!(bad >= 40, "{bad}");
    assert_eq!(summary, format!("{stored} imported, 0 updated, 0 skipped, {bad}"));
    assert_eq!(
        bench.import(),
        format!("0 imported, 0 updated, {stored} skipped, {bad}"),
        "again"
    );
    let rejected = bench.objects(&["rejected", "list", "--tenant-id=acme", "--limit=1000"]);
    let text = |field: &'static str| {
        let rows = rejected.iter();
        rows.map(move |row| row[field].as_str().unwrap_or_default())
    };
    for part in [
        "no id",
        "no subject",
        "resolved time",
        "a number",
        "U+0000",
        "too long",
        "an object",
    ] {
        let is_named = text("reason").any(|reason| reason.contains(part));
        assert!(is_named, "{part}: {rejected:?}");
    }
    assert!(text("raw").all(|raw| !raw.is_empty()));
}

cases!(bad_tickets_are_rejected_with_reason_and_raw_form_and_the_rest_is_stored:
    full_rows_on_postgres => (Database::Postgres, Rows::Full),
    thin_rows_on_postgres => (Database::Postgres, Rows::Thin),
    full_rows_on_sqlite => (Database::Sqlite, Rows::Full),
);
