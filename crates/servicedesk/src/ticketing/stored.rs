//! Facts about stored tickets that make a detail call or a conversion unnecessary.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ticket::TicketId;

/// The stored tickets among the rows of a page.
pub type StoredTickets = HashMap<TicketId, StoredTicket>;

/// Facts about a stored ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredTicket {
    /// Time of its last update at the source.
    pub changed_at: Option<DateTime<Utc>>,
    /// Digest of its [`SourceFingerprint`](crate::SourceFingerprint).
    pub digest: Option<Vec<u8>>,
    /// Whether it has a resolution, or its notes need no search for one.
    pub resolved: bool,
}
