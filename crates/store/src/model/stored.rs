//! Parts of stored tickets, for comparisons.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ticket::TicketId;

/// Stored tickets by id.
pub type Known = HashMap<TicketId, KnownTicket>;

/// The part of a stored ticket that decides whether the source has a newer form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownTicket {
    /// Time of its last change at the source.
    pub changed_at: Option<DateTime<Utc>>,
    /// Digest of the source's own JSON.
    pub source_digest: Option<Vec<u8>>,
    /// Whether it has a resolution.
    pub resolved: bool,
}

/// A stored ticket and the digest of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDigest {
    /// The ticket.
    pub id: TicketId,
    /// Digest of its content; `None` on rows that another program wrote.
    pub digest: Option<Vec<u8>>,
}
