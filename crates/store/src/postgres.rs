//! PostgreSQL, for production.
//!
//! Each transaction, except for those on the schema, works as the role `precedent_service`. The role owns nothing,
//! cannot bypass row-level security and sees one tenant: the database returns no other row, whatever a statement asks
//! for. Role and tenant are set for the transaction only, so that a connection pooler between works as well.

mod advisory_lock;
mod isolation;
mod upsert;
mod upsert_sql;
pub(crate) mod write;

use std::time::Duration;

use sqlx::Connection as _;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use ticket::TenantId;

pub(crate) use advisory_lock::AdvisoryLock;

use crate::connection::Connection;
use crate::migration::{latest, migrated, reached, target_version};
use crate::scope::Scope;
use crate::transaction::Transaction;
use crate::{Migrated, Result, Schema};

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
}

impl Postgres {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let options: PgConnectOptions = url.parse()?;
        let pool = PgPoolOptions::new()
            .max_connections(5)
            .acquire_timeout(Duration::from_secs(10))
            // An import would ping before each batch; a connection that was in use a moment ago needs no ping.
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for > Duration::from_secs(1) {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await?;
        Ok(Self { pool })
    }

    /// Begins a transaction that sees the scope's rows, in one message: a busy machine is slow to answer each message.
    pub(crate) async fn begin<'e>(&self, scope: Scope<'e>) -> Result<Transaction<'e>> {
        let (tenant, operator, then) = match scope {
            Scope::Tenant(tenant) => (tenant.as_str(), "off", String::new()),
            Scope::Batch(tenant) => (tenant.as_str(), "off", write::begin(tenant)),
            Scope::Operator => ("", "on", String::new()),
        };
        // A tenant's id holds no quote.
        let begin = format!(
            "begin;
             set local role precedent_service;
             set local precedent.tenant_id = '{tenant}';
             set local precedent.operator = '{operator}';
             {PLANNING}
             {then}"
        );
        let begun = async {
            let connection = Connection::Postgres(self.pool.acquire().await?);
            Transaction::begin(connection, begin).await
        };
        begun.await.map_err(isolation::explain)
    }

    /// Returns the versions in the database and in this binary.
    pub(crate) async fn schema(&self) -> Result<Schema> {
        let (exists,): (bool,) = sqlx::query_as("select to_regclass('_sqlx_migrations') is not null")
            .fetch_one(&self.pool)
            .await?;
        let current = if exists {
            let versions: Vec<(i64,)> = sqlx::query_as("select version from _sqlx_migrations")
                .fetch_all(&self.pool)
                .await?;
            let versions: Vec<_> = versions.into_iter().map(|(version,)| version).collect();
            reached(&MIGRATIONS, &versions)
        } else {
            0
        };
        Ok(Schema {
            current,
            latest: latest(&MIGRATIONS),
        })
    }

    /// Migrates up or down to `target`, or up to the latest version.
    pub(crate) async fn migrate(&self, target: Option<i64>) -> Result<Migrated> {
        let from = self.schema().await?.current;
        let to = target_version(&MIGRATIONS, from, target)?;
        if to < from {
            MIGRATIONS.undo(&self.pool, to).await?;
        } else {
            MIGRATIONS.run_to(to, &self.pool).await?;
        }
        migrated(&self.pool, from, to).await
    }

    /// Acquires the tenant's advisory lock; `None` while another process holds it.
    pub(crate) async fn try_lock(&self, tenant: &TenantId) -> Result<Option<AdvisoryLock>> {
        AdvisoryLock::try_acquire(&self.pool.connect_options(), tenant).await
    }

    /// Returns the gaps in the isolation of tenants.
    pub(crate) async fn isolation_gaps(&self) -> Result<Vec<String>> {
        isolation::gaps(&self.pool).await
    }
}
