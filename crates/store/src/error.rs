//! What can go wrong with a store, by what the caller can do about it.

use ticket::TenantId;

/// A failure of the store. No message holds a connection URL or a ticket's text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL's scheme names no database that is supported.
    #[error("unsupported database URL: it must start with postgres://, postgresql:// or sqlite:")]
    UnsupportedUrl,
    /// The schema is older than this binary needs: run `precedent db migrate`.
    #[error("the database schema is at version {current}, this program needs {latest}")]
    NotMigrated {
        /// Version found; 0 for an empty database.
        current: i64,
        /// Version needed.
        latest: i64,
    },
    /// The schema is newer than this binary: upgrade the binary.
    #[error("the database schema is at version {current}, newer than this program's {latest}")]
    NewerSchema {
        /// Version found.
        current: i64,
        /// Newest version this binary knows.
        latest: i64,
    },
    /// No such version to migrate to.
    #[error("there is no schema version {0}")]
    UnknownVersion(i64),
    /// A tenant of this id exists already.
    #[error("tenant {0} exists already")]
    TenantExists(TenantId),
    /// Something is stored of an earlier tenant of this id, which may have been another customer.
    #[error("tickets or runs of an earlier tenant {0} are still stored")]
    RowsLeft(TenantId),
    /// No tenant of this id.
    #[error("tenant {0} not found")]
    TenantNotFound(TenantId),
    /// The database failed or is away.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A migration failed; it was rolled back.
    #[error("the schema could not be migrated")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A stored value that this binary cannot read.
    #[error("the column {column} holds a value that this program cannot read")]
    Corrupt {
        /// `table.column`
        column: &'static str,
    },
    /// Somebody else works on the tenant.
    #[error("tenant {tenant} is held by {holder}")]
    Held {
        /// The tenant.
        tenant: TenantId,
        /// Who has it.
        holder: crate::Holder,
    },
    /// Somebody else has taken the tenant over: nothing was stored.
    #[error("tenant {0} was taken over by another process")]
    Fenced(TenantId),
    /// The service's role, its rights or a table's protection are missing.
    #[error("the database does not keep tenants apart: {0}")]
    NotIsolated(String),
    /// The run, or this window of it, is not there: nothing was stored.
    #[error("run {0} has no such window")]
    UnknownWindow(uuid::Uuid),
}

impl Error {
    /// Whether the same transaction may succeed if it is tried again.
    pub fn is_transient(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| passes(&code)),
            _ => false,
        }
    }

    /// For a log line: the cause, without the connection's address.
    pub(crate) fn cause(&self) -> String {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.message().to_owned(),
            Self::Database(error) => error.to_string(),
            other => other.to_string(),
        }
    }
}

/// PostgreSQL: connection failures, shutdown and start, session timeouts, serialization failure, deadlock, lock timeout,
/// too many connections; a failed transaction, a server that became read-only, and an internal error, which is what the
/// loss of a node of a distributed database looks like: another connection may do. SQLite: busy, locked.
fn passes(code: &str) -> bool {
    let codes = [
        "57P01", "57P02", "57P03", "57P05", "40001", "40P01", "55P03", "53300", "25P02", "25P03", "25006",
        "XX000", "5", "6", "261", "262", "517",
    ];
    code.starts_with("08") || codes.contains(&code)
}
