//! The trait that both databases implement.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ticket::{TenantId, Ticket, TicketId};
use uuid::Uuid;

use crate::{
    Answer, ApiToken, Applied, AuditEntry, Backlog, Batch, Change, Expired, Freshness, History, Job, JobKind,
    Lease, NewRun, News, Note, NoteKind, RejectedTicket, Result, Run, RunState, StoredDigest, Tenant,
    Webhook,
};

/// Version of the schema in the database and in this binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Version found; 0 where nothing was migrated yet.
    pub current: i64,
    /// Newest version that this binary knows.
    pub latest: i64,
}

/// What a migration did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Version before.
    pub from: i64,
    /// Version now.
    pub to: i64,
    /// Rows of an adopted table that had the same tenant and ticket as a newer row: kept in
    /// `ticket_history_duplicates`, ordered by tenant and ticket.
    pub duplicates: Vec<Duplicate>,
}

/// A ticket that an adopted table held more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Tenant of the rows.
    pub tenant_id: String,
    /// Ticket of the rows.
    pub ticket_id: String,
    /// Rows set aside; the newest stayed.
    pub rows: u64,
}

/// What is known of stored tickets.
pub type Known = HashMap<TicketId, KnownTicket>;

/// What is known of a stored ticket, as far as it was stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownTicket {
    /// When the source had last changed it.
    pub changed_at: Option<DateTime<Utc>>,
    /// Digest of the source's own form.
    pub source_digest: Option<Vec<u8>>,
    /// It has a resolution.
    pub resolved: bool,
}

/// What changes the state of a pace, `None` at first, at a time in milliseconds since the epoch. Called once or more.
pub type PaceChange<'a> = &'a (dyn Fn(Option<&str>, i64) -> String + Send + Sync);

/// A database of tenants, runs and tickets.
///
/// Every method is one transaction, safe to call again after a failure, and tried again for a minute where
/// that may help. Every method but those on the schema, the keys and the lists of all tenants and of the whole
/// audit log sees one tenant only.
#[async_trait]
pub trait Store: Send + Sync {
    /// Versions in the database and in this binary.
    async fn schema(&self) -> Result<Schema>;

    /// Migrates up or down to `target`, or up to the latest. Rows of `ticket_history` are kept both
    /// ways.
    async fn migrate(&self, target: Option<i64>) -> Result<Migrated>;

    /// Adds a tenant; fails with `TenantExists`, or with `RowsLeft` while anything is stored that this program wrote for
    /// an earlier tenant of the same id. Rows of `ticket_history` that only the platform wrote become the tenant's.
    async fn add_tenant(&self, tenant: &Tenant) -> Result<()>;

    /// Adds a tenant with all that is left of an earlier one of the same id, or fails with `TenantExists`.
    async fn adopt_tenant(&self, tenant: &Tenant) -> Result<()>;

    /// Deletes at most `limit` rows of what is left of a tenant that was removed; how many. Fails with `TenantExists`
    /// while there is a tenant of this id.
    async fn erase_left(&self, tenant: &TenantId, limit: u32) -> Result<u64>;

    /// The tenant, `None` where there is none.
    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>>;

    /// All tenants, ordered by id.
    async fn tenants(&self) -> Result<Vec<Tenant>>;

    /// Replaces all settings but `created_at` and what was learned, or fails with `TenantNotFound`.
    async fn update_tenant(&self, tenant: &Tenant) -> Result<()>;

    /// Stores what is news of the tenant's helpdesk, or fails with `TenantNotFound`.
    async fn set_learned(&self, id: &TenantId, news: &News) -> Result<()>;

    /// Replaces the envelope of the credentials or of the webhook's secret that is still `from`; whether one was.
    async fn replace_envelope(&self, id: &TenantId, from: &str, to: &str) -> Result<bool>;

    /// Removes the tenant's settings and tokens, or fails with `TenantNotFound`. Its tickets stay.
    async fn remove_tenant(&self, id: &TenantId) -> Result<()>;

    /// Deletes at most `limit` rows of all that is stored for the tenant but its settings, tokens and audit entries;
    /// how many. Fails with `Fenced` if the tenant was taken by somebody else since this epoch.
    async fn erase(&self, tenant: &TenantId, epoch: i64, limit: u32) -> Result<u64>;

    /// Removes settings and tokens of a tenant of which nothing else is left; `false`, with nothing done, where there is
    /// more to erase. Fails with `Fenced` as `erase` does.
    async fn remove_erased(&self, tenant: &TenantId, epoch: i64) -> Result<bool>;

    /// Forgets what is older than the tenant's `keep_days`, at most `limit` rows of each kind: tickets by the time they
    /// were resolved, withdrawn ones too, and what was set aside or given up before. Id and dates of a ticket stay, as a
    /// withdrawn row. Fails with `Fenced` if the tenant was taken by somebody else since this epoch.
    async fn expire(&self, tenant: &TenantId, epoch: i64, now: DateTime<Utc>, limit: u32) -> Result<Expired>;

    /// Takes the tenant for this caller, `holder` in words for others. Whoever had it before can store nothing
    /// more. Fails with `Held` while another process that is alive has it.
    async fn lease(&self, tenant: &TenantId, holder: &str, now: DateTime<Utc>) -> Result<Lease>;

    /// Gives the tenant back.
    async fn release(&self, tenant: &TenantId, lease: Lease) -> Result<()>;

    /// The next `limit` runs after `after`, newest first, without their windows.
    async fn runs(&self, tenant: &TenantId, after: Option<&Run>, limit: u32) -> Result<Vec<Run>>;

    /// The newest run of the same request, if it has not finished.
    async fn unfinished_run(&self, tenant: &TenantId, request: &str) -> Result<Option<Run>>;

    /// Stores a new run, state `Running`.
    async fn start_run(&self, tenant: &TenantId, run: &NewRun, now: DateTime<Utc>) -> Result<Run>;

    /// The run, `None` where there is none.
    async fn run(&self, tenant: &TenantId, id: Uuid) -> Result<Option<Run>>;

    /// Sets the state and, for `Interrupted`, what stopped it.
    async fn set_run_state(
        &self,
        tenant: &TenantId,
        id: Uuid,
        state: RunState,
        error: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()>;

    /// What is known of those of these tickets that are stored and served.
    async fn known(&self, tenant: &TenantId, ids: &[TicketId]) -> Result<Known>;

    /// Does ahead what storing a batch takes of this program's time, to be called while another batch is stored. Its
    /// tickets must not change any more.
    fn prepare(&self, tenant: &TenantId, batch: &mut Batch);

    /// Stores tickets, rejections, withdrawals, checkpoint and counts in one transaction; a batch without any is only
    /// counted.
    ///
    /// A row that the database refuses (U+0000, a value too long) joins the rejected; the rest is
    /// stored without it. A stored ticket that is newer at its source than the incoming one stays. One that is older than the
    /// tenant keeps is left out, and counts as skipped.
    async fn apply(&self, tenant: &TenantId, batch: &Batch) -> Result<Applied>;

    /// The tickets resolved last, newest first, at most `limit`.
    async fn newest_tickets(&self, tenant: &TenantId, limit: u32) -> Result<Vec<Ticket>>;

    /// The next `limit` rejected tickets after `after`, ordered by key.
    async fn rejected(
        &self,
        tenant: &TenantId,
        after: Option<&RejectedTicket>,
        limit: u32,
    ) -> Result<Vec<RejectedTicket>>;

    /// The rejected ticket with this key, `None` where there is none.
    async fn rejected_ticket(&self, tenant: &TenantId, key: &str) -> Result<Option<RejectedTicket>>;

    /// Replaces the reason of a rejected ticket; its raw form, run and time stay.
    async fn set_rejection_reason(&self, tenant: &TenantId, key: &str, reason: &str) -> Result<()>;

    /// Takes a ticket off the list of those set aside.
    async fn forget_rejected(&self, tenant: &TenantId, key: &str) -> Result<()>;

    /// Served tickets that were resolved within a range, both ends included: the next `limit` of them by id
    /// after `after`.
    async fn digests(
        &self,
        tenant: &TenantId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<StoredDigest>>;

    /// How the tenant's history stands, or fails with `TenantNotFound`.
    async fn history(&self, tenant: &TenantId) -> Result<History>;

    /// The next `limit` rows by revision and id after a place in this order, withdrawn ones included. Their texts are cut
    /// as those of `excerpts`.
    async fn changes(&self, tenant: &TenantId, after: (i64, &str), limit: u32) -> Result<Vec<Change>>;

    /// Served tickets with these ids, in no order.
    async fn tickets(&self, tenant: &TenantId, ids: &[TicketId]) -> Result<Vec<Ticket>>;

    /// The same for the search, bounded in size: description and resolution are cut after 100,000 characters, the subject
    /// after 10,000, names after 1,000; more than 100,000 characters of tags, and HTML, are left out.
    async fn excerpts(&self, tenant: &TenantId, ids: &[TicketId]) -> Result<Vec<Ticket>>;

    /// When the history was last compared with its source, or fails with `TenantNotFound`.
    async fn freshness(&self, tenant: &TenantId) -> Result<Freshness>;

    /// The same of every tenant, the one that was synced longest ago first.
    async fn freshness_of_all(&self) -> Result<Vec<(TenantId, Freshness)>>;

    /// Replaces it; fails with `Fenced` if the tenant was taken by somebody else since this epoch.
    async fn set_freshness(&self, tenant: &TenantId, epoch: i64, freshness: &Freshness) -> Result<()>;

    /// The earliest time that a served ticket was resolved, `None` where none is.
    async fn oldest(&self, tenant: &TenantId) -> Result<Option<DateTime<Utc>>>;

    /// Up to when the first import that finished has missed no change: see [`Run::proven_to`]. `None` while none has.
    async fn imported_to(&self, tenant: &TenantId) -> Result<Option<DateTime<Utc>>>;

    /// Served tickets that were resolved within a range and that neither a list has shown since an instant, nor an answer
    /// (one that it is archived counts since the second instant), nor were they stored since: the first `limit` by id.
    async fn unseen(
        &self,
        tenant: &TenantId,
        range: (DateTime<Utc>, DateTime<Utc>),
        since: (DateTime<Utc>, DateTime<Utc>),
        limit: u32,
    ) -> Result<Vec<TicketId>>;

    /// Remembers what the helpdesk said of a ticket that no list shows.
    async fn note_answer(
        &self,
        tenant: &TenantId,
        id: &TicketId,
        answer: Answer,
        now: DateTime<Utc>,
    ) -> Result<()>;

    /// Served tickets that were asked for since an instant and found gone or hidden, ordered by id.
    async fn lost(&self, tenant: &TenantId, since: DateTime<Utc>) -> Result<Vec<(TicketId, Answer)>>;

    /// How many served tickets were resolved within a range, both ends included.
    async fn served(&self, tenant: &TenantId, range: (DateTime<Utc>, DateTime<Utc>)) -> Result<u64>;

    /// Digests of the content of those of these tickets that are stored and served; `None` on rows of other programs.
    async fn content_digests(
        &self,
        tenant: &TenantId,
        ids: &[TicketId],
    ) -> Result<HashMap<TicketId, Option<Vec<u8>>>>;

    /// Changes the shared pace of the tenant's connection; `change` is told the time by the database's clock.
    async fn update_pace(&self, tenant: &TenantId, change: PaceChange<'_>) -> Result<()>;

    /// Asks for a job, in place of one of the same kind.
    async fn ask_for(&self, job: &Job) -> Result<()>;

    /// Stores `due_at`, `attempts`, `error` and `failed_at` of a job that was asked for; whether it still is, with the
    /// same arguments.
    async fn put_off_job(&self, job: &Job) -> Result<bool>;

    /// Takes off a job that is done, with these arguments if any are named; whether it was there.
    async fn end_job(&self, tenant: &TenantId, kind: JobKind, arguments: Option<&str>) -> Result<bool>;

    /// Jobs of one tenant or of all, those that were given up included, the one that waits longest first.
    async fn jobs(&self, tenant: Option<&TenantId>) -> Result<Vec<Job>>;

    /// Where the tenant's helpdesk reports to, `None` where it does not.
    async fn webhook(&self, tenant: &TenantId) -> Result<Option<Webhook>>;

    /// Makes or replaces it.
    async fn set_webhook(&self, webhook: &Webhook) -> Result<()>;

    /// Adds notes; of one that is there already only `received_at` is renewed.
    async fn add_notes(&self, tenant: &TenantId, notes: &[Note]) -> Result<()>;

    /// At most `limit` notes of a kind that are due, not due again before `until` for anybody else.
    async fn claim_notes(
        &self,
        tenant: &TenantId,
        kind: NoteKind,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Note>>;

    /// Takes off notes that were worked off; those that came again meanwhile are due now.
    async fn settle_notes(&self, tenant: &TenantId, notes: &[Note], now: DateTime<Utc>) -> Result<()>;

    /// Stores `due_at`, `attempts`, `error` and `failed_at` of a note.
    async fn postpone_note(&self, tenant: &TenantId, note: &Note) -> Result<()>;

    /// The next `limit` notes after `after` in the order they came, also those that were given up.
    async fn notes(&self, tenant: &TenantId, after: Option<&Note>, limit: u32) -> Result<Vec<Note>>;

    /// Of every tenant that has notes to work off, the one that waits longest first.
    async fn backlogs(&self) -> Result<Vec<Backlog>>;

    /// Adds an entry to the audit log; the same entry twice is one.
    async fn audit(&self, entry: &AuditEntry) -> Result<()>;

    /// The next `limit` entries after `after`, newest first: of one tenant, or of all and of the installation.
    async fn audit_entries(
        &self,
        tenant: Option<&TenantId>,
        after: Option<&AuditEntry>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>>;

    /// Adds a token; the same token twice is one.
    async fn add_token(&self, token: &ApiToken) -> Result<()>;

    /// The tenant's tokens, or the one with this id, oldest first; revoked and expired ones included.
    async fn tokens(&self, tenant: &TenantId, id: Option<&str>) -> Result<Vec<ApiToken>>;

    /// Revokes a token; whether there is one of this id.
    async fn revoke_token(&self, tenant: &TenantId, id: &str, now: DateTime<Utc>) -> Result<bool>;

    /// Notes that a master key was rotated out.
    async fn retire_key(&self, key_id: &str, now: DateTime<Utc>) -> Result<()>;

    /// Whether a master key was rotated out.
    async fn is_key_retired(&self, key_id: &str) -> Result<bool>;

    /// What keeps tenants apart and is missing, in words; empty where all is well. A file has no roles: there
    /// nothing can be missing.
    async fn isolation_gaps(&self) -> Result<Vec<String>>;
}
