//! Writing a batch: one statement for all rows, one transaction with the checkpoint.

use sqlx::PgConnection;
use ticket::TenantId;

use super::rows;
use super::statements::{note_progress, reject, withdraw};
use crate::refused::{each_once, kept, kept_since};
use crate::statements::leases::unless_fenced;
use crate::{Applied, Batch, Error, Incoming, Prepared, Result};

/// What the transaction of a batch begins with: it locks the tenant, so that what is read next stays true, and makes
/// the revision to stamp rows with. To the savepoint it returns if rows are refused. A tenant's id holds no quote.
pub(super) fn begin(tenant: &TenantId) -> String {
    format!(
        "update tenant_configs set revision = revision + 1 where tenant_id = '{tenant}';
         savepoint part;"
    )
}

pub(super) fn prepare(tenant: &TenantId, batch: &mut Batch) {
    let (tickets, _) = each_once(&batch.tickets);
    // An error comes again when the batch is stored, and is told then.
    if let Ok(arguments) = rows::arguments(tenant, batch, &tickets) {
        batch.prepared = Prepared::new(arguments);
    }
}

pub(super) async fn apply(
    connection: &mut PgConnection,
    tenant: &TenantId,
    batch: &Batch,
) -> Result<Applied> {
    let (tickets, copies) = each_once(&batch.tickets);
    let found = found(connection, tenant, &tickets).await?;
    let of_tenant = found
        .as_ref()
        .map(|found| (found.revision, found.epoch, found.keep_days));
    let (revision, days) = unless_fenced(of_tenant, tenant, batch.epoch)?;
    let Found {
        stored, set_aside, ..
    } = found.unwrap_or_default();
    let (tickets, expired) = kept(tickets, kept_since(days, batch.now));
    let prepared = batch.prepared.take().filter(|_| expired.is_empty());
    let mut applied = rows::store(connection, tenant, batch, revision, &tickets, stored, prepared).await?;
    if set_aside {
        let read = tickets.iter().chain(&expired).copied();
        accept(connection, tenant, batch.reported.then_some(revision), read).await?;
    }
    applied.counts += batch.counted;
    applied.counts.skipped += copies + expired.len() as u64;
    applied.counts.rejected += reject(
        connection,
        tenant,
        batch,
        batch.rejected.iter().chain(&applied.refused),
    )
    .await?;
    for withdrawal in &batch.withdrawn {
        applied.withdrawn += withdraw(connection, tenant, revision, withdrawal, batch).await?;
    }
    if !batch.seen.is_empty() {
        super::note_seen(connection, tenant, &batch.seen, batch.now).await?;
    }
    if let Some(progress) = &batch.progress {
        note_progress(connection, tenant, progress, &applied.counts, applied.withdrawn).await?;
    }
    Ok(applied)
}

/// What the database has, before a batch.
#[derive(Default, sqlx::FromRow)]
struct Found {
    revision: i64,
    epoch: i64,
    keep_days: Option<i64>,
    /// One of the batch's tickets, served or not.
    stored: bool,
    /// Any ticket of the tenant.
    set_aside: bool,
}

async fn found(
    connection: &mut PgConnection,
    tenant: &TenantId,
    tickets: &[&Incoming],
) -> Result<Option<Found>> {
    let ids = tickets.iter().map(|incoming| incoming.ticket.id.as_str());
    let found = sqlx::query_as(concat!(
        "select
             revision, epoch, keep_days,
             exists (
                 select from unnest($2::text[]) as asked (id) ",
        stored_as!("ticket_id", "", "asked.id"),
        "        where stored.ticket_id = asked.id
             ) as stored,
             exists (select from rejected_tickets where tenant_id = $1) as set_aside
         from tenant_configs where tenant_id = $1",
    ))
    .bind(tenant.as_str())
    .bind(ids.collect::<Vec<_>>())
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

/// A ticket that can be read now is no longer set aside; with a revision, one that was stored with it.
async fn accept(
    connection: &mut PgConnection,
    tenant: &TenantId,
    stored: Option<i64>,
    tickets: impl Iterator<Item = &Incoming>,
) -> Result<(), Error> {
    let ids: Vec<_> = tickets.map(|incoming| incoming.ticket.id.as_str()).collect();
    let delete = "delete from rejected_tickets
         where tenant_id = $1 and rejection_key = any($2)
             and ($3 is null or exists (
                 select from ticket_history
                 where tenant_id = $1 and revision = $3 and ticket_id = rejection_key
             ))";
    sqlx::query(delete)
        .bind(tenant.as_str())
        .bind(ids)
        .bind(stored)
        .execute(connection)
        .await?;
    Ok(())
}
