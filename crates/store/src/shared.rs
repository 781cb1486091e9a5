//! Statements that are the same in both databases, and the rows they give.
//!
//! sqlx keeps the databases apart by type, so each of them gets its own copy of these functions from one
//! text: the macro [`statements`].

use chrono::{DateTime, Utc};
use sqlx::migrate::Migrator;
use ticket::{TenantId, Ticket, TicketId};
use uuid::Uuid;

use crate::{Counts, Error, Learned, Result, Run, RunState, Schema, Tenant, Window};

/// A row of `tenant_configs`.
#[derive(sqlx::FromRow)]
pub(crate) struct TenantRow {
    tenant_id: String,
    name: String,
    edition: String,
    api: String,
    base_url: String,
    portal: Option<String>,
    accounts_url: Option<String>,
    credentials: String,
    ca_certificate: Option<String>,
    insecure: bool,
    requests_per_minute: i64,
    resolution_from_notes: bool,
    keep_html: bool,
    learned_pace: Option<i64>,
    probe: Option<String>,
    reauthorise_since: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TenantRow {
    pub(crate) fn into_tenant(self) -> Result<Tenant> {
        let corrupt = |column| Error::Corrupt { column };
        Ok(Tenant {
            id: self
                .tenant_id
                .parse::<TenantId>()
                .map_err(|_| corrupt("tenant_configs.tenant_id"))?,
            name: self.name,
            edition: self.edition,
            api: self.api,
            base_url: self.base_url,
            portal: self.portal,
            accounts_url: self.accounts_url,
            credentials: self.credentials,
            ca_certificate: self.ca_certificate,
            insecure: self.insecure,
            requests_per_minute: u32::try_from(self.requests_per_minute)
                .map_err(|_| corrupt("tenant_configs.requests_per_minute"))?,
            resolution_from_notes: self.resolution_from_notes,
            keep_html: self.keep_html,
            learned: Learned {
                pace: self
                    .learned_pace
                    .map(u32::try_from)
                    .transpose()
                    .map_err(|_| corrupt("tenant_configs.learned_pace"))?,
                probe: self.probe,
                reauthorise_since: self.reauthorise_since,
            },
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// A row of `import_runs`.
#[derive(sqlx::FromRow)]
pub(crate) struct RunRow {
    pub(crate) run_id: String,
    request: String,
    range_from: DateTime<Utc>,
    range_to: DateTime<Utc>,
    state: String,
    imported: i64,
    updated: i64,
    skipped: i64,
    rejected: i64,
    error: Option<String>,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

/// A row of `import_windows`.
#[derive(sqlx::FromRow)]
pub(crate) struct WindowRow {
    position: i32,
    plan: String,
    cursor: Option<String>,
    done: bool,
}

impl RunRow {
    pub(crate) fn into_run(self, windows: Vec<WindowRow>) -> Result<Run> {
        let count = |number: i64| {
            u64::try_from(number).map_err(|_| Error::Corrupt {
                column: "import_runs.imported",
            })
        };
        let states = [RunState::Running, RunState::Finished, RunState::Interrupted];
        let state = states.into_iter().find(|state| state.as_str() == self.state);
        Ok(Run {
            id: Uuid::parse_str(&self.run_id).map_err(|_| Error::Corrupt {
                column: "import_runs.run_id",
            })?,
            request: self.request,
            from: self.range_from,
            to: self.range_to,
            state: state.ok_or(Error::Corrupt {
                column: "import_runs.state",
            })?,
            counts: Counts {
                imported: count(self.imported)?,
                updated: count(self.updated)?,
                skipped: count(self.skipped)?,
                rejected: count(self.rejected)?,
            },
            error: self.error,
            started_at: self.started_at,
            finished_at: self.finished_at,
            windows: windows.into_iter().map(WindowRow::into_window).collect(),
        })
    }
}

impl WindowRow {
    fn into_window(self) -> Window {
        Window {
            position: self.position,
            plan: self.plan,
            cursor: self.cursor,
            done: self.done,
        }
    }
}

/// A row of `ticket_history`; what an adopted table may lack is optional.
#[derive(sqlx::FromRow)]
pub(crate) struct TicketRow {
    ticket_id: String,
    display_id: Option<String>,
    subject: Option<String>,
    description: String,
    resolution: Option<String>,
    resolved_date: DateTime<Utc>,
    source_updated_at: Option<DateTime<Utc>>,
    status: Option<String>,
    category: Option<String>,
    priority: Option<String>,
    url: Option<String>,
    tags: Option<sqlx::types::Json<Vec<String>>>,
    description_html: Option<String>,
    resolution_html: Option<String>,
}

impl TicketRow {
    pub(crate) fn into_ticket(self) -> Result<Ticket> {
        Ok(Ticket {
            id: TicketId::new(&self.ticket_id).ok_or(Error::Corrupt {
                column: "ticket_history.ticket_id",
            })?,
            display_id: self.display_id,
            subject: self.subject.unwrap_or_default(),
            description: self.description,
            resolution: self.resolution.unwrap_or_default(),
            resolved_at: self.resolved_date,
            source_updated_at: self.source_updated_at,
            status: self.status,
            category: self.category,
            priority: self.priority,
            url: self.url,
            tags: self.tags.map(|tags| tags.0).unwrap_or_default(),
            description_html: self.description_html,
            resolution_html: self.resolution_html,
        })
    }
}

/// The version a schema must have, and whether a target exists.
pub(crate) fn latest(migrator: &Migrator) -> i64 {
    migrator
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// Refuses a schema that this program does not fit.
pub(crate) fn fits(schema: Schema) -> Result<()> {
    let Schema { current, latest } = schema;
    match current.cmp(&latest) {
        std::cmp::Ordering::Less => Err(Error::NotMigrated { current, latest }),
        std::cmp::Ordering::Greater => Err(Error::NewerSchema { current, latest }),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

/// Defines the shared statements for one database's pool and connection types.
macro_rules! statements {
    ($pool:ty, $connection:ty) => {
        use chrono::{DateTime, Utc};
        use ticket::{TenantId, Ticket};
        use uuid::Uuid;

        use crate::shared::{RunRow, TenantRow, TicketRow, WindowRow, latest};
        use crate::{
            Batch, Counts, Duplicate, Error, Learned, Migrated, NewRun, Result, Run, RunState, Tenant,
        };

        pub(super) async fn migrate(
            pool: &$pool,
            migrator: &sqlx::migrate::Migrator,
            from: i64,
            target: Option<i64>,
        ) -> Result<Migrated> {
            let to = target.unwrap_or(latest(migrator));
            if to != 0 && !migrator.version_exists(to) {
                return Err(Error::UnknownVersion(to));
            }
            if from > latest(migrator) {
                return Err(Error::NewerSchema { current: from, latest: latest(migrator) });
            }
            if to < from {
                migrator.undo(pool, to).await?;
            } else {
                migrator.run_to(to, pool).await?;
            }
            let duplicates = if to > from && (from..to).contains(&1) { duplicates(pool).await? } else { Vec::new() };
            Ok(Migrated { from, to, duplicates })
        }

        async fn duplicates(pool: &$pool) -> Result<Vec<Duplicate>> {
            let rows: Vec<(String, String, i64)> = sqlx::query_as(
                "select tenant_id, ticket_id, count(*) from ticket_history_duplicates
                 group by tenant_id, ticket_id order by tenant_id, ticket_id",
            )
            .fetch_all(pool)
            .await?;
            let duplicate = |(tenant_id, ticket_id, rows): (_, _, i64)| Duplicate {
                tenant_id,
                ticket_id,
                rows: rows.unsigned_abs(),
            };
            Ok(rows.into_iter().map(duplicate).collect())
        }

        pub(super) async fn add_tenant(pool: &$pool, tenant: &Tenant) -> Result<()> {
            let added: Option<(String,)> = sqlx::query_as(
                "insert into tenant_configs
                     (tenant_id, name, edition, api, base_url, portal, accounts_url, credentials, ca_certificate,
                      insecure, requests_per_minute, resolution_from_notes, keep_html, created_at, updated_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                 on conflict (tenant_id) do nothing
                 returning tenant_id",
            )
            .bind(tenant.id.as_str())
            .bind(&tenant.name)
            .bind(&tenant.edition)
            .bind(&tenant.api)
            .bind(&tenant.base_url)
            .bind(&tenant.portal)
            .bind(&tenant.accounts_url)
            .bind(&tenant.credentials)
            .bind(&tenant.ca_certificate)
            .bind(tenant.insecure)
            .bind(i64::from(tenant.requests_per_minute))
            .bind(tenant.resolution_from_notes)
            .bind(tenant.keep_html)
            .bind(tenant.created_at)
            .bind(tenant.updated_at)
            .fetch_optional(pool)
            .await?;
            added.map(|_| ()).ok_or_else(|| Error::TenantExists(tenant.id.clone()))
        }

        pub(super) async fn update_tenant(pool: &$pool, tenant: &Tenant) -> Result<()> {
            let updated: Option<(String,)> = sqlx::query_as(
                "update tenant_configs
                 set name = $2, edition = $3, api = $4, base_url = $5, portal = $6, accounts_url = $7,
                     credentials = $8, ca_certificate = $9, insecure = $10, requests_per_minute = $11,
                     resolution_from_notes = $12, keep_html = $13, updated_at = $14
                 where tenant_id = $1
                 returning tenant_id",
            )
            .bind(tenant.id.as_str())
            .bind(&tenant.name)
            .bind(&tenant.edition)
            .bind(&tenant.api)
            .bind(&tenant.base_url)
            .bind(&tenant.portal)
            .bind(&tenant.accounts_url)
            .bind(&tenant.credentials)
            .bind(&tenant.ca_certificate)
            .bind(tenant.insecure)
            .bind(i64::from(tenant.requests_per_minute))
            .bind(tenant.resolution_from_notes)
            .bind(tenant.keep_html)
            .bind(tenant.updated_at)
            .fetch_optional(pool)
            .await?;
            updated.map(|_| ()).ok_or_else(|| Error::TenantNotFound(tenant.id.clone()))
        }

        pub(super) async fn set_learned(pool: &$pool, id: &TenantId, learned: &Learned) -> Result<()> {
            let updated: Option<(String,)> = sqlx::query_as(
                "update tenant_configs set learned_pace = $2, probe = $3, reauthorise_since = $4
                 where tenant_id = $1
                 returning tenant_id",
            )
            .bind(id.as_str())
            .bind(learned.pace.map(i64::from))
            .bind(&learned.probe)
            .bind(learned.reauthorise_since)
            .fetch_optional(pool)
            .await?;
            updated.map(|_| ()).ok_or_else(|| Error::TenantNotFound(id.clone()))
        }

        pub(super) async fn tenant(pool: &$pool, id: &TenantId) -> Result<Option<Tenant>> {
            let row: Option<TenantRow> = sqlx::query_as("select * from tenant_configs where tenant_id = $1")
                .bind(id.as_str())
                .fetch_optional(pool)
                .await?;
            row.map(TenantRow::into_tenant).transpose()
        }

        pub(super) async fn tenants(pool: &$pool) -> Result<Vec<Tenant>> {
            let rows: Vec<TenantRow> =
                sqlx::query_as("select * from tenant_configs order by tenant_id").fetch_all(pool).await?;
            rows.into_iter().map(TenantRow::into_tenant).collect()
        }

        pub(super) async fn remove_tenant(pool: &$pool, id: &TenantId) -> Result<()> {
            let removed: Option<(String,)> =
                sqlx::query_as("delete from tenant_configs where tenant_id = $1 returning tenant_id")
                    .bind(id.as_str())
                    .fetch_optional(pool)
                    .await?;
            removed.map(|_| ()).ok_or_else(|| Error::TenantNotFound(id.clone()))
        }

        pub(super) async fn unfinished_run(
            pool: &$pool,
            tenant: &TenantId,
            request: &str,
        ) -> Result<Option<Run>> {
            let row: Option<RunRow> = sqlx::query_as(
                "select * from import_runs
                 where tenant_id = $1 and request = $2 and state <> 'finished'
                 order by started_at desc limit 1",
            )
            .bind(tenant.as_str())
            .bind(request)
            .fetch_optional(pool)
            .await?;
            with_windows(pool, tenant, row).await
        }

        pub(super) async fn run(pool: &$pool, tenant: &TenantId, id: Uuid) -> Result<Option<Run>> {
            let row: Option<RunRow> =
                sqlx::query_as("select * from import_runs where tenant_id = $1 and run_id = $2")
                    .bind(tenant.as_str())
                    .bind(id.to_string())
                    .fetch_optional(pool)
                    .await?;
            with_windows(pool, tenant, row).await
        }

        async fn with_windows(pool: &$pool, tenant: &TenantId, row: Option<RunRow>) -> Result<Option<Run>> {
            let Some(row) = row else { return Ok(None) };
            let windows: Vec<WindowRow> = sqlx::query_as(
                "select position, plan, cursor, done from import_windows
                 where tenant_id = $1 and run_id = $2 order by position",
            )
            .bind(tenant.as_str())
            .bind(&row.run_id)
            .fetch_all(pool)
            .await?;
            row.into_run(windows).map(Some)
        }

        pub(super) async fn start_run(
            pool: &$pool,
            tenant: &TenantId,
            run: &NewRun,
            now: DateTime<Utc>,
        ) -> Result<()> {
            let mut transaction = pool.begin().await?;
            sqlx::query(
                "insert into import_runs (tenant_id, run_id, request, range_from, range_to, state, started_at)
                 values ($1, $2, $3, $4, $5, 'running', $6)",
            )
            .bind(tenant.as_str())
            .bind(run.id.to_string())
            .bind(&run.request)
            .bind(run.from)
            .bind(run.to)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
            for (position, window) in (0_i32..).zip(&run.windows) {
                sqlx::query(
                    "insert into import_windows (tenant_id, run_id, position, plan) values ($1, $2, $3, $4)",
                )
                .bind(tenant.as_str())
                .bind(run.id.to_string())
                .bind(position)
                .bind(&window.plan)
                .execute(&mut *transaction)
                .await?;
            }
            Ok(transaction.commit().await?)
        }

        pub(super) async fn set_run_state(
            pool: &$pool,
            tenant: &TenantId,
            id: Uuid,
            state: RunState,
            error: Option<&str>,
            now: DateTime<Utc>,
        ) -> Result<()> {
            sqlx::query(
                "update import_runs set state = $3, error = $4, finished_at = $5
                 where tenant_id = $1 and run_id = $2",
            )
            .bind(tenant.as_str())
            .bind(id.to_string())
            .bind(state.as_str())
            .bind(error)
            .bind((state != RunState::Running).then_some(now))
            .execute(pool)
            .await?;
            Ok(())
        }

        pub(super) async fn newest_tickets(
            pool: &$pool,
            tenant: &TenantId,
            limit: u32,
        ) -> Result<Vec<Ticket>> {
            let rows: Vec<TicketRow> = sqlx::query_as(
                "select ticket_id, display_id, subject, description, resolution, resolved_date,
                        source_updated_at, status, category, priority, url, tags, description_html, resolution_html
                 from ticket_history
                 where tenant_id = $1 and withdrawn_at is null and resolved_date is not null
                 order by resolved_date desc, ticket_id limit $2",
            )
            .bind(tenant.as_str())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?;
            rows.into_iter().map(TicketRow::into_ticket).collect()
        }

        /// Locks the tenant for this transaction and gives the revision to stamp rows with.
        pub(super) async fn next_revision(connection: &mut $connection, tenant: &TenantId) -> Result<i64> {
            let row: Option<(i64,)> = sqlx::query_as(
                "update tenant_configs set revision = revision + 1 where tenant_id = $1 returning revision",
            )
            .bind(tenant.as_str())
            .fetch_optional(connection)
            .await?;
            row.map(|(revision,)| revision).ok_or_else(|| Error::TenantNotFound(tenant.clone()))
        }

        /// Moves the checkpoint and adds the counts.
        pub(super) async fn note_progress(
            connection: &mut $connection,
            tenant: &TenantId,
            batch: &Batch,
            counts: &Counts,
        ) -> Result<()> {
            let window: Option<(i32,)> = sqlx::query_as(
                "update import_windows set cursor = coalesce($4, cursor), done = (done or $5)
                 where tenant_id = $1 and run_id = $2 and position = $3
                 returning position",
            )
            .bind(tenant.as_str())
            .bind(batch.run.to_string())
            .bind(batch.window)
            .bind(&batch.cursor)
            .bind(batch.window_done)
            .fetch_optional(&mut *connection)
            .await?;
            window.ok_or(Error::UnknownWindow(batch.run))?;
            let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            sqlx::query(
                "update import_runs set imported = imported + $3, updated = updated + $4, skipped = skipped + $5,
                        rejected = rejected + $6
                 where tenant_id = $1 and run_id = $2",
            )
            .bind(tenant.as_str())
            .bind(batch.run.to_string())
            .bind(number(counts.imported))
            .bind(number(counts.updated))
            .bind(number(counts.skipped))
            .bind(number(counts.rejected))
            .execute(connection)
            .await?;
            Ok(())
        }

        /// Sets tickets aside; one that is rejected again replaces its row.
        pub(super) async fn reject(
            connection: &mut $connection,
            tenant: &TenantId,
            batch: &Batch,
            rejections: impl Iterator<Item = &crate::Rejection>,
        ) -> Result<u64> {
            let mut rejected = 0;
            for rejection in rejections {
                let row = crate::refused::row(rejection);
                sqlx::query(
                    "insert into rejected_tickets
                         (tenant_id, rejection_key, ticket_id, reason, raw, run_id, rejected_at)
                     values ($1, $2, $3, $4, $5, $6, $7)
                     on conflict (tenant_id, rejection_key) do update
                     set reason = excluded.reason, raw = excluded.raw, run_id = excluded.run_id,
                         rejected_at = excluded.rejected_at",
                )
                .bind(tenant.as_str())
                .bind(row.key)
                .bind(row.ticket_id)
                .bind(row.reason)
                .bind(row.raw)
                .bind(batch.run.to_string())
                .bind(batch.now)
                .execute(&mut *connection)
                .await?;
                rejected += 1;
            }
            Ok(rejected)
        }
    };
}

pub(crate) use statements;
