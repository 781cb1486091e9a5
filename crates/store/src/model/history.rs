//! A tenant's history, for a reader that keeps a copy of it.

use chrono::{DateTime, Utc};
use ticket::{Ticket, TicketId};

/// State of a tenant's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Revision of the last batch; a reader that has every change up to it has all of them.
    pub revision: i64,
    /// Start of this history: earlier revisions belong to another tenant or another database of the same name.
    pub since: DateTime<Utc>,
    /// Language of the tickets.
    pub language: String,
    /// Base URL of the helpdesk.
    pub helpdesk_url: String,
}

/// A changed row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The ticket.
    pub id: TicketId,
    /// Revision of the batch that wrote the row.
    pub revision: i64,
    /// The served ticket; `None` if it was withdrawn or has nothing to serve.
    pub ticket: Option<Ticket>,
    /// The ticket is older than the tenant keeps: a copy must delete its text.
    pub expired: bool,
}
