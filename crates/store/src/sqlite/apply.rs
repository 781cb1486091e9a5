//! Writing a batch: a prepared statement a row, one transaction with the checkpoint.

use sqlx::SqliteConnection;
use sqlx::types::Json;
use ticket::TenantId;

use super::statements::{next_revision, note_progress, reject, withdraw};
use crate::refused::{each_once, kept, kept_since, rejection};
use crate::statements::rows::{if_not_older, if_report_is_news, replace_stored, same_content, unless_same};
use crate::{Applied, Batch, Incoming, Result};

macro_rules! upsert {
    ($condition:expr) => {
        concat!(
            "
    insert into ticket_history
        (tenant_id, ticket_id, display_id, subject, description, resolution, resolved_date, tags, status, category,
         priority, url, source_updated_at, content_digest, source, ingested_at, created_at, updated_at, revision,
         description_html, resolution_html, source_digest)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, $16, $17, $18, $19, $20)
",
            replace_stored!(),
            "where not (
            ticket_history.withdrawn_at is null
            and ticket_history.content_digest is excluded.content_digest
            and coalesce(excluded.source_digest, ticket_history.source_digest) is ticket_history.source_digest
        )
        and ",
            $condition,
            " returning case when revision = $17 then version = 0 end"
        )
    };
}

const UPSERT: &str = upsert!(if_not_older!());
const UPSERT_REPORTED: &str = upsert!(if_report_is_news!());

/// Nothing: a row is bound where it is.
pub(super) fn prepare(_tenant: &TenantId, _batch: &mut Batch) {}

pub(super) async fn apply(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    batch: &Batch,
) -> Result<Applied> {
    let (revision, days) = next_revision(connection, tenant, batch.epoch).await?;
    let (tickets, copies) = each_once(&batch.tickets);
    let (tickets, expired) = kept(tickets, kept_since(days, batch.now));
    let mut applied = Applied::default();
    let mut read: Vec<_> = expired.iter().filter(|_| !batch.reported).collect();
    for incoming in &tickets {
        let stored = upsert(connection, tenant, batch, revision, incoming).await;
        // Of reports, only what is news.
        if !batch.reported || matches!(stored, Ok(Some(_))) {
            read.push(incoming);
        }
        match stored {
            Ok(Some(true)) => applied.counts.imported += 1,
            Ok(Some(false)) => applied.counts.updated += 1,
            Ok(None) => applied.counts.skipped += 1,
            Err(error) if refuses_the_row(&error) => applied.refused.push(rejection(incoming, &error)),
            Err(error) => return Err(error.into()),
        }
    }
    // A ticket that can be read now is no longer set aside.
    for incoming in read {
        sqlx::query("delete from rejected_tickets where tenant_id = $1 and rejection_key = $2")
            .bind(tenant.as_str())
            .bind(incoming.ticket.id.as_str())
            .execute(&mut *connection)
            .await?;
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

/// `SQLITE_CONSTRAINT` with any extended code, and a string that is too big.
fn refuses_the_row(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    let code = error.code().and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 18 | 19))
}

/// Whether the row is new; `None` where nothing changed that anybody sees.
async fn upsert(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    batch: &Batch,
    revision: i64,
    incoming: &Incoming,
) -> Result<Option<bool>, sqlx::Error> {
    let ticket = &incoming.ticket;
    let statement = if batch.reported { UPSERT_REPORTED } else { UPSERT };
    let digest = ticket.digest();
    let row = sqlx::query_as(statement)
        .bind(tenant.as_str())
        .bind(ticket.id.as_str())
        .bind(&ticket.display_id)
        .bind(&ticket.subject)
        .bind(&ticket.description)
        .bind(&ticket.resolution)
        .bind(ticket.resolved_at)
        .bind(Json(&ticket.tags))
        .bind(&ticket.status)
        .bind(&ticket.category)
        .bind(&ticket.priority)
        .bind(&ticket.url)
        .bind(ticket.source_updated_at)
        .bind(digest.as_bytes().as_slice())
        .bind(batch.source.as_str())
        .bind(batch.now)
        .bind(revision)
        .bind(&ticket.description_html)
        .bind(&ticket.resolution_html)
        .bind(&incoming.source_digest);
    let row = if batch.reported {
        row
    } else {
        row.bind(batch.read_at)
    };
    let row: Option<(Option<bool>,)> = row.fetch_optional(connection).await?;
    Ok(row.and_then(|(new,)| new))
}
