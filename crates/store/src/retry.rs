//! Retries of a transaction after a failure that passes.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::warn;

use crate::Error;

/// Time limit for retries; a server that restarts is back within it.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// First and longest delay between two attempts; each delay is twice the one before.
const DELAYS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

pub(crate) struct Retries {
    started: Instant,
    delay: Duration,
}

impl Retries {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            delay: DELAYS.0,
        }
    }

    /// Returns whether to try again, after the delay.
    pub(crate) async fn again(&mut self, error: &Error) -> bool {
        if !error.is_transient() || self.started.elapsed() > TIME_LIMIT {
            return false;
        }
        warn!(
            delay_ms = self.delay.as_millis() as u64,
            "the database failed ({}); trying again",
            error.cause()
        );
        sleep(self.delay).await;
        self.delay = (self.delay * 2).min(DELAYS.1);
        true
    }
}
