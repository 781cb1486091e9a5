//! A transaction that failed for a reason that passes is tried again.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::warn;

use crate::Error;

/// A server that restarts is back within this.
const PATIENCE: Duration = Duration::from_secs(60);

/// First and longest wait between two tries.
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

    /// Whether the transaction may be tried again; waits before it says yes.
    pub(crate) async fn again(&mut self, error: &Error) -> bool {
        if !error.is_transient() || self.started.elapsed() > PATIENCE {
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
