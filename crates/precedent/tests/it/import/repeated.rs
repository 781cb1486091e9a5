//! Repeated imports, new tickets and rows that come twice.

use servicedesk_sim::{CallKind, Options, Rows};

use crate::support::{Bench, Database};

fn options(tickets: u32) -> Options {
    Options {
        tickets: Some(tickets),
        days: 80,
        open_every: 0,
        ..Options::default()
    }
}

fn full(tickets: u32) -> Options {
    Options {
        rows: Rows::Full,
        ..options(tickets)
    }
}

async fn a_second_run_skips_all_and_an_edit_is_updated(database: Database, rows: Rows) {
    let bench = Bench::on(database, Options { rows, ..options(150) }).await;
    assert_eq!(bench.import(), "150 imported, 0 updated, 0 skipped, 0");
    let before = bench.rows().await;
    assert_eq!(bench.import(), "0 imported, 0 updated, 150 skipped, 0");
    assert_eq!(bench.rows().await, before);

    let id = &before[75].ticket_id;
    bench
        .simulator
        .desk()
        .edit_resolution(id, "Replaced the cable.")
        .expect("edited");
    assert_eq!(bench.import(), "0 imported, 1 updated, 149 skipped, 0");
    let after = bench.rows().await;
    assert_eq!(
        (after[75].resolution.as_str(), after[75].version),
        ("Replaced the cable.", 1)
    );
    bench.assert_complete().await;
}

cases!(a_second_run_skips_all_and_an_edit_is_updated:
    thin_rows_on_postgres => (Database::Postgres, Rows::Thin),
    full_rows_on_sqlite => (Database::Sqlite, Rows::Full),
);

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_new_and_fifty_known_tickets() {
    let bench = Bench::new(full(50)).await;
    assert_eq!(bench.import(), "50 imported, 0 updated, 0 skipped, 0");
    bench.simulator.desk().add_tickets(100);
    let final_tickets = bench.simulator.desk().truth().len();
    assert_eq!(
        bench.import(),
        format!("{} imported, 0 updated, 50 skipped, 0", final_tickets - 50)
    );
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_listed_twice_is_stored_once() {
    let bench = Bench::new(Options {
        duplicate_every: 3,
        ..full(60)
    })
    .await;
    let summary = bench.import();
    assert!(summary.starts_with("60 imported, 0 updated, "), "{summary}");
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thin_rows_cost_one_detail_each_and_none_when_nothing_changed() {
    let bench = Bench::new(options(300)).await;
    bench.import();
    assert_eq!(bench.calls(CallKind::Detail), 300);
    assert_eq!(bench.simulator.desk().stats().most_details_of_one_ticket, 1);
    bench.simulator.desk().clear_log();
    bench.import();
    assert_eq!(bench.calls(CallKind::Detail), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_row_with_a_known_digest_is_not_converted_again() {
    let bench = Bench::new(full(50)).await;
    assert_eq!(bench.import(), "50 imported, 0 updated, 0 skipped, 0");
    // Digests that another version's conversion would give.
    let other_digest = "update ticket_history set content_digest = '\\x07'";
    bench.execute(other_digest).await;
    assert_eq!(bench.import(), "0 imported, 0 updated, 50 skipped, 0");
    bench
        .simulator
        .desk()
        .edit_resolution(&bench.rows().await[0].ticket_id, "another cure")
        .expect("edited");
    assert_eq!(bench.import(), "0 imported, 1 updated, 49 skipped, 0");
    bench
        .execute(&format!("{other_digest}, source_digest = null"))
        .await;
    assert_eq!(bench.import(), "0 imported, 50 updated, 0 skipped, 0");
    bench.assert_complete().await;
}
