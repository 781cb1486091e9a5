//! The only place that reads the wall clock.

use chrono::{DateTime, Utc};
use store::Store;

/// Returns the current time in milliseconds. Databases and APIs do not all store a finer resolution.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place that reads the wall clock"
)]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
}

/// Returns the time of the database's clock, by which all processes decide what is due; if the database does not answer,
/// the time of this machine.
pub async fn of(store: &Store) -> DateTime<Utc> {
    store.now().await.unwrap_or_else(|_| now())
}
