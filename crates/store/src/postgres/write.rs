//! Stores the tickets of a batch on PostgreSQL: one statement for all rows.

use ticket::TenantId;

use super::{Session, upsert};
use crate::apply::batch_tickets::{Written, each_once, split_expired};
use crate::fence::{LockedTenant, check_epoch};
use crate::retention::kept_since;
use crate::{Batch, Incoming, Prepared, Result};

/// Returns the statements that begin the transaction of a batch. They lock the tenant, so that later reads stay true, and
/// raise the revision of the rows. The savepoint is for refused rows. A tenant's id holds no quote.
pub(super) fn begin(tenant: &TenantId) -> String {
    format!(
        "update tenant_configs set revision = revision + 1 where tenant_id = '{tenant}';
         savepoint part;"
    )
}

/// Encodes the batch's tickets.
pub(crate) fn prepare(tenant: &TenantId, batch: &mut Batch) {
    let (tickets, _) = each_once(&batch.tickets);
    // The same error occurs again when the batch is stored, and is reported then.
    if let Ok(arguments) = upsert::arguments(tenant, batch, &tickets) {
        batch.prepared = Prepared::new(arguments);
    }
}

/// Stores the batch's tickets and deletes their earlier rejections.
pub(crate) async fn store_tickets(
    session: &mut Session,
    tenant: &TenantId,
    batch: &Batch,
) -> Result<Written> {
    let (tickets, copies) = each_once(&batch.tickets);
    let found = look_up(session, tenant, &tickets).await?;
    let any_stored = found.as_ref().is_some_and(|found| found.any_stored);
    let any_rejected = found.as_ref().is_some_and(|found| found.any_rejected);
    let locked = check_epoch(found.map(|found| found.tenant), tenant, batch.epoch)?;
    let (tickets, expired) = split_expired(tickets, kept_since(locked.keep_days, batch.now));
    let prepared = batch.prepared.take().filter(|_| expired.is_empty());
    let mut written = upsert::store(session, (tenant, batch, locked), &tickets, any_stored, prepared).await?;
    if any_rejected {
        let read = tickets.iter().chain(&expired).copied();
        let revision = batch.reported.then_some(locked.revision);
        if delete_rejections(session, tenant, revision, read).await? {
            written.limits.forget_rejected();
        }
    }
    written.counts.skipped += copies + expired.len() as u64;
    Ok(written)
}

/// The state of the database before a batch.
#[derive(sqlx::FromRow)]
struct Found {
    #[sqlx(flatten)]
    tenant: LockedTenant,
    /// One of the batch's tickets is stored, served or not.
    any_stored: bool,
    /// Any ticket of the tenant is rejected.
    any_rejected: bool,
}

/// Looks up the tenant and the tickets; `crate::tickets` explains the lookup by the next id.
async fn look_up(session: &mut Session, tenant: &TenantId, tickets: &[&Incoming]) -> Result<Option<Found>> {
    let ids = tickets.iter().map(|incoming| incoming.ticket.id.as_str());
    let found = sqlx::query_as(
        "select
             revision, epoch, keep_days, max_stored_mib, max_rejected_mib, stored_bytes, rejected_bytes,
             exists (
                 select from unnest($2::text[]) as asked (id)
                 cross join lateral (
                     select ticket_id from ticket_history
                     where tenant_id = $1 and ticket_id >= asked.id order by ticket_id limit 1
                 ) as stored
                 where stored.ticket_id = asked.id
             ) as any_stored,
             exists (select from rejected_tickets where tenant_id = $1) as any_rejected
         from tenant_configs where tenant_id = $1",
    )
    .bind(tenant.as_str())
    .bind(ids.collect::<Vec<_>>())
    .persistent(session.keeps_statements())
    .fetch_optional(&mut **session)
    .await?;
    Ok(found)
}

/// Deletes the rejections of tickets that could be read now; with a revision, of those that were stored with it. Returns
/// whether there were any.
async fn delete_rejections(
    session: &mut Session,
    tenant: &TenantId,
    stored: Option<i64>,
    tickets: impl Iterator<Item = &Incoming>,
) -> Result<bool> {
    let ids: Vec<_> = tickets.map(|incoming| incoming.ticket.id.as_str()).collect();
    let delete = "delete from rejected_tickets
         where tenant_id = $1 and rejection_key = any($2)
             and ($3 is null or exists (
                 select from ticket_history
                 where tenant_id = $1 and revision = $3 and ticket_id = rejection_key
             ))";
    let deleted = sqlx::query(delete)
        .bind(tenant.as_str())
        .bind(ids)
        .bind(stored)
        .persistent(session.keeps_statements())
        .execute(&mut **session)
        .await?;
    Ok(deleted.rows_affected() > 0)
}
