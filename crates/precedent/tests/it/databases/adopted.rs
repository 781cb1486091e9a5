//! A platform's own database is adopted and returned without the loss of a row.

use servicedesk_sim::{Options, Rows};
use sqlx::{Executor, PgConnection};

use crate::support::{Bench, FIRST_RELEASE};

/// The newest row of each ticket must stay, with its tags and its time.
async fn assert_newest_rows_stay(postgres: &mut PgConnection) {
    let (rows, newest): (i64, i64) = sqlx::query_as(
        "select count(*), count(*) filter (where description in (select 'ticket ' || n from generate_series(61, 100) n))
         from ticket_history",
    )
    .fetch_one(&mut *postgres)
    .await
    .expect("counts");
    assert_eq!((rows, newest), (40, 40), "the newest of each ticket stays");
    let (tags, resolved): (serde_json::Value, chrono::DateTime<chrono::Utc>) =
        sqlx::query_as("select tags, resolved_date from ticket_history limit 1")
            .fetch_one(&mut *postgres)
            .await
            .expect("a row");
    assert_eq!(
        (tags.to_string().as_str(), resolved.to_rfc3339().as_str()),
        ("[\"a\",\"b\"]", "2026-01-02T03:04:05+00:00")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_database_with_duplicates_is_adopted_used_and_restored() {
    let bench = Bench::new(Options {
        tickets: Some(50),
        days: 80,
        rows: Rows::Full,
        ..Options::default()
    })
    .await;
    bench.good(&["db", "migrate", "--to=1"]);
    let mut postgres = bench.postgres().await;
    postgres
        .execute(FIRST_RELEASE)
        .await
        .expect("the first release's table");
    let all = "select id::text, ticket_id, description, owner, created_at from ticket_history order by id";
    type Row = (String, String, String, String, chrono::DateTime<chrono::Utc>);
    let before: Vec<(String, String, String, String, chrono::NaiveDateTime)> =
        sqlx::query_as(all).fetch_all(&mut postgres).await.expect("rows");

    let (code, stdout, stderr) = bench.run(&["db", "migrate"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(stdout.matches("moved").count(), 40, "{stdout}");
    assert_newest_rows_stay(&mut postgres).await;

    // The way down lost this setting.
    bench.good(&["tenant", "set", "--tenant-id=acme", "--allow-loopback"]);
    bench.import();
    let (imported,): (i64,) =
        sqlx::query_as("select count(*) from ticket_history where source = 'bulk_import'")
            .fetch_one(&mut postgres)
            .await
            .expect("a count");
    assert!(imported > 30, "{imported}");
    bench.good(&["db", "migrate", "--to=1"]);
    let after: Vec<Row> = sqlx::query_as(
        "select id::text, ticket_id, description, owner, created_at from ticket_history
         where owner is not null order by id",
    )
    .fetch_all(&mut postgres)
    .await
    .expect("rows");
    let before: Vec<Row> = before
        .into_iter()
        .map(|(a, b, c, d, at)| (a, b, c, d, at.and_utc()))
        .collect();
    assert_eq!(after, before, "every row is back");
    bench.good(&["db", "migrate"]);
}
