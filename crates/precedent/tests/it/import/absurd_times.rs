//! Times that no calendar or no database holds: they cost their ticket at most, never the run.

use crate::support::{Bench, Database, HostileDesk};

/// Milliseconds of years before Christ, of the year 10,000, and beyond the calendar of this program.
const ABSURD: [&str; 5] = [
    "-8000000000000000",
    "-62198755200000",
    "253402300800000",
    "8000000000000000",
    "9223372036854775807",
];

async fn absurd_times_do_not_end_a_run(database: Database) {
    let bench = Bench::with_closed_tickets(database, 1).await;
    let now_ms = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp_millis();
    let desk = HostileDesk::start(move |_| {
        let row = |(id, [created, updated, resolved]): (usize, [&str; 3])| {
            format!(
                "{{\"id\":{id},\"subject\":\"one\",\"description\":\"words\",\"resolution\":null,\
                 \"status\":{{\"name\":\"Closed\"}},\"created_time\":{{\"value\":{created}}},\
                 \"last_updated_time\":{updated},\"resolved_time\":{{\"value\":\"{resolved}\"}}}}"
            )
        };
        let good = (now_ms - 86_400_000).to_string();
        let created = ABSURD.map(|absurd| [absurd, "null", &good]);
        let updated = ABSURD.map(|absurd| ["1", absurd, &good]);
        let resolved = ABSURD.map(|absurd| ["1", "null", absurd]);
        let rows = created
            .iter()
            .chain(&updated)
            .chain(&resolved)
            .copied()
            .enumerate();
        let rows: Vec<_> = rows.map(row).collect();
        let list = format!(
            "{{\"list_info\":{{\"has_more_rows\":false,\"total_count\":{}}}",
            rows.len()
        );
        (
            format!("{list},\"requests\":[{}]}}", rows.join(",")).into_bytes(),
            None,
        )
    })
    .await;
    bench.add_tenant_of_hostile(&desk, "hostile");
    let (code, _, stderr) = bench.run(&["import", "--tenant-id=hostile", "--days=30"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(bench.rows_of("hostile").await.len(), 10, "{stderr}");
    assert!(stderr.contains("is impossible: 253402300800000"), "{stderr}");
}

on_both_databases!(absurd_times_do_not_end_a_run);
