//! The trait that both databases implement.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ticket::{TenantId, Ticket, TicketId};
use uuid::Uuid;

use crate::{Applied, Batch, Learned, NewRun, Result, Run, RunState, Tenant};

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

/// A database of tenants, runs and tickets.
///
/// Every method is one transaction, safe to call again after a failure. Every method but those on
/// the schema and the list of tenants sees one tenant only.
#[async_trait]
pub trait Store: Send + Sync {
    /// Versions in the database and in this binary.
    async fn schema(&self) -> Result<Schema>;

    /// Migrates up or down to `target`, or up to the latest. Rows of `ticket_history` are kept both
    /// ways.
    async fn migrate(&self, target: Option<i64>) -> Result<Migrated>;

    /// Adds a tenant, or fails with `TenantExists`.
    async fn add_tenant(&self, tenant: &Tenant) -> Result<()>;

    /// The tenant, `None` where there is none.
    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>>;

    /// All tenants, ordered by id.
    async fn tenants(&self) -> Result<Vec<Tenant>>;

    /// Replaces all settings but `created_at` and what was learned, or fails with `TenantNotFound`.
    async fn update_tenant(&self, tenant: &Tenant) -> Result<()>;

    /// Replaces what was learned of the tenant's helpdesk, or fails with `TenantNotFound`.
    async fn set_learned(&self, id: &TenantId, learned: &Learned) -> Result<()>;

    /// Removes the tenant's settings, or fails with `TenantNotFound`. Its tickets stay.
    async fn remove_tenant(&self, id: &TenantId) -> Result<()>;

    /// The newest run of the same request that has not finished.
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

    /// When the source had last changed each of these tickets, as of the stored copies that are
    /// neither missing nor withdrawn.
    async fn source_times(
        &self,
        tenant: &TenantId,
        ids: &[TicketId],
    ) -> Result<HashMap<TicketId, Option<DateTime<Utc>>>>;

    /// Stores tickets, rejections, checkpoint and counts in one transaction.
    ///
    /// A row that the database refuses (U+0000, a value too long) joins the rejected; the rest is
    /// stored without it. A stored ticket that is newer at its source than the incoming one stays.
    async fn apply(&self, tenant: &TenantId, batch: &Batch) -> Result<Applied>;

    /// The tickets resolved last, newest first, at most `limit`.
    async fn newest_tickets(&self, tenant: &TenantId, limit: u32) -> Result<Vec<Ticket>>;
}
