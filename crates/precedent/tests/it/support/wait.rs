//! Waits for a condition instead of for a time.

use std::time::{Duration, Instant};

use super::bench::Bench;
use super::table::Row;

/// Timeout of a wait; long histories, by hand, take minutes.
const LONGEST: Duration = Duration::from_mins(20);

impl Bench {
    /// Waits until a condition holds.
    pub(crate) async fn wait_until(&self, what: &str, holds: impl Fn() -> bool) {
        let started = Instant::now();
        while !holds() {
            assert!(started.elapsed() < LONGEST, "no {what}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until acme's rows are as expected; returns them.
    pub(crate) async fn wait_for_rows(&self, limit: Duration, expected: impl Fn(&[Row]) -> bool) -> Vec<Row> {
        let started = Instant::now();
        loop {
            let rows = self.rows().await;
            if expected(&rows) {
                return rows;
            }
            assert!(started.elapsed() < limit, "{rows:#?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the table equals the helpdesk; returns the time that it took.
    pub(crate) async fn wait_until_complete(&self, limit: Duration) -> Duration {
        let started = Instant::now();
        loop {
            let asked = Instant::now();
            let differences = self.differences().await;
            if differences.is_empty() {
                return started.elapsed();
            }
            assert!(started.elapsed() < limit, "{differences:#?}");
            // A comparison of a long history takes a core; the server needs it, too.
            tokio::time::sleep(asked.elapsed().max(Duration::from_millis(200))).await;
        }
    }
}
