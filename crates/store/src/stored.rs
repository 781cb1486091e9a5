//! What is looked at in stored rows without reading all of them.

use chrono::{DateTime, Utc};
use ticket::{Ticket, TicketId};

/// A ticket that is set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedTicket {
    /// Names it: its id, or a digest of its raw form.
    pub key: String,
    /// Its id, if it has one.
    pub ticket_id: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// The source's own JSON.
    pub raw: String,
    /// When it was last set aside.
    pub rejected_at: DateTime<Utc>,
}

/// A stored ticket as far as a comparison needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDigest {
    /// The ticket.
    pub id: TicketId,
    /// Digest of its content, `None` on rows that another program wrote.
    pub digest: Option<Vec<u8>>,
}

/// A row that changed, for a reader that catches up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The row.
    pub id: TicketId,
    /// Of the batch that wrote it.
    pub revision: i64,
    /// What is served now; `None` where the ticket was withdrawn, or holds nothing to serve.
    pub ticket: Option<Ticket>,
}
