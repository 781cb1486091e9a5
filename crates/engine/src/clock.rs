//! The only place that reads the wall clock.

use chrono::{DateTime, Utc};

/// Returns the current time in milliseconds. Databases and APIs do not all store a finer resolution.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place that reads the wall clock"
)]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
}
