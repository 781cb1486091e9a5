//! Who works on a tenant: one at a time.
//!
//! Two means. A lock that ends with its holder, however that ends, makes others wait or take over at once: an
//! advisory lock on PostgreSQL, which a holder that hangs loses as well, a lock on a file beside an SQLite database.
//! What is right does not depend on it: each lease raises the tenant's epoch, and a batch of an older epoch is
//! refused in its own transaction.

use chrono::{DateTime, Utc};

use crate::postgres::Lock;

/// The right to write a tenant's tickets; ends when dropped.
#[derive(Debug)]
pub struct Lease {
    /// Goes with every batch.
    pub epoch: i64,
    /// Frees the lock when dropped, soon.
    pub(crate) guard: Guard,
}

/// What keeps others waiting.
#[derive(Debug)]
pub(crate) enum Guard {
    /// A connection of its own: the server frees its locks when it ends.
    Connection(Lock),
    /// The system frees its lock when it is closed.
    File { _file: std::fs::File },
    /// A database that no other process can open.
    Alone,
}

impl Guard {
    /// Frees the lock: the next one can have it when this returns.
    pub(crate) async fn free(self) {
        match self {
            Self::Connection(lock) => lock.free().await,
            Self::File { .. } | Self::Alone => {}
        }
    }
}

/// Who has a tenant, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// In the holder's own words.
    pub name: Option<String>,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.name.as_deref().unwrap_or("another process");
        match self.since {
            Some(since) => write!(formatter, "{name} since {}", since.to_rfc3339()),
            None => formatter.write_str(name),
        }
    }
}
