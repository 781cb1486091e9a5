//! Writing a batch: one statement for all rows, one transaction with the checkpoint.

use sqlx::PgConnection;
use ticket::TenantId;

use super::rows;
use super::statements::{kept_since, next_revision, note_progress, reject, withdraw};
use crate::refused::{each_once, kept, rejection};
use crate::{Applied, Batch, Error, Incoming, Result};

pub(super) async fn apply(
    connection: &mut PgConnection,
    tenant: &TenantId,
    batch: &Batch,
) -> Result<Applied> {
    let revision = next_revision(connection, tenant, batch.epoch).await?;
    let (tickets, copies) = each_once(&batch.tickets);
    let (tickets, expired) = kept(tickets, kept_since(connection, tenant, batch.now).await?);
    let mut applied = Applied::default();
    let mut statement = rows::statement(connection, tenant, &tickets).await?;
    // Refused rows are found by halving: a batch without any costs one statement.
    let mut parts = vec![tickets.as_slice()];
    while let Some(part) = parts.pop() {
        match rows::write(connection, statement, tenant, batch, revision, part).await {
            Ok(counts) => applied.counts += counts,
            // Somebody else's row, stored since the look.
            Err(error) if statement == rows::INSERT && rows::is_conflict(&error) => {
                statement = rows::UPSERT;
                parts.push(part);
            }
            Err(error) if refuses_a_row(&error) => match part {
                [alone] => applied.refused.push(rejection(alone, &error)),
                _ => parts.extend(part.chunks(part.len().div_ceil(2))),
            },
            Err(error) => return Err(error.into()),
        }
    }
    accept(connection, tenant, tickets.iter().chain(&expired).copied()).await?;
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

/// Data exceptions and broken constraints are a row's fault; everything else is not.
fn refuses_a_row(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    error
        .code()
        .is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}

/// A ticket that can be read now is no longer set aside.
async fn accept(
    connection: &mut PgConnection,
    tenant: &TenantId,
    tickets: impl Iterator<Item = &Incoming>,
) -> Result<(), Error> {
    let ids: Vec<_> = tickets.map(|incoming| incoming.ticket.id.as_str()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query("delete from rejected_tickets where tenant_id = $1 and rejection_key = any($2)")
        .bind(tenant.as_str())
        .bind(ids)
        .execute(connection)
        .await?;
    Ok(())
}
