//! PostgreSQL, for production.
//!
//! Each transaction, except for those on the schema, works as one of three roles, which own nothing and cannot bypass
//! row-level security. `precedent_service` sees one tenant: the database returns no other row, whatever a statement asks
//! for. `precedent_scheduler` reads the lists of all tenants, and `precedent_operator` the audit log. Role and tenant are
//! set for the transaction only, so that a connection pooler between works as well.

mod advisory_lock;
mod isolation;
mod pooler;
mod session;
mod upsert;
mod upsert_sql;
mod version;
pub(crate) mod write;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool};
use ticket::TenantId;
use tokio::sync::OnceCell;

pub(crate) use advisory_lock::AdvisoryLock;
pub(crate) use session::Session;

use crate::connection::Connection;
use crate::migration::{latest, migrated, reached, target_version};
use crate::scope::Scope;
use crate::transaction::Transaction;
use crate::{Error, Migrated, Result, Schema};

/// Role that works for one tenant.
const SERVICE: &str = "precedent_service";

/// Role that reads lists of all tenants.
const SCHEDULER: &str = "precedent_scheduler";

/// Role that reads the whole audit log and retires keys.
const OPERATOR: &str = "precedent_operator";

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Planner settings: each statement walks an index, a few rows at a time. After an import the table's statistics are
/// missing or outdated, and with them PostgreSQL may read the whole table for each page of tickets, which makes an
/// import a hundred times as slow. PostgreSQL still uses a disabled method where no other is possible. Compiling such a
/// plan would take longer than running it. A cached plan from an almost empty table would read all of a full one.
const PLANNING: &str = "
    set local plan_cache_mode = force_custom_plan;
    set local enable_seqscan = off;
    set local enable_bitmapscan = off;
    set local enable_hashjoin = off;
    set local enable_mergejoin = off;
    set local enable_sort = off;
    set local jit = off;";

/// A pool of connections to one PostgreSQL database.
pub(crate) struct Postgres {
    pool: PgPool,
    /// No pooler gives one session to several clients.
    keeps_sessions: bool,
    lock_options: Option<PgConnectOptions>,
    checked_lock_options: OnceCell<PgConnectOptions>,
}

impl Postgres {
    /// Connects to a server, or to a pooler before it. `lock_url` is the address of the server for leases and migrations
    /// behind a pooler that shares sessions.
    pub(crate) async fn connect(url: &str, lock_url: Option<&str>) -> Result<Self> {
        let lock_options = lock_url.map(options).transpose()?;
        let (pool, keeps_sessions) = pooler::connect(options(url)?).await?;
        Ok(Self {
            pool,
            keeps_sessions,
            lock_options,
            checked_lock_options: OnceCell::new(),
        })
    }

    /// Returns how to connect to a session that stays the same, or fails with `SharedSessions`.
    pub(crate) async fn session_options(&self) -> Result<&PgConnectOptions> {
        let checked = self
            .checked_lock_options
            .get_or_try_init(async || match &self.lock_options {
                Some(options) if pooler::keeps_sessions(options).await? => Ok(options.clone()),
                None if self.keeps_sessions => Ok(PgConnectOptions::clone(&self.pool.connect_options())),
                _ => Err(Error::SharedSessions),
            });
        checked.await
    }

    /// Begins a transaction that sees the scope's rows, in one message: a busy machine is slow to answer each message.
    pub(crate) async fn begin<'e>(&self, scope: Scope<'e>) -> Result<Transaction<'e>> {
        let (role, tenant, then) = match scope {
            Scope::Tenant(tenant) => (SERVICE, tenant.as_str(), String::new()),
            Scope::Batch(tenant) => (SERVICE, tenant.as_str(), write::begin(tenant)),
            Scope::Lists => (SCHEDULER, "", String::new()),
            Scope::Operator => (OPERATOR, "", String::new()),
        };
        // A tenant's id holds no quote.
        let begin = format!(
            "begin;
             set local role {role};
             set local precedent.tenant_id = '{tenant}';
             {PLANNING}
             {then}"
        );
        let begun = async { Transaction::begin(self.acquire().await?, begin).await };
        begun.await.map_err(isolation::explain)
    }

    /// Returns the versions in the database and in this binary.
    pub(crate) async fn schema(&self) -> Result<Schema> {
        let applied = version::applied(self.begin_as_login().await?).await?;
        Ok(Schema {
            current: reached(&MIGRATIONS, &applied),
            latest: latest(&MIGRATIONS),
        })
    }

    /// Migrates up or down to `target`, or up to the latest version.
    pub(crate) async fn migrate(&self, target: Option<i64>) -> Result<Migrated> {
        let from = self.schema().await?.current;
        let to = target_version(&MIGRATIONS, from, target)?;
        let pool = if self.keeps_sessions {
            self.pool.clone()
        } else {
            PgPool::connect_with(self.session_options().await?.clone()).await?
        };
        if to < from {
            MIGRATIONS.undo(&pool, to).await?;
        } else {
            MIGRATIONS.run_to(to, &pool).await?;
        }
        migrated(&pool, from, to).await
    }

    /// Acquires the tenant's advisory lock; `None` while another process holds it.
    pub(crate) async fn try_lock(&self, tenant: &TenantId) -> Result<Option<AdvisoryLock>> {
        AdvisoryLock::try_acquire(self.session_options().await?, tenant).await
    }

    /// Returns the gaps in the isolation of tenants.
    pub(crate) async fn isolation_gaps(&self) -> Result<Vec<String>> {
        isolation::gaps(self.begin_as_login().await?).await
    }

    /// Returns what is worth knowing about the login.
    pub(crate) async fn login_notes(&self) -> Result<Vec<String>> {
        isolation::notes(self.begin_as_login().await?).await
    }

    /// Begins a transaction with the rights of the login.
    async fn begin_as_login<'e>(&self) -> Result<Transaction<'e>> {
        Ok(Transaction::begin(self.acquire().await?, "begin".to_owned()).await?)
    }

    async fn acquire(&self) -> sqlx::Result<Connection> {
        let connection = self.pool.acquire().await?;
        Ok(Connection::Postgres(Session::new(
            connection,
            self.keeps_sessions,
        )))
    }
}

/// Reads a URL. Poolers refuse the parameter that sqlx sends for precise floating-point numbers; there are none here.
fn options(url: &str) -> sqlx::Result<PgConnectOptions> {
    Ok(url.parse::<PgConnectOptions>()?.extra_float_digits(None))
}
