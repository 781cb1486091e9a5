//! Retries of a transaction after a transient failure.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::{Instant, sleep};
use tracing::warn;

use crate::Error;

/// Time limit for retries; a server that restarts is back within it.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Delay after the first failure; it doubles with each further failure.
const FIRST_DELAY: Duration = Duration::from_millis(50);

/// Maximum delay.
const LONGEST_DELAY: Duration = Duration::from_secs(2);

pub(crate) struct Retries {
    started: Instant,
    delays: ExponentialBackoff,
}

impl Retries {
    pub(crate) fn new() -> Self {
        let delays = ExponentialBuilder::default()
            .with_min_delay(FIRST_DELAY)
            .with_max_delay(LONGEST_DELAY)
            .without_max_times()
            .build();
        Self {
            started: Instant::now(),
            delays,
        }
    }

    /// Returns whether to try again, after the delay.
    pub(crate) async fn again(&mut self, error: &Error) -> bool {
        if !error.is_transient() || self.started.elapsed() > TIME_LIMIT {
            return false;
        }
        let Some(delay) = self.delays.next() else {
            return false;
        };
        let delay_ms = delay.as_millis() as u64;
        warn!(delay_ms, "the database failed ({}); trying again", error.cause());
        sleep(delay).await;
        true
    }
}
