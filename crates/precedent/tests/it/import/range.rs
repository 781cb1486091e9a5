//! The range of an import, and the values of its rows.

use servicedesk_sim::{Options, Rows};

use crate::support::Bench;

fn options(tickets: u32, days: u32) -> Options {
    Options {
        tickets: Some(tickets),
        days,
        open_every: 0,
        rows: Rows::Full,
        ..Options::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_range_is_imported_both_ends_included() {
    let bench = Bench::new(options(400, 200)).await;
    bench.import();
    bench.assert_complete().await;

    let truth = bench.simulator.desk().truth();
    let day = |days_ago: i64| {
        let ms = bench.simulator.desk().now_ms() - days_ago * 86_400_000;
        chrono::DateTime::from_timestamp_millis(ms)
            .expect("in range")
            .date_naive()
    };
    let (start, end) = (day(150), day(120));
    let before = bench.rows().await.len();
    bench.good(&[
        "import",
        "--tenant-id=acme",
        &format!("--start-date={start}"),
        &format!("--end-date={end}"),
    ]);
    let inside = truth.iter().filter(|ticket| {
        let resolved = ticket
            .resolved_ms
            .and_then(chrono::DateTime::from_timestamp_millis);
        resolved.is_some_and(|time| (start..=end).contains(&time.date_naive()))
    });
    assert_eq!(bench.rows().await.len(), before + inside.count());
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_resolution_and_tags_are_empty_not_null() {
    let bench = Bench::new(options(200, 80)).await;
    bench.import();
    let rows = bench.rows().await;
    assert!(rows.iter().any(|row| row.resolution.is_empty()));
    assert!(rows.iter().any(|row| !row.resolution.is_empty()));
    assert!(rows.iter().any(|row| row.tags.0.is_empty()));
    assert!(
        rows.iter()
            .all(|row| row.description.starts_with(row.subject.as_str()))
    );
}
