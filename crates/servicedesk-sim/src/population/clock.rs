//! The desk's clock: it may run fast, and a test may skip time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

pub(crate) struct Clock {
    start_ms: i64,
    /// Speed relative to real time.
    rate: f64,
    started: Instant,
    skipped_ms: AtomicI64,
}

impl Clock {
    pub(crate) fn start(start_ms: i64, rate: f64) -> Self {
        Self {
            start_ms,
            rate,
            started: Instant::now(),
            skipped_ms: AtomicI64::new(0),
        }
    }

    /// Returns the time in milliseconds since the epoch.
    pub(crate) fn now_ms(&self) -> i64 {
        // The conversion from a fraction saturates.
        let passed = (self.started.elapsed().as_secs_f64() * 1_000.0 * self.rate) as i64;
        let skipped = self.skipped_ms.load(Ordering::Relaxed);
        self.start_ms.saturating_add(passed).saturating_add(skipped)
    }

    /// Moves the clock forward.
    pub(crate) fn skip(&self, time: Duration) {
        let milliseconds = i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2);
        self.skipped_ms.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// Returns real milliseconds since the start.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
