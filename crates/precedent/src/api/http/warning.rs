//! Warnings that an attacker can cause by the thousand are logged at most once a minute.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Minimum time between two warnings.
const EVERY: Duration = Duration::from_secs(60);

/// Time of the last warning of one kind.
#[derive(Default)]
pub(super) struct WarningInterval(Mutex<Option<Instant>>);

impl WarningInterval {
    /// Returns whether a warning is due, which counts as given.
    pub(super) fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| now.saturating_duration_since(last) >= EVERY);
        if due {
            *last = Some(now);
        }
        due
    }
}
