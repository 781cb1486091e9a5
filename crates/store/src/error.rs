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
    /// The run, or this window of it, is not there: nothing was stored.
    #[error("run {0} has no such window")]
    UnknownWindow(uuid::Uuid),
}

impl Error {
    /// Whether the same transaction may succeed if it is tried again at once.
    pub fn is_transient(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        // PostgreSQL: serialization failure, deadlock. SQLite: busy, locked.
        error
            .code()
            .is_some_and(|code| ["40001", "40P01", "5", "6", "517"].contains(&code.as_ref()))
    }
}
