//! PostgreSQL, where production lives.
//!
//! Every transaction but those on the schema works as the role `precedent_service`, which owns nothing, cannot
//! bypass row-level security, and sees one tenant: whatever a statement asks for, the database gives no other.
//! Role and tenant are set for the transaction only, which is right for a pooler between as well.

mod apply;
mod isolation;
mod lock;
mod rows;
mod statements;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::Connection as _;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use ticket::{TenantId, Ticket, TicketId};
use uuid::Uuid;

use crate::delegate::{Scope, delegate, transact};
use crate::lease::Guard;
use crate::statements::rows::{KnownRow, TicketRow, ticket_columns};
use crate::statements::{fits, latest, reached};
use crate::transaction::Transaction;
pub(crate) use lock::Lock;

use crate::{
    ApiToken, Applied, AuditEntry, Backlog, Batch, Change, Error, Expired, Freshness, History, Job, JobKind,
    Known, Learned, Lease, Migrated, NewRun, Note, NoteKind, RejectedTicket, Result, Run, RunState, Schema,
    StoredDigest, Tenant, Webhook,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// A pool of connections to one database.
pub(crate) struct Postgres {
    pool: PgPool,
    options: PgConnectOptions,
    /// Whether the schema was found to be what this program needs.
    checked: AtomicBool,
}

delegate!(Postgres);

impl Postgres {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let options: PgConnectOptions = url.parse()?;
        let pool = PgPoolOptions::new()
            .max_connections(5)
            .acquire_timeout(Duration::from_secs(10))
            // A connection that was just in use is not asked whether it lives: an import would ask for each batch.
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for > Duration::from_secs(1) {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options.clone())
            .await?;
        Ok(Self {
            pool,
            options,
            checked: AtomicBool::new(false),
        })
    }

    /// The pool, once the schema is known to fit.
    async fn ready(&self) -> Result<&PgPool> {
        if !self.checked.load(Ordering::Relaxed) {
            fits(self.schema_versions().await?)?;
            self.checked.store(true, Ordering::Relaxed);
        }
        Ok(&self.pool)
    }

    /// A transaction that sees what the scope says, begun in one message: a busy machine takes long to answer each.
    async fn begin(&self, scope: Scope<'_>) -> Result<Transaction<sqlx::Postgres>> {
        let (tenant, operator, then) = match scope {
            Scope::Tenant(tenant) => (tenant.as_str(), "off", String::new()),
            Scope::Batch(tenant) => (tenant.as_str(), "off", apply::begin(tenant)),
            Scope::Operator => ("", "on", String::new()),
        };
        // Each statement is planned for the table as it is: a plan that was kept from an almost empty one reads all of it.
        // A tenant's id holds no quote.
        let begin = format!(
            "begin;
             set local role precedent_service;
             set local precedent.tenant_id = '{tenant}';
             set local precedent.operator = '{operator}';
             set local plan_cache_mode = force_custom_plan;
             {then}"
        );
        let pool = self.ready().await?;
        Transaction::begin(pool, begin).await.map_err(isolation::explain)
    }

    /// A lock that ends with its connection; `None` while somebody has it.
    async fn guard(&self, tenant: &TenantId) -> Result<Option<Guard>> {
        let lock = Lock::take(&self.options, tenant).await?;
        Ok(lock.map(Guard::Connection))
    }

    async fn schema_versions(&self) -> Result<Schema> {
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

    async fn migrate_to(&self, target: Option<i64>) -> Result<Migrated> {
        self.checked.store(false, Ordering::Relaxed);
        let from = self.schema_versions().await?.current;
        statements::migrate(&self.pool, &MIGRATIONS, from, target).await
    }

    async fn find_isolation_gaps(&self) -> Result<Vec<String>> {
        isolation::gaps(&self.pool).await
    }
}

/// What is known of stored tickets.
async fn known(connection: &mut PgConnection, tenant: &TenantId, ids: &[TicketId]) -> Result<Known> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    let rows: Vec<KnownRow> = sqlx::query_as(
        // `offset 0` keeps it one look-up in the index an id, also on a table without statistics.
        "select asked.id as ticket_id, stored.source_updated_at, stored.source_digest
         from unnest($2::text[]) as asked (id)
         cross join lateral (
             select source_updated_at, source_digest from ticket_history
             where tenant_id = $1 and ticket_id = asked.id
                 and withdrawn_at is null and content_digest is not null
             offset 0
         ) as stored",
    )
    .bind(tenant.as_str())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    Ok(KnownRow::by_id(rows))
}

/// Served tickets with these ids.
async fn tickets(connection: &mut PgConnection, tenant: &TenantId, ids: &[TicketId]) -> Result<Vec<Ticket>> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    let rows: Vec<TicketRow> = sqlx::query_as(concat!(
        "select ",
        ticket_columns!(),
        " from ticket_history
          where tenant_id = $1 and ticket_id = any($2) and withdrawn_at is null and resolved_date is not null"
    ))
    .bind(tenant.as_str())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TicketRow::into_ticket).collect()
}
