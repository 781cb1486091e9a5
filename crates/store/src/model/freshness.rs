//! Freshness of a tenant's history.

use chrono::{DateTime, Utc};

/// Times of the last comparisons of a tenant's history with its source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// Start of the first import that finished; `None` while there is no history to keep up to date.
    pub imported_at: Option<DateTime<Utc>>,
    /// The latest change at the source that a sync has read, by the source's clock.
    pub synced_to: Option<DateTime<Utc>>,
    /// Time when the last sync ended.
    pub synced_at: Option<DateTime<Utc>>,
    /// Time when the last reconciliation ended.
    pub reconciled_at: Option<DateTime<Utc>>,
}
