//! SQLite, embedded: the default without a server.

mod apply;
mod statements;

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use ticket::{TenantId, Ticket, TicketId};
use uuid::Uuid;

use crate::shared::{fits, latest};
use crate::{Applied, Batch, Error, Learned, Migrated, NewRun, Result, Run, RunState, Schema, Store, Tenant};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// A pool of connections to one database.
pub(crate) struct Sqlite {
    pool: SqlitePool,
    /// Whether the schema was found to be what this program needs.
    checked: AtomicBool,
}

impl Sqlite {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await?;
        Ok(Self {
            pool,
            checked: AtomicBool::new(false),
        })
    }

    /// The pool, once the schema is known to fit.
    async fn ready(&self) -> Result<&SqlitePool> {
        if !self.checked.load(Ordering::Relaxed) {
            fits(self.schema().await?)?;
            self.checked.store(true, Ordering::Relaxed);
        }
        Ok(&self.pool)
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn schema(&self) -> Result<Schema> {
        let (exists,): (bool,) =
            sqlx::query_as("select count(*) > 0 from sqlite_master where name = '_sqlx_migrations'")
                .fetch_one(&self.pool)
                .await?;
        let current = if exists {
            let (version,): (Option<i64>,) = sqlx::query_as("select max(version) from _sqlx_migrations")
                .fetch_one(&self.pool)
                .await?;
            version.unwrap_or(0)
        } else {
            0
        };
        Ok(Schema {
            current,
            latest: latest(&MIGRATIONS),
        })
    }

    async fn migrate(&self, target: Option<i64>) -> Result<Migrated> {
        self.checked.store(false, Ordering::Relaxed);
        let from = self.schema().await?.current;
        statements::migrate(&self.pool, &MIGRATIONS, from, target).await
    }

    async fn add_tenant(&self, tenant: &Tenant) -> Result<()> {
        statements::add_tenant(self.ready().await?, tenant).await
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>> {
        statements::tenant(self.ready().await?, id).await
    }

    async fn tenants(&self) -> Result<Vec<Tenant>> {
        statements::tenants(self.ready().await?).await
    }

    async fn update_tenant(&self, tenant: &Tenant) -> Result<()> {
        statements::update_tenant(self.ready().await?, tenant).await
    }

    async fn set_learned(&self, id: &TenantId, learned: &Learned) -> Result<()> {
        statements::set_learned(self.ready().await?, id, learned).await
    }

    async fn remove_tenant(&self, id: &TenantId) -> Result<()> {
        statements::remove_tenant(self.ready().await?, id).await
    }

    async fn unfinished_run(&self, tenant: &TenantId, request: &str) -> Result<Option<Run>> {
        statements::unfinished_run(self.ready().await?, tenant, request).await
    }

    async fn start_run(&self, tenant: &TenantId, run: &NewRun, now: DateTime<Utc>) -> Result<Run> {
        let pool = self.ready().await?;
        statements::start_run(pool, tenant, run, now).await?;
        statements::run(pool, tenant, run.id)
            .await?
            .ok_or(Error::UnknownWindow(run.id))
    }

    async fn run(&self, tenant: &TenantId, id: Uuid) -> Result<Option<Run>> {
        statements::run(self.ready().await?, tenant, id).await
    }

    async fn set_run_state(
        &self,
        tenant: &TenantId,
        id: Uuid,
        state: RunState,
        error: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        statements::set_run_state(self.ready().await?, tenant, id, state, error, now).await
    }

    async fn source_times(
        &self,
        tenant: &TenantId,
        ids: &[TicketId],
    ) -> Result<HashMap<TicketId, Option<DateTime<Utc>>>> {
        let ids: Vec<_> = ids.iter().map(TicketId::as_str).collect();
        let rows: Vec<(String, Option<DateTime<Utc>>)> = sqlx::query_as(
            "select ticket_id, source_updated_at from ticket_history
             where tenant_id = $1 and ticket_id in (select value from json_each($2))
                 and withdrawn_at is null and content_digest is not null",
        )
        .bind(tenant.as_str())
        .bind(sqlx::types::Json(ids))
        .fetch_all(self.ready().await?)
        .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(id, time)| Some((TicketId::new(&id)?, time)))
            .collect())
    }

    async fn apply(&self, tenant: &TenantId, batch: &Batch) -> Result<Applied> {
        let pool = self.ready().await?;
        let mut tries = 0;
        loop {
            tries += 1;
            match statements::apply(pool, tenant, batch).await {
                Err(error) if error.is_transient() && tries < 5 => {
                    tokio::time::sleep(Duration::from_millis(50 * tries)).await;
                }
                result => return result,
            }
        }
    }

    async fn newest_tickets(&self, tenant: &TenantId, limit: u32) -> Result<Vec<Ticket>> {
        statements::newest_tickets(self.ready().await?, tenant, limit).await
    }
}
