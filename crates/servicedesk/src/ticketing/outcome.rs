//! The outcome of a row.

use ticket::Ticket;

use super::fingerprint::SourceFingerprint;
use crate::Row;

/// The outcome of a row.
#[derive(Debug)]
pub enum Outcome {
    /// A ticket, with the form in which the source sent it.
    Ticket(Box<Ticket>, SourceFingerprint),
    /// A stored ticket that has not changed, by the time of its last update or by its digest.
    Unchanged,
    /// A row that cannot become a ticket.
    Rejected(Rejected),
}

/// A row that cannot become a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Id of the row, if it has one.
    pub id: Option<String>,
    /// Reason for the rejection.
    pub reason: String,
    /// The row's own JSON.
    pub raw: String,
}

impl Outcome {
    /// Returns the length of all texts in bytes.
    pub(super) fn text_bytes(&self) -> usize {
        match self {
            Self::Ticket(ticket, _) => ticket.text_bytes(),
            Self::Unchanged => 0,
            Self::Rejected(rejected) => rejected.raw.len(),
        }
    }

    pub(super) fn rejected(row: &Row, reason: String) -> Self {
        Self::Rejected(Rejected {
            id: row.id().map(|id| id.to_string()),
            reason,
            raw: row.json(),
        })
    }
}
