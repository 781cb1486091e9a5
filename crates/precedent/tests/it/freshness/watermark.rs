//! The watermark of syncs misses no change, whatever else stores tickets in between.

use std::process::Stdio;
use std::time::{Duration, SystemTime};

use servicedesk_sim::{Options, Rows};

use crate::support::{Bench, Database, interrupt};

/// Longer than the overlap of a sync.
const LONG: Duration = Duration::from_hours(3);

fn options() -> Options {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    // Hours pass at the helpdesk, and its clock must not pass the real one.
    let yesterday = now.expect("later") - Duration::from_hours(24);
    Options {
        tickets: Some(120),
        days: 80,
        now_ms: Some(yesterday.as_millis() as i64),
        ..Options::default()
    }
}

/// An import of another range stores later changes; the next sync must still read the changes between.
async fn a_second_import_of_another_range_hides_no_change(database: Database) {
    let bench = Bench::on(database, options()).await;
    let desk = bench.simulator.desk();
    let day = |days| bench.day(days);
    let (middle, end) = (day(40), day(0));
    bench.good(&[
        "import",
        "--tenant-id=acme",
        "--start-date",
        &middle,
        "--end-date",
        &end,
    ]);
    let imported = bench.rows().await;
    desk.skip(LONG);
    desk.edit_resolution(&imported[0].ticket_id, "it was the flugkompensator")
        .expect("edited");
    desk.skip(LONG);
    let older: Vec<_> = desk.truth().into_iter().map(|ticket| ticket.id).collect();
    let older = older
        .iter()
        .find(|id| imported.iter().all(|row| row.ticket_id != **id));
    desk.edit_resolution(older.expect("an older one"), "changed last")
        .expect("edited");
    let (start, middle) = (day(89), day(41));
    bench.good(&[
        "import",
        "--tenant-id=acme",
        "--start-date",
        &start,
        "--end-date",
        &middle,
    ]);
    bench.good(&["sync", "--tenant-id=acme"]);
    assert_eq!(
        bench.found("flugkompensator", &[]),
        [imported[0].ticket_id.clone()]
    );
}

/// A ticket changes again after a long sync has read it, and the same sync then reads a later change: the next sync
/// must read the ticket again.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_during_a_long_sync_is_not_missed() {
    let options = Options {
        tickets: Some(260),
        rows: Rows::Full,
        ..options()
    };
    let bench = Bench::on(Database::Postgres, options).await;
    bench.import();
    bench.good(&["sync", "--tenant-id=acme"]);
    let desk = bench.simulator.desk();
    let ids: Vec<_> = desk.truth().into_iter().map(|ticket| ticket.id).collect();
    for id in &ids {
        desk.edit_resolution(id, "first").expect("edited");
    }
    // The second page hangs while hours pass at the helpdesk; the sync is interrupted and resumed.
    desk.clear_log();
    desk.add_fault("hang:on=list,after=3".parse().expect("a fault"));
    let mut sync = bench
        .command(&["sync", "--tenant-id=acme", "--timeout=300"])
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let first = ids
        .iter()
        .min_by_key(|id| id.parse::<u64>().unwrap_or(0))
        .expect("one");
    let stored = async || {
        let rows = bench.rows().await;
        rows.iter()
            .any(|row| row.ticket_id == *first && row.resolution == "first")
    };
    while !stored().await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    interrupt(&sync);
    assert_eq!(sync.wait().expect("ended").code(), Some(130));
    let last = ids
        .iter()
        .max_by_key(|id| id.parse::<u64>().unwrap_or(0))
        .expect("one");
    desk.edit_resolution(first, "second").expect("edited");
    desk.skip(LONG);
    desk.edit_resolution(last, "much later").expect("edited");
    // Makes the run as old as the helpdesk's clock says.
    let mut database = bench.postgres().await;
    sqlx::query("update import_runs set started_at = started_at - interval '3 hours' where kind = 'sync'")
        .execute(&mut database)
        .await
        .expect("an older run");
    desk.clear_faults();
    bench.good(&["sync", "--tenant-id=acme"]);
    bench.good(&["sync", "--tenant-id=acme"]);
    bench.assert_complete().await;
}

on_both_databases!(a_second_import_of_another_range_hides_no_change);
