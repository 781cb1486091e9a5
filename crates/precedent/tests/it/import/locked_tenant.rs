//! A tenant whose row another session locks.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use servicedesk_sim::{Options, Rows};
use sqlx::Executor;

use crate::support::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn an_import_waits_longer_than_the_lock_timeout_for_a_locked_tenant() {
    let bench = Bench::new(Options {
        tickets: Some(500),
        days: 80,
        open_every: 0,
        rows: Rows::Full,
        latency: Duration::from_millis(300),
        ..Options::default()
    })
    .await;
    let url = format!("{}?options=-c%20lock_timeout%3D300", bench.database_url());
    let mut import = bench
        .command(&["import", "--tenant-id=acme", "--days=90"])
        .env("DATABASE_URL", url)
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut locking = bench.postgres().await;
    loop {
        let (stored,): (bool,) = sqlx::query_as("select exists (select from ticket_history)")
            .fetch_one(&mut locking)
            .await
            .expect("read");
        if stored {
            break;
        }
        assert_eq!(import.try_wait().expect("alive or not"), None, "it ended first");
    }
    locking
        .execute("begin; select from tenant_configs where tenant_id = 'acme' for update")
        .await
        .expect("locked");
    // Three attempts, each of which waited 300 ms for the lock.
    let mut log = Vec::new();
    let mut lines = BufReader::new(import.stderr.take().expect("piped")).lines();
    let waited = |line: &String| line.contains("lock timeout");
    while log.iter().filter(|line| waited(line)).count() < 3 {
        let Some(line) = lines.next() else {
            panic!("it did not wait: {log:#?}");
        };
        log.push(line.expect("UTF-8"));
    }
    locking.execute("rollback").await.expect("released");
    log.extend(lines.map(|line| line.expect("UTF-8")));
    let status = import.wait().expect("ended");
    assert_eq!(status.code(), Some(0), "{log:#?}");
    bench.assert_complete().await;
}
