//! Rows of `ticket_history`, many in one statement.
//!
//! It was measured to be as fast as `copy` into a staging table; `copy` into the table itself is refused where
//! row-level security applies. The filter on the digest spares unchanged rows the conflict; it is a scalar
//! subquery, not `not exists`, because a join may be planned, on a table without statistics, as a scan of the
//! whole tenant for each row: an import of 47,837 tickets then took twice as long. Inserted and updated rows are
//! told apart by `version`, which starts at 0; the number of affected rows of an upsert is not to be trusted
//! on a distributed database.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use ticket::TenantId;

use crate::{Batch, Counts, Incoming, Result};

/// Rows come from lists in the select, not in the from: there they would be copied before the first is stored.
macro_rules! insert_incoming {
    () => {
        "
    insert into ticket_history
        (tenant_id, ticket_id, display_id, subject, description, resolution, resolved_date, tags, status, category,
         priority, url, source_updated_at, content_digest, source, ingested_at, created_at, updated_at, revision,
         description_html, resolution_html, source_digest)
    select
        $1, t.ticket_id, t.display_id, t.subject, t.description, t.resolution, t.resolved_date, t.tags::jsonb,
        t.status, t.category, t.priority, t.url, t.source_updated_at, t.content_digest, $2, $3, $3, $3, $4,
        t.description_html, t.resolution_html, t.source_digest
    from (
        select
            unnest($5::text[]) as ticket_id, unnest($6::text[]) as display_id, unnest($7::text[]) as subject,
            unnest($8::text[]) as description, unnest($9::text[]) as resolution,
            unnest($10::timestamptz[]) as resolved_date, unnest($11::text[]) as tags, unnest($12::text[]) as status,
            unnest($13::text[]) as category, unnest($14::text[]) as priority, unnest($15::text[]) as url,
            unnest($16::timestamptz[]) as source_updated_at, unnest($17::bytea[]) as content_digest,
            unnest($18::text[]) as description_html, unnest($19::text[]) as resolution_html,
            unnest($20::bytea[]) as source_digest
    ) as t"
    };
}

/// Of tickets none of which is in the table: it spares each a look for the row that it may be in conflict with.
pub(super) const INSERT: &str = concat!(insert_incoming!(), " returning version = 0");

pub(super) const UPSERT: &str = concat!(
    insert_incoming!(),
    "
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
    returning version = 0"
);

/// The cheapest statement for these tickets, by whether the table has one of them, served or not.
pub(super) async fn statement(
    connection: &mut PgConnection,
    tenant: &TenantId,
    tickets: &[&Incoming],
) -> Result<&'static str> {
    if tickets.is_empty() {
        return Ok(UPSERT);
    }
    let ids: Vec<_> = tickets
        .iter()
        .map(|incoming| incoming.ticket.id.as_str())
        .collect();
    // `offset 0` keeps it one look-up in the index an id, also on a table without statistics.
    let (any,): (bool,) = sqlx::query_as(
        "select exists (
             select from unnest($2::text[]) as asked (id)
             cross join lateral (
                 select from ticket_history where tenant_id = $1 and ticket_id = asked.id offset 0
             ) as stored
         )",
    )
    .bind(tenant.as_str())
    .bind(ids)
    .fetch_one(connection)
    .await?;
    Ok(if any { UPSERT } else { INSERT })
}

/// Somebody else stored one of the tickets since the look at the table.
pub(super) fn is_conflict(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.is_unique_violation())
}

/// Stores rows with one of the statements, all or none.
pub(super) async fn write(
    connection: &mut PgConnection,
    statement: &'static str,
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
    let rows: Vec<(bool,)> = sqlx::query_as(statement)
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
