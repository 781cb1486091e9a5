//! The one place where the wall clock is read.

use chrono::{DateTime, Utc};

/// Now, to the millisecond: no database and no API keeps more than we could compare.
#[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
}
