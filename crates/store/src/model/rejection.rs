//! A rejected ticket.

use chrono::{DateTime, Utc};

/// A ticket to store as rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Id of the ticket, if it has one.
    pub ticket_id: Option<String>,
    /// Reason, for an operator.
    pub reason: String,
    /// The source's own JSON, or the bytes that came in its place.
    pub raw: String,
}

/// A stored rejection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedTicket {
    /// Key of the rejection: the ticket's id, or a digest of its raw form.
    pub key: String,
    /// Id of the ticket, if it has one.
    pub ticket_id: Option<String>,
    /// Reason, for an operator.
    pub reason: String,
    /// The source's own JSON.
    pub raw: String,
    /// Time when it was last rejected.
    pub rejected_at: DateTime<Utc>,
}
