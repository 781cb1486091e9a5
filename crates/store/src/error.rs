//! Errors of the store, by the caller's next step.

use ticket::TenantId;

use crate::model::Holder;

/// Result of every method of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the store. No message holds a connection URL or a ticket's text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL's scheme names no supported database.
    #[error("unsupported database URL: it must start with postgres://, postgresql:// or sqlite:")]
    UnsupportedUrl,
    /// The schema is older than this binary needs: run `precedent db migrate`.
    #[error("the database schema is at version {current}, this program needs {latest}")]
    NotMigrated {
        /// Version of the database; 0 for an empty one.
        current: i64,
        /// Version that this binary needs.
        latest: i64,
    },
    /// The schema is newer than this binary: upgrade the binary.
    #[error("the database schema is at version {current}, newer than this program's {latest}")]
    NewerSchema {
        /// Version of the database.
        current: i64,
        /// Newest version that this binary knows.
        latest: i64,
    },
    /// The target of a migration does not exist.
    #[error("schema version {0} does not exist")]
    UnknownVersion(i64),
    /// A tenant with this id exists.
    #[error("tenant {0} already exists")]
    TenantExists(TenantId),
    /// Rows of an earlier tenant with this id are stored; it may have been another customer.
    #[error("tickets or runs of an earlier tenant {0} are still stored")]
    RowsLeft(TenantId),
    /// No tenant has this id.
    #[error("tenant {0} not found")]
    TenantNotFound(TenantId),
    /// The database failed or cannot be reached.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A migration failed; it was rolled back.
    #[error("failed to migrate the schema")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// This binary cannot read a stored value.
    #[error("the column {column} holds a value that this program cannot read")]
    Corrupt {
        /// `table.column`
        column: &'static str,
    },
    /// Another process holds the tenant's lease.
    #[error("tenant {tenant} is held by {holder}")]
    Held {
        /// The tenant.
        tenant: TenantId,
        /// Holder of the lease.
        holder: Holder,
    },
    /// Another process has acquired the tenant's lease since; the store kept nothing of the call.
    #[error("tenant {0} was taken over by another process")]
    Fenced(TenantId),
    /// The tenant's tickets would take more than its quota; the store kept nothing of the call.
    #[error("tenant {tenant} has used its quota of {limit_mib} MiB for tickets: no further ticket is stored")]
    QuotaFull {
        /// The tenant.
        tenant: TenantId,
        /// Its quota in MiB.
        limit_mib: u64,
    },
    /// A pooler gives sessions of the database to several clients in turn, and no other address is known.
    #[error(
        "a pooler shares the sessions of the database between clients; leases and migrations need their own"
    )]
    SharedSessions,
    /// The service's role, its permissions or a table's row-level security are missing.
    #[error("the database does not isolate tenants: {0}")]
    NotIsolated(String),
    /// The run has no such window, or does not exist; the store kept nothing of the call.
    #[error("run {0} has no such window")]
    UnknownWindow(uuid::Uuid),
}

impl Error {
    /// Returns whether the same transaction may succeed on a retry.
    pub fn is_transient(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| is_transient_code(&code)),
            _ => false,
        }
    }

    /// Returns the cause for a log line, without the connection's address.
    pub(crate) fn cause(&self) -> String {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.message().to_owned(),
            Self::Database(error) => error.to_string(),
            other => other.to_string(),
        }
    }
}

/// Returns whether a database's error code names a condition that passes. PostgreSQL: connection failures, shutdown and
/// start, session timeouts, serialization failure, deadlock, lock timeout, too many connections. Another connection may
/// also help after a failed transaction, on a server that became read-only, and after an internal error, which a
/// distributed database reports when it loses a node. SQLite: busy, locked.
fn is_transient_code(code: &str) -> bool {
    let codes = [
        "57P01", "57P02", "57P03", "57P05", "40001", "40P01", "55P03", "53300", "25P02", "25P03", "25006",
        "XX000", "5", "6", "261", "262", "517",
    ];
    code.starts_with("08") || codes.contains(&code)
}
