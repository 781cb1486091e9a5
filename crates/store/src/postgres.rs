//! PostgreSQL, where production lives.
//!
//! Every transaction but those on the schema works as the role `precedent_service`, which owns nothing, cannot
//! bypass row-level security, and sees one tenant: whatever a statement asks for, the database gives no other.
//! Role and tenant are set for the transaction only, which is right for a pooler between as well.

#[macro_use]
mod look_up;
mod apply;
mod isolation;
mod lock;
mod rows;
mod statements;

use std::collections::{BTreeSet, HashMap};
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
use crate::statements::rows::{KnownRow, TicketRow, digests_by_id, excerpt_columns, ticket_columns};
use crate::statements::schema::target_version;
use crate::statements::{fits, latest, reached};
use crate::transaction::Transaction;
pub(crate) use lock::Lock;

use crate::{
    Answer, ApiToken, Applied, AuditEntry, Backlog, Batch, Change, Error, Expired, Freshness, History, Job,
    JobKind, Known, Lease, Migrated, NewRun, News, Note, NoteKind, RejectedTicket, Result, Run, RunState,
    Schema, StoredDigest, Tenant, Webhook,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Every statement is made to walk an index, few rows at a time. Statistics of a table that was imported a minute ago are
/// missing or of another time, and by them PostgreSQL may rather read all of it for each page of tickets: an import then
/// takes a hundred times as long. What is off here is still done where nothing else is possible; compiling such a plan
/// would take longer than running it. A plan that was kept from an almost empty table would read all of a full one.
const PLANNING: &str = "
    set local plan_cache_mode = force_custom_plan;
    set local enable_seqscan = off;
    set local enable_bitmapscan = off;
    set local enable_hashjoin = off;
    set local enable_mergejoin = off;
    set local enable_sort = off;
    set local jit = off;";

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
        // A tenant's id holds no quote.
        let begin = format!(
            "begin;
             set local role precedent_service;
             set local precedent.tenant_id = '{tenant}';
             set local precedent.operator = '{operator}';
             {PLANNING}
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
        let to = target_version(&MIGRATIONS, from, target)?;
        if to < from {
            MIGRATIONS.undo(&self.pool, to).await?;
        } else {
            MIGRATIONS.run_to(to, &self.pool).await?;
        }
        statements::migrated(&mut *self.pool.acquire().await?, from, to).await
    }

    async fn find_isolation_gaps(&self) -> Result<Vec<String>> {
        isolation::gaps(&self.pool).await
    }
}

/// What is known of stored tickets.
async fn known(connection: &mut PgConnection, tenant: &TenantId, ids: &[TicketId]) -> Result<Known> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    let rows: Vec<KnownRow> = sqlx::query_as(concat!(
        "select stored.ticket_id, stored.source_updated_at, stored.source_digest, stored.resolved
             from unnest($2::text[]) as asked (id) ",
        stored_as!(
            "ticket_id, source_updated_at, source_digest, resolution <> '' as resolved",
            ", withdrawn_at, content_digest",
            "asked.id"
        ),
        " where stored.ticket_id = asked.id
                 and stored.withdrawn_at is null and stored.content_digest is not null"
    ))
    .bind(tenant.as_str())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    Ok(KnownRow::by_id(rows))
}

/// Digests of the content of served tickets.
async fn content_digests(
    connection: &mut PgConnection,
    tenant: &TenantId,
    ids: &[TicketId],
) -> Result<HashMap<TicketId, Option<Vec<u8>>>> {
    let ids: Vec<_> = ids.iter().map(TicketId::as_str).collect();
    let rows: Vec<(String, Option<Vec<u8>>)> = sqlx::query_as(concat!(
        "select stored.ticket_id, stored.content_digest from unnest($2::text[]) as asked (id) ",
        stored_as!(
            "ticket_id, content_digest",
            ", withdrawn_at, resolved_date",
            "asked.id"
        ),
        " where stored.ticket_id = asked.id
             and stored.withdrawn_at is null and stored.resolved_date is not null"
    ))
    .bind(tenant.as_str())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    Ok(digests_by_id(rows))
}

/// Notes that lists showed tickets.
async fn note_seen(
    connection: &mut PgConnection,
    tenant: &TenantId,
    ids: &[TicketId],
    now: DateTime<Utc>,
) -> Result<()> {
    // Ordered, so that two who note the same ones do not wait for each other; each once, as one statement must.
    let ids: BTreeSet<_> = ids.iter().map(TicketId::as_str).collect();
    sqlx::query(
        "insert into sightings (tenant_id, ticket_id, seen_at) select $1, id, $3 from unnest($2::text[]) as seen (id)
         on conflict (tenant_id, ticket_id) do update set seen_at = excluded.seen_at",
    )
    .bind(tenant.as_str())
    .bind(ids.into_iter().collect::<Vec<_>>())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// The state of a pace, locked for this transaction, and the time by the server's clock.
async fn lock_pace(connection: &mut PgConnection, tenant: &TenantId) -> Result<(Option<String>, i64)> {
    let (state, now_ms): (String, i64) = sqlx::query_as(
        "insert into pace (tenant_id, state) values ($1, '')
         on conflict (tenant_id) do update set state = pace.state
         returning state, (extract(epoch from clock_timestamp()) * 1000)::bigint",
    )
    .bind(tenant.as_str())
    .fetch_one(connection)
    .await?;
    Ok((Some(state).filter(|state| !state.is_empty()), now_ms))
}

/// Served tickets with these ids.
async fn tickets(connection: &mut PgConnection, tenant: &TenantId, ids: &[TicketId]) -> Result<Vec<Ticket>> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    let rows: Vec<TicketRow> = sqlx::query_as(concat!(
        "select stored.* from unnest($2::text[]) as asked (id) ",
        stored_as!(ticket_columns!(), ", withdrawn_at", "asked.id"),
        " where stored.ticket_id = asked.id and stored.withdrawn_at is null and stored.resolved_date is not null"
    ))
    .bind(tenant.as_str())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TicketRow::into_ticket).collect()
}

/// Served tickets with these ids, their texts cut.
async fn excerpts(connection: &mut PgConnection, tenant: &TenantId, ids: &[TicketId]) -> Result<Vec<Ticket>> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    let rows: Vec<TicketRow> = sqlx::query_as(concat!(
        "select ",
        excerpt_columns!(),
        " from ticket_history
          where tenant_id = $1 and ticket_id = any($2) and withdrawn_at is null and resolved_date is not null"
    ))
    .bind(tenant.as_str())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TicketRow::into_ticket).collect()
}
