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

/// How a tenant's history stands, for a reader that keeps a copy of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Of the last batch: whoever has seen every change up to it has seen everything.
    pub revision: i64,
    /// Revisions before this instant were of another tenant, or another database, of the same name.
    pub since: DateTime<Utc>,
    /// Language of the tickets.
    pub language: String,
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
    /// It is older than the tenant keeps: a copy must not hold a word of it any more.
    pub expired: bool,
}
