//! What is to be done for a tenant, by whichever worker is free.

use chrono::{DateTime, Utc};
use ticket::TenantId;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// Copies a range of the past: `import`.
    Import,
    /// Takes over what changed since the last time: `sync`.
    Sync,
    /// Compares everything that is stored: `reconcile`.
    Reconcile,
}

impl JobKind {
    /// The value of the column, and the name of the command.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Sync => "sync",
            Self::Reconcile => "reconcile",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Import, Self::Sync, Self::Reconcile]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Something that was asked for, or that failed and is to be tried again. What only has to be done from time to time
/// is no job until it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// For whom.
    pub tenant: TenantId,
    /// One of each kind a tenant.
    pub kind: JobKind,
    /// What was asked for, opaque here.
    pub arguments: Option<String>,
    /// When to do it; since when it waits.
    pub due_at: DateTime<Utc>,
    /// How often that failed in a row.
    pub attempts: u32,
    /// Why, the last time.
    pub error: Option<String>,
    /// When it was given up.
    pub failed_at: Option<DateTime<Utc>>,
}

impl Job {
    /// One that never failed.
    pub fn new(tenant: TenantId, kind: JobKind, arguments: Option<String>, due_at: DateTime<Utc>) -> Self {
        Self {
            tenant,
            kind,
            arguments,
            due_at,
            attempts: 0,
            error: None,
            failed_at: None,
        }
    }
}
