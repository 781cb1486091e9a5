//! A spontaneous change of a ticket, which the activity makes and a webhook reports.

use serde::Serialize;

/// One spontaneous change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Time of the change by the desk's clock.
    pub at_ms: i64,
    /// Real milliseconds between the start of the desk and the change.
    pub elapsed_ms: u64,
    /// Kind of change.
    pub kind: ChangeKind,
    /// Id of the ticket.
    pub id: String,
}

/// The kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A final ticket got another resolution.
    Edited,
    /// An open ticket was closed.
    Closed,
    /// A final ticket was reopened.
    Reopened,
    /// A closed ticket was added.
    Added,
    /// A final ticket was moved to the trash.
    Trashed,
    /// A ticket was restored from the trash.
    Restored,
}
