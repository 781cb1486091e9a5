//! Writing a batch: one statement for all rows, one transaction with the checkpoint.

use sqlx::PgConnection;
use ticket::TenantId;

use super::rows;
use super::statements::{next_revision, note_progress, reject, withdraw};
use crate::refused::{each_once, kept, kept_since};
use crate::{Applied, Batch, Error, Incoming, Result};

pub(super) async fn apply(
    connection: &mut PgConnection,
    tenant: &TenantId,
    batch: &Batch,
) -> Result<Applied> {
    let (revision, days) = next_revision(connection, tenant, batch.epoch).await?;
    let (tickets, copies) = each_once(&batch.tickets);
    let found = Found::of(connection, tenant, &tickets).await?;
    let (tickets, expired) = kept(tickets, kept_since(days, batch.now));
    let mut applied = rows::store(connection, tenant, batch, revision, &tickets, found.stored).await?;
    if found.set_aside {
        accept(connection, tenant, tickets.iter().chain(&expired).copied()).await?;
    }
    applied.counts.skipped += copies + expired.len() as u64 + batch.unchanged;
    applied.counts.rejected += reject(
        connection,
        tenant,
        batch,
        batch.rejected.iter().chain(&applied.refused),
    )
    .await?;
    for withdrawal in &batch.withdrawn {
        applied.withdrawn += withdraw(connection, tenant, revision, withdrawal, batch.now).await?;
    }
    if let Some(progress) = &batch.progress {
        note_progress(connection, tenant, progress, &applied.counts).await?;
    }
    Ok(applied)
}

/// What the database has, before a batch.
#[derive(Default, sqlx::FromRow)]
struct Found {
    /// One of the batch's tickets, served or not.
    stored: bool,
    /// Any ticket of the tenant.
    set_aside: bool,
}

impl Found {
    async fn of(connection: &mut PgConnection, tenant: &TenantId, tickets: &[&Incoming]) -> Result<Self> {
        if tickets.is_empty() {
            return Ok(Self::default());
        }
        let ids: Vec<_> = tickets
            .iter()
            .map(|incoming| incoming.ticket.id.as_str())
            .collect();
        // `offset 0` keeps it one look-up in the index an id, also on a table without statistics.
        let found = sqlx::query_as(
            "select
                 exists (
                     select from unnest($2::text[]) as asked (id)
                     cross join lateral (
                         select from ticket_history where tenant_id = $1 and ticket_id = asked.id offset 0
                     ) as stored
                 ) as stored,
                 exists (select from rejected_tickets where tenant_id = $1) as set_aside",
        )
        .bind(tenant.as_str())
        .bind(ids)
        .fetch_one(connection)
        .await?;
        Ok(found)
    }
}

/// A ticket that can be read now is no longer set aside.
async fn accept(
    connection: &mut PgConnection,
    tenant: &TenantId,
    tickets: impl Iterator<Item = &Incoming>,
) -> Result<(), Error> {
    let ids: Vec<_> = tickets.map(|incoming| incoming.ticket.id.as_str()).collect();
    sqlx::query("delete from rejected_tickets where tenant_id = $1 and rejection_key = any($2)")
        .bind(tenant.as_str())
        .bind(ids)
        .execute(connection)
        .await?;
    Ok(())
}
