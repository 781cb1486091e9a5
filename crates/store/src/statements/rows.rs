//! Rows as both databases give them, and what they become.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ticket::{TenantId, Ticket, TicketId};
use uuid::Uuid;

use crate::{
    ApiToken, Change, Counts, Error, Freshness, Job, JobKind, Known, KnownTicket, Learned, Note, NoteKind,
    Result, Run, RunKind, RunState, Tenant, Window,
};

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
    keep_days: Option<i64>,
    language: String,
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
            keep_days: self
                .keep_days
                .map(u32::try_from)
                .transpose()
                .map_err(|_| corrupt("tenant_configs.keep_days"))?,
            language: self.language,
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

/// A row of `api_tokens`.
#[derive(sqlx::FromRow)]
pub(crate) struct TokenRow {
    token_id: String,
    name: String,
    secret_digest: Vec<u8>,
    scopes: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

impl TokenRow {
    pub(crate) fn into_token(self, tenant: &TenantId) -> ApiToken {
        ApiToken {
            tenant: tenant.clone(),
            id: self.token_id,
            name: self.name,
            secret_digest: self.secret_digest,
            scopes: self.scopes,
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
        }
    }
}

/// A row of `inbox`.
#[derive(sqlx::FromRow)]
pub(crate) struct NoteRow {
    note_id: String,
    kind: String,
    body: String,
    received_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    attempts: i32,
    error: Option<String>,
    failed_at: Option<DateTime<Utc>>,
}

impl NoteRow {
    pub(crate) fn into_note(self) -> Result<Note> {
        let kind = NoteKind::parse(&self.kind);
        Ok(Note {
            id: self.note_id,
            kind: kind.ok_or(Error::Corrupt { column: "inbox.kind" })?,
            body: self.body,
            received_at: self.received_at,
            due_at: self.due_at,
            attempts: self.attempts.unsigned_abs(),
            error: self.error,
            failed_at: self.failed_at,
        })
    }
}

/// A row of `jobs`.
#[derive(sqlx::FromRow)]
pub(crate) struct JobRow {
    tenant_id: String,
    kind: String,
    arguments: Option<String>,
    due_at: DateTime<Utc>,
    attempts: i32,
    error: Option<String>,
    failed_at: Option<DateTime<Utc>>,
}

impl JobRow {
    pub(crate) fn into_job(self) -> Result<Job> {
        let corrupt = |column| Error::Corrupt { column };
        Ok(Job {
            tenant: self.tenant_id.parse().map_err(|_| corrupt("jobs.tenant_id"))?,
            kind: JobKind::parse(&self.kind).ok_or_else(|| corrupt("jobs.kind"))?,
            arguments: self.arguments,
            due_at: self.due_at,
            attempts: self.attempts.unsigned_abs(),
            error: self.error,
            failed_at: self.failed_at,
        })
    }
}

/// What is known of a row of `ticket_history`.
#[derive(sqlx::FromRow)]
pub(crate) struct KnownRow {
    ticket_id: String,
    source_updated_at: Option<DateTime<Utc>>,
    source_digest: Option<Vec<u8>>,
    /// Null where the resolution is.
    resolved: Option<bool>,
}

/// Digests of content by the ticket.
pub(crate) fn digests_by_id(rows: Vec<(String, Option<Vec<u8>>)>) -> HashMap<TicketId, Option<Vec<u8>>> {
    rows.into_iter()
        .filter_map(|(id, digest)| Some((TicketId::new(&id)?, digest)))
        .collect()
}

impl KnownRow {
    pub(crate) fn by_id(rows: Vec<Self>) -> Known {
        let entry = |row: Self| {
            Some((
                TicketId::new(&row.ticket_id)?,
                KnownTicket {
                    changed_at: row.source_updated_at,
                    source_digest: row.source_digest,
                    resolved: row.resolved.unwrap_or(false),
                },
            ))
        };
        rows.into_iter().filter_map(entry).collect()
    }
}

/// How true a history is, from `tenant_configs` and `import_runs`.
#[derive(sqlx::FromRow)]
pub(crate) struct FreshnessRow {
    tenant_id: String,
    imported_at: Option<DateTime<Utc>>,
    synced_to: Option<DateTime<Utc>>,
    synced_at: Option<DateTime<Utc>>,
    reconciled_at: Option<DateTime<Utc>>,
}

impl FreshnessRow {
    pub(crate) fn into_freshness(self) -> Result<(TenantId, Freshness)> {
        let tenant = self.tenant_id.parse().map_err(|_| Error::Corrupt {
            column: "tenant_configs.tenant_id",
        })?;
        let freshness = Freshness {
            imported_at: self.imported_at,
            synced_to: self.synced_to,
            synced_at: self.synced_at,
            reconciled_at: self.reconciled_at,
        };
        Ok((tenant, freshness))
    }
}

/// The columns of [`FreshnessRow`].
macro_rules! freshness_columns {
    () => {
        "select tenant_id, synced_to, synced_at, reconciled_at,
                (select started_at from import_runs
                 where import_runs.tenant_id = tenant_configs.tenant_id and kind = 'import' and state = 'finished'
                 order by started_at limit 1) as imported_at
         from tenant_configs"
    };
}

pub(crate) use freshness_columns;

/// A row of `import_runs`.
#[derive(sqlx::FromRow)]
pub(crate) struct RunRow {
    pub(crate) run_id: String,
    kind: String,
    request: String,
    range_from: DateTime<Utc>,
    range_to: DateTime<Utc>,
    state: String,
    imported: i64,
    updated: i64,
    skipped: i64,
    rejected: i64,
    withdrawn: i64,
    latest_change: Option<DateTime<Utc>>,
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
            kind: RunKind::parse(&self.kind).ok_or(Error::Corrupt {
                column: "import_runs.kind",
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
            withdrawn: count(self.withdrawn)?,
            latest_change: self.latest_change,
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

/// The columns of a [`TicketRow`].
macro_rules! ticket_columns {
    () => {
        "ticket_id, display_id, subject, description, resolution, resolved_date, source_updated_at, status, category, \
         priority, url, tags, description_html, resolution_html"
    };
}

pub(crate) use ticket_columns;

/// The columns of a [`TicketRow`] for the search: every text is cut to a length far above that of real tickets, a list of
/// tags beyond it is left out, and there is no HTML. The database cuts, so a giant text never reaches this process.
macro_rules! excerpt_columns {
    () => {
        "ticket_id, substr(display_id, 1, 1000) as display_id, substr(subject, 1, 10000) as subject, \
         substr(description, 1, 100000) as description, substr(resolution, 1, 100000) as resolution, resolved_date, \
         source_updated_at, substr(status, 1, 1000) as status, substr(category, 1, 1000) as category, \
         substr(priority, 1, 1000) as priority, url, \
         case when length(cast(tags as text)) <= 100000 then tags end as tags, \
         null as description_html, null as resolution_html"
    };
}

pub(crate) use excerpt_columns;
/// Whether the stored ticket is served and has the content that came; if only the digest of the source's own form is
/// another, as after an upgrade, that digest is all that changes.
macro_rules! same_content {
    () => {
        "ticket_history.withdrawn_at is null and ticket_history.content_digest = excluded.content_digest"
    };
}

/// A value of the incoming ticket, or the stored one where the content is the same.
macro_rules! unless_same {
    ($column:literal, $new:literal) => {
        concat!(
            "        ",
            $column,
            " = case when ",
            same_content!(),
            " then ticket_history.",
            $column,
            " else ",
            $new,
            " end,\n"
        )
    };
}

/// What becomes of a stored ticket that comes again, up to the condition under which it does.
macro_rules! replace_stored {
    () => {
        concat!(
            "
    on conflict (tenant_id, ticket_id) do update set
        display_id = excluded.display_id,
        subject = excluded.subject,
        description = excluded.description,
        resolution = excluded.resolution,
        resolved_date = excluded.resolved_date,
        tags = excluded.tags,
        status = excluded.status,
        category = excluded.category,
        priority = excluded.priority,
        url = excluded.url,
        source_updated_at = excluded.source_updated_at,
        content_digest = excluded.content_digest,
        description_html = excluded.description_html,
        resolution_html = excluded.resolution_html,
        source_digest = excluded.source_digest,
",
            unless_same!("source", "excluded.source"),
            unless_same!("ingested_at", "excluded.ingested_at"),
            unless_same!("updated_at", "excluded.updated_at"),
            unless_same!("revision", "excluded.revision"),
            unless_same!("version", "ticket_history.version + 1"),
            "        withdrawn_at = null,
        expired_at = null
    "
        )
    };
}

/// The condition for a ticket that was read at its source: what is stored is not newer. A form without a time, as that of
/// a ticket that was never edited, replaces only what was stored before the reading began, at `$21`.
macro_rules! if_not_older {
    () => {
        "(
            case when excluded.source_updated_at is null
                then ticket_history.updated_at is null or ticket_history.updated_at <= $21
                else ticket_history.source_updated_at is null
                    or excluded.source_updated_at >= ticket_history.source_updated_at
            end
        )"
    };
}

/// The condition for a report, which says what was true at its own time and may be sent again at any later one: it is
/// from after the ticket was withdrawn, and newer than what is stored. Of two reports of the same time the later to come
/// counts, but none replaces what was read at the source itself.
macro_rules! if_report_is_news {
    () => {
        "(
            (
                ticket_history.withdrawn_at is null
                or excluded.source_updated_at > ticket_history.withdrawn_at
            )
            and (
                coalesce(ticket_history.source_updated_at, ticket_history.resolved_date) is null
                or excluded.source_updated_at
                    > coalesce(ticket_history.source_updated_at, ticket_history.resolved_date)
                or excluded.source_updated_at
                    = coalesce(ticket_history.source_updated_at, ticket_history.resolved_date)
                    and ticket_history.source_digest is null
            )
        )"
    };
}

pub(crate) use replace_stored;
pub(crate) use {if_not_older, if_report_is_news, same_content, unless_same};

/// A row of `ticket_history`; what an adopted table may lack is optional.
#[derive(sqlx::FromRow)]
pub(crate) struct TicketRow {
    ticket_id: String,
    display_id: Option<String>,
    subject: Option<String>,
    description: String,
    resolution: Option<String>,
    resolved_date: Option<DateTime<Utc>>,
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
    fn id(&self) -> Result<TicketId> {
        TicketId::new(&self.ticket_id).ok_or(Error::Corrupt {
            column: "ticket_history.ticket_id",
        })
    }

    pub(crate) fn into_ticket(self) -> Result<Ticket> {
        Ok(Ticket {
            id: self.id()?,
            display_id: self.display_id,
            subject: self.subject.unwrap_or_default(),
            description: self.description,
            resolution: self.resolution.unwrap_or_default(),
            resolved_at: self.resolved_date.ok_or(Error::Corrupt {
                column: "ticket_history.resolved_date",
            })?,
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

/// A row of `ticket_history` for a reader that catches up.
#[derive(sqlx::FromRow)]
pub(crate) struct ChangeRow {
    #[sqlx(flatten)]
    row: TicketRow,
    revision: i64,
    withdrawn: bool,
    expired: bool,
}

impl ChangeRow {
    pub(crate) fn into_change(self) -> Result<Change> {
        Ok(Change {
            id: self.row.id()?,
            revision: self.revision,
            ticket: (!self.withdrawn).then(|| self.row.into_ticket()).transpose()?,
            expired: self.expired,
        })
    }
}
