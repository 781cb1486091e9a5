//! Writing a batch: one statement for all rows, one transaction with the checkpoint.
//!
//! `insert .. select from unnest(..) on conflict do update` was measured to be as fast as `copy` into a
//! staging table. The filter on the digest spares unchanged rows the conflict; it is a scalar subquery, not
//! `not exists`, because a join may be planned, on a table without statistics, as a scan of the whole tenant for
//! each row: an import of 47,837 tickets then took twice as long. Inserted and updated rows are
//! told apart by `version`, which starts at 0; the number of affected rows of an upsert is not to be trusted
//! on a distributed database.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use ticket::TenantId;

use super::statements::{kept_since, next_revision, note_progress, reject, withdraw};
use crate::refused::{each_once, kept, rejection};
use crate::{Applied, Batch, Counts, Error, Incoming, Result};

const UPSERT: &str = "
    insert into ticket_history
        (tenant_id, ticket_id, display_id, subject, description, resolution, resolved_date, tags, status, category,
         priority, url, source_updated_at, content_digest, source, ingested_at, created_at, updated_at, revision,
         description_html, resolution_html, source_digest)
    select
        $1, t.ticket_id, t.display_id, t.subject, t.description, t.resolution, t.resolved_date, t.tags::jsonb,
        t.status, t.category, t.priority, t.url, t.source_updated_at, t.content_digest, $2, $3, $3, $3, $4,
        t.description_html, t.resolution_html, t.source_digest
    from unnest(
        $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::text[], $12::text[],
        $13::text[], $14::text[], $15::text[], $16::timestamptz[], $17::bytea[], $18::text[], $19::text[],
        $20::bytea[]
    ) as t (
        ticket_id, display_id, subject, description, resolution, resolved_date, tags, status,
        category, priority, url, source_updated_at, content_digest, description_html, resolution_html,
        source_digest
    )
    where (
        select stored.content_digest
        from ticket_history as stored
        where stored.tenant_id = $1 and stored.ticket_id = t.ticket_id and stored.withdrawn_at is null
    ) is distinct from t.content_digest
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
        source = excluded.source,
        ingested_at = excluded.ingested_at,
        updated_at = excluded.updated_at,
        revision = excluded.revision,
        description_html = excluded.description_html,
        resolution_html = excluded.resolution_html,
        source_digest = excluded.source_digest,
        version = ticket_history.version + 1,
        withdrawn_at = null,
        expired_at = null
    where excluded.source_updated_at is null
        or ticket_history.source_updated_at is null
        or excluded.source_updated_at >= ticket_history.source_updated_at
    returning version = 0";

pub(super) async fn apply(
    connection: &mut PgConnection,
    tenant: &TenantId,
    batch: &Batch,
) -> Result<Applied> {
    let revision = next_revision(connection, tenant, batch.epoch).await?;
    let (tickets, copies) = each_once(&batch.tickets);
    let (tickets, expired) = kept(tickets, kept_since(connection, tenant, batch.now).await?);
    let mut applied = Applied::default();
    // Refused rows are found by halving: a batch without any costs one statement.
    let mut parts = vec![tickets.as_slice()];
    while let Some(part) = parts.pop() {
        match upsert(connection, tenant, batch, revision, part).await {
            Ok(counts) => applied.counts += counts,
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

async fn upsert(
    connection: &mut PgConnection,
    tenant: &TenantId,
    batch: &Batch,
    revision: i64,
    part: &[&Incoming],
) -> Result<Counts, sqlx::Error> {
    use sqlx::Connection as _;
    if part.is_empty() {
        return Ok(Counts::default());
    }
    let tickets = || part.iter().map(|incoming| &incoming.ticket);
    let tags = tickets().map(|ticket| serde_json::Value::from(ticket.tags.as_slice()).to_string());
    let mut savepoint = connection.begin().await?;
    let rows: Vec<(bool,)> = sqlx::query_as(UPSERT)
        .bind(tenant.as_str())
        .bind(batch.source.as_str())
        .bind(batch.now)
        .bind(revision)
        .bind(tickets().map(|ticket| ticket.id.as_str()).collect::<Vec<_>>())
        .bind(
            tickets()
                .map(|ticket| ticket.display_id.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(
            tickets()
                .map(|ticket| ticket.subject.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(
            tickets()
                .map(|ticket| ticket.description.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(
            tickets()
                .map(|ticket| ticket.resolution.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(
            tickets()
                .map(|ticket| ticket.resolved_at)
                .collect::<Vec<DateTime<Utc>>>(),
        )
        .bind(tags.collect::<Vec<_>>())
        .bind(
            tickets()
                .map(|ticket| ticket.status.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(
            tickets()
                .map(|ticket| ticket.category.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(
            tickets()
                .map(|ticket| ticket.priority.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(tickets().map(|ticket| ticket.url.as_deref()).collect::<Vec<_>>())
        .bind(
            tickets()
                .map(|ticket| ticket.source_updated_at)
                .collect::<Vec<Option<DateTime<Utc>>>>(),
        )
        .bind(
            tickets()
                .map(|ticket| ticket.digest().as_bytes().to_vec())
                .collect::<Vec<Vec<u8>>>(),
        )
        .bind(
            tickets()
                .map(|ticket| ticket.description_html.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(
            tickets()
                .map(|ticket| ticket.resolution_html.as_deref())
                .collect::<Vec<_>>(),
        )
        .bind(
            part.iter()
                .map(|incoming| incoming.source_digest.as_deref())
                .collect::<Vec<_>>(),
        )
        .fetch_all(&mut *savepoint)
        .await?;
    savepoint.commit().await?;
    let imported = rows.iter().filter(|(new,)| *new).count() as u64;
    let updated = rows.len() as u64 - imported;
    Ok(Counts {
        imported,
        updated,
        skipped: part.len() as u64 - rows.len() as u64,
        rejected: 0,
    })
}
