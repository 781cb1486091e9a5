//! How true a tenant's history is.

use chrono::{DateTime, Utc};
use ticket::TicketId;

/// When a tenant's history was last compared with its source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// When the first import that finished began; `None` while there is nothing to keep true.
    pub imported_at: Option<DateTime<Utc>>,
    /// The latest change at the source that a sync has looked at, by the source's clock.
    pub synced_to: Option<DateTime<Utc>>,
    /// When the last sync ended.
    pub synced_at: Option<DateTime<Utc>>,
    /// When the last reconciliation ended.
    pub reconciled_at: Option<DateTime<Utc>>,
}

/// A ticket that is no precedent any more: open again, in the trash, or gone. Kept, never served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The ticket.
    pub id: TicketId,
    /// When it last changed at the source, if known: a stored form that is newer stays.
    pub changed_at: Option<DateTime<Utc>>,
}
