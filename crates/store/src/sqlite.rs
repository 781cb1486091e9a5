//! SQLite, embedded: the default without a server.

mod apply;
mod statements;

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use ticket::{TenantId, Ticket, TicketId};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::delegate::{Scope, delegate, transact};
use crate::lease::Guard;
use crate::statements::rows::{KnownRow, TicketRow, digests_by_id, excerpt_columns, ticket_columns};
use crate::statements::schema::target_version;
use crate::statements::{fits, latest, reached};
use crate::transaction::Transaction;
use crate::{
    Answer, ApiToken, Applied, AuditEntry, Backlog, Batch, Change, Error, Expired, Freshness, History, Job,
    JobKind, Known, Lease, Migrated, NewRun, News, Note, NoteKind, RejectedTicket, Result, Run, RunState,
    Schema, StoredDigest, Tenant, Webhook,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// A pool of connections to one database.
pub(crate) struct Sqlite {
    pool: SqlitePool,
    /// The database; `None` where it is in memory.
    file: Option<PathBuf>,
    /// Whether the schema was found to be what this program needs.
    checked: AtomicBool,
}

delegate!(Sqlite);

impl Sqlite {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        let file = options.get_filename().to_owned();
        let mut retries = crate::retry::Retries::new();
        let pool = loop {
            let pool = SqlitePoolOptions::new().max_connections(4);
            // A new file is put into its journal mode by one process at a time; the others are not made to wait.
            match pool.connect_with(options.clone()).await.map_err(Error::from) {
                Err(error) if retries.again(&error).await => {}
                connected => break connected?,
            }
        };
        Ok(Self {
            pool,
            file: file.is_file().then_some(file),
            checked: AtomicBool::new(false),
        })
    }

    /// The pool, once the schema is known to fit.
    async fn ready(&self) -> Result<&SqlitePool> {
        if !self.checked.load(Ordering::Relaxed) {
            fits(self.schema_versions().await?)?;
            self.checked.store(true, Ordering::Relaxed);
        }
        Ok(&self.pool)
    }

    /// A transaction. Whoever can read the file can read all of it: there are no roles to switch to.
    async fn begin(&self, _scope: Scope<'_>) -> Result<Transaction<sqlx::Sqlite>> {
        Ok(Transaction::begin(self.ready().await?, "begin".to_owned()).await?)
    }

    /// A lock on a file beside the database, which the system frees when this process ends; `None` while
    /// somebody has it. The file is named by a digest of the tenant's id: some file systems do not tell `A` from `a`.
    async fn guard(&self, tenant: &TenantId) -> Result<Option<Guard>> {
        let Some(database) = &self.file else {
            return Ok(Some(Guard::Alone));
        };
        let mut name = database.file_name().unwrap_or_default().to_owned();
        let digest = Sha256::digest(tenant.as_str().as_bytes());
        name.push(format!("-{}.lock", hex::encode(&digest[..16])));
        let failed = |error: std::io::Error| Error::Database(sqlx::Error::Io(error));
        let file = File::create(database.with_file_name(name)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Guard::File { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    async fn schema_versions(&self) -> Result<Schema> {
        let mut retries = crate::retry::Retries::new();
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

    async fn migrate_to(&self, target: Option<i64>) -> Result<Migrated> {
        self.checked.store(false, Ordering::Relaxed);
        let mut retries = crate::retry::Retries::new();
        loop {
            let pool = self.pool.clone();
            // What sqlx migrates with cannot move between threads while it waits.
            let migrating = move || Handle::current().block_on(migrate_at_once(&pool, target));
            let migrated = spawn_blocking(migrating).await.expect("no panic in a migration");
            match migrated {
                Err(error) if retries.again(&error).await => {}
                result => break result,
            }
        }
    }

    async fn find_isolation_gaps(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

/// All versions on the way in one transaction, in which nobody else writes: one that fails leaves the database as it was,
/// and of several processes one migrates while the others wait.
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
    let migrated = statements::migrated(&mut transaction, from, to).await?;
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

/// What is known of stored tickets.
async fn known(connection: &mut SqliteConnection, tenant: &TenantId, ids: &[TicketId]) -> Result<Known> {
    let ids: Vec<_> = ids.iter().map(TicketId::as_str).collect();
    let rows: Vec<KnownRow> = sqlx::query_as(
        "select ticket_id, source_updated_at, source_digest, resolution <> '' as resolved from ticket_history
         where tenant_id = $1 and ticket_id in (select value from json_each($2))
             and withdrawn_at is null and content_digest is not null",
    )
    .bind(tenant.as_str())
    .bind(sqlx::types::Json(ids))
    .fetch_all(connection)
    .await?;
    Ok(KnownRow::by_id(rows))
}

/// Digests of the content of served tickets.
async fn content_digests(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    ids: &[TicketId],
) -> Result<HashMap<TicketId, Option<Vec<u8>>>> {
    let ids: Vec<_> = ids.iter().map(TicketId::as_str).collect();
    let rows: Vec<(String, Option<Vec<u8>>)> = sqlx::query_as(
        "select ticket_id, content_digest from ticket_history
         where tenant_id = $1 and ticket_id in (select value from json_each($2))
             and withdrawn_at is null and resolved_date is not null",
    )
    .bind(tenant.as_str())
    .bind(sqlx::types::Json(ids))
    .fetch_all(connection)
    .await?;
    Ok(digests_by_id(rows))
}

/// Notes that lists showed tickets.
async fn note_seen(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    ids: &[TicketId],
    now: DateTime<Utc>,
) -> Result<()> {
    let ids: Vec<_> = ids.iter().map(TicketId::as_str).collect();
    sqlx::query(
        // Without `where` the parser takes `on` for a join.
        "insert into sightings (tenant_id, ticket_id, seen_at) select $1, value, $3 from json_each($2) where true
         on conflict (tenant_id, ticket_id) do update set seen_at = excluded.seen_at",
    )
    .bind(tenant.as_str())
    .bind(sqlx::types::Json(ids))
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// The state of a pace, locked for this transaction, and the time by this machine's clock: the database is on it.
async fn lock_pace(connection: &mut SqliteConnection, tenant: &TenantId) -> Result<(Option<String>, i64)> {
    let (state,): (String,) = sqlx::query_as(
        "insert into pace (tenant_id, state) values ($1, '')
         on conflict (tenant_id) do update set state = pace.state
         returning state",
    )
    .bind(tenant.as_str())
    .fetch_one(connection)
    .await?;
    let since_epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let now_ms = i64::try_from(since_epoch.as_millis()).unwrap_or(0);
    Ok((Some(state).filter(|state| !state.is_empty()), now_ms))
}

/// Served tickets with these ids.
async fn tickets(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    ids: &[TicketId],
) -> Result<Vec<Ticket>> {
    let ids: Vec<_> = ids.iter().map(TicketId::as_str).collect();
    let rows: Vec<TicketRow> = sqlx::query_as(concat!(
        "select ",
        ticket_columns!(),
        " from ticket_history
          where tenant_id = $1 and ticket_id in (select value from json_each($2)) and withdrawn_at is null and resolved_date is not null"
    ))
    .bind(tenant.as_str())
    .bind(sqlx::types::Json(ids))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TicketRow::into_ticket).collect()
}

/// Served tickets with these ids, their texts cut.
async fn excerpts(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    ids: &[TicketId],
) -> Result<Vec<Ticket>> {
    let ids: Vec<_> = ids.iter().map(TicketId::as_str).collect();
    let rows: Vec<TicketRow> = sqlx::query_as(concat!(
        "select ",
        excerpt_columns!(),
        " from ticket_history
          where tenant_id = $1 and ticket_id in (select value from json_each($2)) and withdrawn_at is null and resolved_date is not null"
    ))
    .bind(tenant.as_str())
    .bind(sqlx::types::Json(ids))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TicketRow::into_ticket).collect()
}
