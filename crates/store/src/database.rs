//! The two databases behind the store.

use ticket::TenantId;

use crate::lease_lock::LeaseLock;
use crate::postgres::Postgres;
use crate::scope::Scope;
use crate::sqlite::Sqlite;
use crate::transaction::Transaction;
use crate::{Error, Migrated, Result, Schema};

/// A pool of connections to one database.
pub(crate) enum Database {
    Postgres(Box<Postgres>),
    Sqlite(Sqlite),
}

impl Database {
    pub(crate) async fn connect(url: &str, lock_url: Option<&str>) -> Result<Self> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("postgres" | "postgresql") => {
                let postgres = Postgres::connect(url, lock_url).await?;
                Ok(Self::Postgres(Box::new(postgres)))
            }
            Some("sqlite") => Ok(Self::Sqlite(Sqlite::connect(url).await?)),
            _ => Err(Error::UnsupportedUrl),
        }
    }

    /// Begins a transaction that sees the scope's rows.
    pub(crate) async fn begin<'e>(&self, scope: Scope<'e>) -> Result<Transaction<'e>> {
        match self {
            Self::Postgres(database) => database.begin(scope).await,
            Self::Sqlite(database) => database.begin().await,
        }
    }

    /// Returns the versions in the database and in this binary.
    pub(crate) async fn schema(&self) -> Result<Schema> {
        match self {
            Self::Postgres(database) => database.schema().await,
            Self::Sqlite(database) => database.schema().await,
        }
    }

    /// Migrates up or down to `target`, or up to the latest version.
    pub(crate) async fn migrate(&self, target: Option<i64>) -> Result<Migrated> {
        match self {
            Self::Postgres(database) => database.migrate(target).await,
            Self::Sqlite(database) => database.migrate(target).await,
        }
    }

    /// Locks the tenant for its lease; `None` while another process holds the lock.
    pub(crate) async fn try_lock(&self, tenant: &TenantId) -> Result<Option<LeaseLock>> {
        match self {
            Self::Postgres(database) => Ok(database.try_lock(tenant).await?.map(LeaseLock::Advisory)),
            Self::Sqlite(database) => Ok(database.try_lock(tenant)?.map(|_lock| LeaseLock::File { _lock })),
        }
    }

    /// Fails with `SharedSessions` if no lease can be acquired.
    pub(crate) async fn check_sessions(&self) -> Result<()> {
        match self {
            Self::Postgres(database) => database.session_options().await.map(drop),
            Self::Sqlite(_) => Ok(()),
        }
    }

    /// Returns the gaps in the isolation of tenants.
    pub(crate) async fn isolation_gaps(&self) -> Result<Vec<String>> {
        match self {
            Self::Postgres(database) => database.isolation_gaps().await,
            Self::Sqlite(_) => Ok(Vec::new()),
        }
    }

    /// Returns what is worth knowing about the login.
    pub(crate) async fn login_notes(&self) -> Result<Vec<String>> {
        match self {
            Self::Postgres(database) => database.login_notes().await,
            Self::Sqlite(_) => Ok(Vec::new()),
        }
    }
}
