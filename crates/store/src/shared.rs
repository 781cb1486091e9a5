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
    pub(crate) fn is_finished(&self) -> bool {
        self.state == RunState::Finished.as_str()
    }

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
        use ticket::{TenantId, Ticket, TicketId};
        use uuid::Uuid;

        use crate::shared::{RunRow, TenantRow, TicketRow, WindowRow, latest};
        use crate::{
            AuditEntry, Batch, Counts, Duplicate, Error, Holder, Learned, Migrated, NewRun, Progress,
            RejectedTicket, Result, Run, RunState, StoredDigest, Tenant,
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

        pub(super) async fn add_tenant(connection: &mut $connection, tenant: &Tenant) -> Result<()> {
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
            .fetch_optional(&mut *connection)
            .await?;
            added.map(|_| ()).ok_or_else(|| Error::TenantExists(tenant.id.clone()))
        }

        pub(super) async fn update_tenant(connection: &mut $connection, tenant: &Tenant) -> Result<()> {
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
            .fetch_optional(&mut *connection)
            .await?;
            updated.map(|_| ()).ok_or_else(|| Error::TenantNotFound(tenant.id.clone()))
        }

        pub(super) async fn set_learned(connection: &mut $connection, id: &TenantId, learned: &Learned) -> Result<()> {
            let updated: Option<(String,)> = sqlx::query_as(
                "update tenant_configs set learned_pace = $2, probe = $3, reauthorise_since = $4
                 where tenant_id = $1
                 returning tenant_id",
            )
            .bind(id.as_str())
            .bind(learned.pace.map(i64::from))
            .bind(&learned.probe)
            .bind(learned.reauthorise_since)
            .fetch_optional(&mut *connection)
            .await?;
            updated.map(|_| ()).ok_or_else(|| Error::TenantNotFound(id.clone()))
        }

        pub(super) async fn tenant(connection: &mut $connection, id: &TenantId) -> Result<Option<Tenant>> {
            let row: Option<TenantRow> = sqlx::query_as("select * from tenant_configs where tenant_id = $1")
                .bind(id.as_str())
                .fetch_optional(&mut *connection)
                .await?;
            row.map(TenantRow::into_tenant).transpose()
        }

        pub(super) async fn tenants(connection: &mut $connection) -> Result<Vec<Tenant>> {
            let rows: Vec<TenantRow> =
                sqlx::query_as("select * from tenant_configs order by tenant_id").fetch_all(&mut *connection).await?;
            rows.into_iter().map(TenantRow::into_tenant).collect()
        }

        pub(super) async fn replace_envelope(
            connection: &mut $connection,
            id: &TenantId,
            from: &str,
            to: &str,
        ) -> Result<bool> {
            let replaced: Option<(String,)> = sqlx::query_as(
                "update tenant_configs set credentials = $3 where tenant_id = $1 and credentials = $2
                 returning tenant_id",
            )
            .bind(id.as_str())
            .bind(from)
            .bind(to)
            .fetch_optional(&mut *connection)
            .await?;
            Ok(replaced.is_some())
        }

        pub(super) async fn remove_tenant(connection: &mut $connection, id: &TenantId) -> Result<()> {
            let removed: Option<(String,)> =
                sqlx::query_as("delete from tenant_configs where tenant_id = $1 returning tenant_id")
                    .bind(id.as_str())
                    .fetch_optional(&mut *connection)
                    .await?;
            removed.map(|_| ()).ok_or_else(|| Error::TenantNotFound(id.clone()))
        }

        pub(super) async fn unfinished_run(
            connection: &mut $connection,
            tenant: &TenantId,
            request: &str,
        ) -> Result<Option<Run>> {
            let row: Option<RunRow> = sqlx::query_as(
                "select * from import_runs
                 where tenant_id = $1 and request = $2
                 order by started_at desc, run_id desc limit 1",
            )
            .bind(tenant.as_str())
            .bind(request)
            .fetch_optional(&mut *connection)
            .await?;
            let row = row.filter(|row| !row.is_finished());
            with_windows(connection, tenant, row).await
        }

        pub(super) async fn run(connection: &mut $connection, tenant: &TenantId, id: Uuid) -> Result<Option<Run>> {
            let row: Option<RunRow> =
                sqlx::query_as("select * from import_runs where tenant_id = $1 and run_id = $2")
                    .bind(tenant.as_str())
                    .bind(id.to_string())
                    .fetch_optional(&mut *connection)
                    .await?;
            with_windows(connection, tenant, row).await
        }

        async fn with_windows(connection: &mut $connection, tenant: &TenantId, row: Option<RunRow>) -> Result<Option<Run>> {
            let Some(row) = row else { return Ok(None) };
            let windows: Vec<WindowRow> = sqlx::query_as(
                "select position, plan, cursor, done from import_windows
                 where tenant_id = $1 and run_id = $2 order by position",
            )
            .bind(tenant.as_str())
            .bind(&row.run_id)
            .fetch_all(&mut *connection)
            .await?;
            row.into_run(windows).map(Some)
        }

        pub(super) async fn start_run(
            connection: &mut $connection,
            tenant: &TenantId,
            run: &NewRun,
            now: DateTime<Utc>,
        ) -> Result<Option<Run>> {
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
            .execute(&mut *connection)
            .await?;
            for (position, window) in (0_i32..).zip(&run.windows) {
                sqlx::query(
                    "insert into import_windows (tenant_id, run_id, position, plan) values ($1, $2, $3, $4)",
                )
                .bind(tenant.as_str())
                .bind(run.id.to_string())
                .bind(position)
                .bind(&window.plan)
                .execute(&mut *connection)
                .await?;
            }
            self::run(connection, tenant, run.id).await
        }

        pub(super) async fn set_run_state(
            connection: &mut $connection,
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
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        pub(super) async fn newest_tickets(
            connection: &mut $connection,
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
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter().map(TicketRow::into_ticket).collect()
        }

        /// Locks the tenant for this transaction and gives the revision to stamp rows with; refuses an older
        /// holder.
        pub(super) async fn next_revision(
            connection: &mut $connection,
            tenant: &TenantId,
            epoch: i64,
        ) -> Result<i64> {
            let row: Option<(i64, i64)> = sqlx::query_as(
                "update tenant_configs set revision = revision + 1 where tenant_id = $1
                 returning revision, epoch",
            )
            .bind(tenant.as_str())
            .fetch_optional(&mut *connection)
            .await?;
            match row {
                Some((revision, current)) if current == epoch => Ok(revision),
                Some(_) => Err(Error::Fenced(tenant.clone())),
                None => Err(Error::TenantNotFound(tenant.clone())),
            }
        }

        /// Takes the tenant: whoever had it can store nothing more.
        pub(super) async fn take(
            connection: &mut $connection,
            tenant: &TenantId,
            holder: &str,
            now: DateTime<Utc>,
        ) -> Result<i64> {
            let row: Option<(i64,)> = sqlx::query_as(
                "update tenant_configs set epoch = epoch + 1, holder = $2, held_since = $3 where tenant_id = $1
                 returning epoch",
            )
            .bind(tenant.as_str())
            .bind(holder)
            .bind(now)
            .fetch_optional(&mut *connection)
            .await?;
            row.map(|(epoch,)| epoch).ok_or_else(|| Error::TenantNotFound(tenant.clone()))
        }

        pub(super) async fn holder(connection: &mut $connection, tenant: &TenantId) -> Result<Holder> {
            let row: Option<(Option<String>, Option<DateTime<Utc>>)> =
                sqlx::query_as("select holder, held_since from tenant_configs where tenant_id = $1")
                    .bind(tenant.as_str())
                    .fetch_optional(&mut *connection)
                    .await?;
            let (name, since) = row.ok_or_else(|| Error::TenantNotFound(tenant.clone()))?;
            Ok(Holder { name, since })
        }

        /// Notes that nobody has the tenant, unless somebody else took it.
        pub(super) async fn release(connection: &mut $connection, tenant: &TenantId, epoch: i64) -> Result<()> {
            sqlx::query(
                "update tenant_configs set holder = null, held_since = null where tenant_id = $1 and epoch = $2",
            )
            .bind(tenant.as_str())
            .bind(epoch)
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        pub(super) async fn runs(connection: &mut $connection, tenant: &TenantId, limit: u32) -> Result<Vec<Run>> {
            let rows: Vec<RunRow> = sqlx::query_as(
                "select * from import_runs where tenant_id = $1 order by started_at desc, run_id desc limit $2",
            )
            .bind(tenant.as_str())
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter().map(|row| row.into_run(Vec::new())).collect()
        }

        /// Whether the batch's checkpoint is in the database: after a connection that broke while committing.
        pub(super) async fn is_applied(
            connection: &mut $connection,
            tenant: &TenantId,
            progress: &Progress,
        ) -> Result<bool> {
            let row: Option<(Option<String>, bool)> = sqlx::query_as(
                "select cursor, done from import_windows
                 where tenant_id = $1 and run_id = $2 and position = $3",
            )
            .bind(tenant.as_str())
            .bind(progress.run.to_string())
            .bind(progress.window)
            .fetch_optional(&mut *connection)
            .await?;
            Ok(row.is_some_and(|(cursor, done)| {
                (progress.cursor.is_none() || cursor == progress.cursor) && (done || !progress.window_done)
            }))
        }

        pub(super) async fn rejected(
            connection: &mut $connection,
            tenant: &TenantId,
            limit: u32,
        ) -> Result<Vec<RejectedTicket>> {
            let rows: Vec<(String, Option<String>, String, String, DateTime<Utc>)> = sqlx::query_as(
                "select rejection_key, ticket_id, reason, raw, rejected_at from rejected_tickets
                 where tenant_id = $1 order by rejection_key limit $2",
            )
            .bind(tenant.as_str())
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            let rejected = |(key, ticket_id, reason, raw, rejected_at)| RejectedTicket {
                key,
                ticket_id,
                reason,
                raw,
                rejected_at,
            };
            Ok(rows.into_iter().map(rejected).collect())
        }

        /// Takes a ticket off the list of those set aside.
        pub(super) async fn forget_rejected(
            connection: &mut $connection,
            tenant: &TenantId,
            key: &str,
        ) -> Result<()> {
            sqlx::query("delete from rejected_tickets where tenant_id = $1 and rejection_key = $2")
                .bind(tenant.as_str())
                .bind(key)
                .execute(&mut *connection)
                .await?;
            Ok(())
        }

        /// Served tickets that were resolved within a range, both ends included, ordered by id after `after`.
        pub(super) async fn digests(
            connection: &mut $connection,
            tenant: &TenantId,
            from: DateTime<Utc>,
            to: DateTime<Utc>,
            after: &str,
            limit: u32,
        ) -> Result<Vec<StoredDigest>> {
            let rows: Vec<(String, Option<Vec<u8>>)> = sqlx::query_as(
                "select ticket_id, content_digest from ticket_history
                 where tenant_id = $1 and resolved_date >= $2 and resolved_date <= $3 and ticket_id > $4
                     and withdrawn_at is null
                 order by ticket_id limit $5",
            )
            .bind(tenant.as_str())
            .bind(from)
            .bind(to)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            let digest = |(id, digest): (String, _)| {
                let id = TicketId::new(&id).ok_or(Error::Corrupt {
                    column: "ticket_history.ticket_id",
                })?;
                Ok(StoredDigest { id, digest })
            };
            rows.into_iter().map(digest).collect()
        }

        /// Marks tickets that are gone at the source: kept, never served.
        pub(super) async fn withdraw(
            connection: &mut $connection,
            tenant: &TenantId,
            epoch: i64,
            ids: &[TicketId],
            now: DateTime<Utc>,
        ) -> Result<()> {
            let revision = next_revision(connection, tenant, epoch).await?;
            for id in ids {
                sqlx::query(
                    "update ticket_history set withdrawn_at = $3, updated_at = $3, revision = $4
                     where tenant_id = $1 and ticket_id = $2 and withdrawn_at is null",
                )
                .bind(tenant.as_str())
                .bind(id.as_str())
                .bind(now)
                .bind(revision)
                .execute(&mut *connection)
                .await?;
            }
            Ok(())
        }

        pub(super) async fn audit(connection: &mut $connection, entry: &AuditEntry) -> Result<()> {
            sqlx::query(
                "insert into audit_log (tenant_id, entry_id, at, actor, origin, action, detail)
                 values ($1, $2, $3, $4, $5, $6, $7)
                 on conflict do nothing",
            )
            .bind(entry.tenant.as_ref().map_or("", TenantId::as_str))
            .bind(entry.id.to_string())
            .bind(entry.at)
            .bind(&entry.actor)
            .bind(&entry.origin)
            .bind(&entry.action)
            .bind(&entry.detail)
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        /// The newest entries, of one tenant or of all.
        pub(super) async fn audit_entries(
            connection: &mut $connection,
            tenant: Option<&TenantId>,
            limit: u32,
        ) -> Result<Vec<AuditEntry>> {
            let rows: Vec<(String, String, DateTime<Utc>, String, String, String, String)> = sqlx::query_as(
                "select tenant_id, entry_id, at, actor, origin, action, detail from audit_log
                 where $1 = '' or tenant_id = $1
                 order by at desc, entry_id desc limit $2",
            )
            .bind(tenant.map_or("", TenantId::as_str))
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            let entry = |(tenant, id, at, actor, origin, action, detail): (String, String, _, _, _, _, _)| {
                Ok(AuditEntry {
                    id: Uuid::parse_str(&id).map_err(|_| Error::Corrupt {
                        column: "audit_log.entry_id",
                    })?,
                    tenant: tenant.parse().ok(),
                    at,
                    actor,
                    origin,
                    action,
                    detail,
                })
            };
            rows.into_iter().map(entry).collect()
        }

        pub(super) async fn retire_key(
            connection: &mut $connection,
            key_id: &str,
            now: DateTime<Utc>,
        ) -> Result<()> {
            sqlx::query("insert into retired_keys (key_id, retired_at) values ($1, $2) on conflict do nothing")
                .bind(key_id)
                .bind(now)
                .execute(&mut *connection)
                .await?;
            Ok(())
        }

        pub(super) async fn is_key_retired(connection: &mut $connection, key_id: &str) -> Result<bool> {
            let row: Option<(String,)> = sqlx::query_as("select key_id from retired_keys where key_id = $1")
                .bind(key_id)
                .fetch_optional(&mut *connection)
                .await?;
            Ok(row.is_some())
        }

        /// Moves the checkpoint and adds the counts.
        pub(super) async fn note_progress(
            connection: &mut $connection,
            tenant: &TenantId,
            progress: &Progress,
            counts: &Counts,
        ) -> Result<()> {
            let window: Option<(i32,)> = sqlx::query_as(
                "update import_windows set cursor = coalesce($4, cursor), done = (done or $5)
                 where tenant_id = $1 and run_id = $2 and position = $3
                 returning position",
            )
            .bind(tenant.as_str())
            .bind(progress.run.to_string())
            .bind(progress.window)
            .bind(&progress.cursor)
            .bind(progress.window_done)
            .fetch_optional(&mut *connection)
            .await?;
            window.ok_or(Error::UnknownWindow(progress.run))?;
            let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            sqlx::query(
                "update import_runs set imported = imported + $3, updated = updated + $4, skipped = skipped + $5,
                        rejected = rejected + $6
                 where tenant_id = $1 and run_id = $2",
            )
            .bind(tenant.as_str())
            .bind(progress.run.to_string())
            .bind(number(counts.imported))
            .bind(number(counts.updated))
            .bind(number(counts.skipped))
            .bind(number(counts.rejected))
            .execute(&mut *connection)
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
                .bind(batch.progress.as_ref().map_or_else(String::new, |progress| progress.run.to_string()))
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
