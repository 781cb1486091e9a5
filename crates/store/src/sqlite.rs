//! SQLite, embedded: the default without a server.
//!
//! A process that can read the file can read all of it: there are no roles, and a transaction sees every tenant.

mod file_lock;
pub(crate) mod write;

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use ticket::TenantId;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

pub(crate) use file_lock::FileLock;

use crate::connection::Connection;
use crate::migration::{latest, migrated, reached, target_version};
use crate::retry::Retries;
use crate::transaction::Transaction;
use crate::{Error, Migrated, Result, Schema};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// A pool of connections to one SQLite database.
pub(crate) struct Sqlite {
    pool: SqlitePool,
    /// The database file; `None` for a database in memory.
    file: Option<PathBuf>,
}

impl Sqlite {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        let file = options.get_filename().to_owned();
        let mut retries = Retries::new();
        let pool = loop {
            let pool = SqlitePoolOptions::new().max_connections(4);
            // One process at a time sets the journal mode of a new file; SQLite does not make the others wait.
            match pool.connect_with(options.clone()).await.map_err(Error::from) {
                Err(error) if retries.again(&error).await => {}
                connected => break connected?,
            }
        };
        Ok(Self {
            pool,
            file: file.is_file().then_some(file),
        })
    }

    /// Begins a transaction.
    pub(crate) async fn begin<'e>(&self) -> Result<Transaction<'e>> {
        let connection = Connection::Sqlite(self.pool.acquire().await?);
        Ok(Transaction::begin(connection, "begin".to_owned()).await?)
    }

    /// Returns the versions in the database and in this binary.
    pub(crate) async fn schema(&self) -> Result<Schema> {
        let mut retries = Retries::new();
        let current = loop {
            let look = async { current_version(&mut *self.pool.acquire().await?).await };
            match look.await {
                Err(error) if retries.again(&error).await => {}
                looked => break looked?,
            }
        };
        Ok(Schema {
            current,
            latest: latest(&MIGRATIONS),
        })
    }

    /// Migrates up or down to `target`, or up to the latest version.
    pub(crate) async fn migrate(&self, target: Option<i64>) -> Result<Migrated> {
        let mut retries = Retries::new();
        loop {
            let pool = self.pool.clone();
            // sqlx's migration is not `Send`.
            let migrating = move || Handle::current().block_on(migrate_at_once(&pool, target));
            let migrated = spawn_blocking(migrating).await.expect("no panic in a migration");
            match migrated {
                Err(error) if retries.again(&error).await => {}
                result => break result,
            }
        }
    }

    /// Acquires the tenant's file lock; `None` while another process holds it.
    pub(crate) fn try_lock(&self, tenant: &TenantId) -> Result<Option<FileLock>> {
        FileLock::try_acquire(self.file.as_deref(), tenant)
    }
}

/// Applies all versions on the way in one transaction that excludes other writers. A failure leaves the database
/// unchanged; of several processes one migrates while the others wait.
async fn migrate_at_once(pool: &SqlitePool, target: Option<i64>) -> Result<Migrated> {
    // sqlx's own transaction: each migration becomes a part of it.
    let mut transaction = pool.begin_with("begin immediate").await?;
    let from = current_version(&mut transaction).await?;
    let to = target_version(&MIGRATIONS, from, target)?;
    if to < from {
        MIGRATIONS.undo(&mut *transaction, to).await?;
    } else {
        MIGRATIONS.run_to(to, &mut *transaction).await?;
    }
    let migrated = migrated(&mut *transaction, from, to).await?;
    transaction.commit().await?;
    Ok(migrated)
}

async fn current_version(connection: &mut SqliteConnection) -> Result<i64> {
    let (exists,): (bool,) =
        sqlx::query_as("select count(*) > 0 from sqlite_master where name = '_sqlx_migrations'")
            .fetch_one(&mut *connection)
            .await?;
    if !exists {
        return Ok(0);
    }
    let versions: Vec<(i64,)> = sqlx::query_as("select version from _sqlx_migrations")
        .fetch_all(connection)
        .await?;
    let versions: Vec<_> = versions.into_iter().map(|(version,)| version).collect();
    Ok(reached(&MIGRATIONS, &versions))
}
