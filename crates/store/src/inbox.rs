//! What helpdesks report, until it is worked off.

use chrono::{DateTime, Utc};
use ticket::TenantId;

/// Where a tenant's helpdesk reports to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Whose.
    pub tenant: TenantId,
    /// Names it in its address.
    pub id: String,
    /// Envelope with the secret that a report must show.
    pub secret: String,
    /// When it was made, or its secret last changed.
    pub created_at: DateTime<Utc>,
}

/// What a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// A resolved ticket, whole: `resolved`.
    Resolved,
    /// That something happened to a ticket, by its id: `changed`.
    Changed,
}

impl NoteKind {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::Changed => "changed",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Resolved, Self::Changed]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// A report, as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Names it: the same report twice is one.
    pub id: String,
    /// What it is.
    pub kind: NoteKind,
    /// What it says.
    pub body: String,
    /// When it came, the last time if more than once.
    pub received_at: DateTime<Utc>,
    /// When to work on it.
    pub due_at: DateTime<Utc>,
    /// How often that failed.
    pub attempts: u32,
    /// Why, the last time.
    pub error: Option<String>,
    /// When it was given up.
    pub failed_at: Option<DateTime<Utc>>,
}

impl Note {
    /// One that just came.
    pub fn new(
        id: String,
        kind: NoteKind,
        body: String,
        received_at: DateTime<Utc>,
        due_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            kind,
            body,
            received_at,
            due_at,
            attempts: 0,
            error: None,
            failed_at: None,
        }
    }
}

/// Notes of a tenant that wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Whose.
    pub tenant: String,
    /// How many, those that were given up left out.
    pub notes: u64,
    /// When the one that waits longest came.
    pub oldest: DateTime<Utc>,
    /// When the first is due.
    pub due_at: DateTime<Utc>,
}
