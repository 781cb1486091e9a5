//! Stores the tickets of a batch on SQLite: one statement for each row.

use std::sync::LazyLock;

use sqlx::types::Json;
use ticket::TenantId;

use crate::apply::batch_tickets::{Written, each_once, rejection, split_expired};
use crate::apply::conflict::{IF_NOT_OLDER, IF_REPORT_IS_NEWS, replace_stored};
use crate::connection::Connection;
use crate::fence::lock_tenant;
use crate::retention::kept_since;
use crate::{Batch, Counts, Error, Incoming, Result, TICKET_BYTES};

static UPSERT: LazyLock<String> = LazyLock::new(|| upsert_sql(IF_NOT_OLDER));

static UPSERT_REPORTED: LazyLock<String> = LazyLock::new(|| upsert_sql(IF_REPORT_IS_NEWS));

fn upsert_sql(condition: &str) -> String {
    let replace = replace_stored();
    format!(
        "
    insert into ticket_history
        (tenant_id, ticket_id, display_id, subject, description, resolution, resolved_date, tags, status,
         category, priority, url, source_updated_at, content_digest, source, ingested_at, created_at,
         updated_at, revision, description_html, resolution_html, source_digest)
    values
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, $16, $17, $18, $19, $20)
{replace}where not (
            ticket_history.withdrawn_at is null
            and ticket_history.content_digest is excluded.content_digest
            and coalesce(excluded.source_digest, ticket_history.source_digest)
                is ticket_history.source_digest
        )
        and {condition} returning case when revision = $17 then version = 0 end"
    )
}

/// Stores the batch's tickets and deletes their earlier rejections.
pub(crate) async fn store_tickets(
    connection: &mut Connection,
    tenant: &TenantId,
    batch: &Batch,
) -> Result<Written> {
    let locked = lock_tenant(connection, tenant, batch.epoch).await?;
    let (tickets, copies) = each_once(&batch.tickets);
    let (tickets, expired) = split_expired(tickets, kept_since(locked.keep_days, batch.now));
    let mut written = Written {
        counts: Counts::default(),
        refused: Vec::new(),
        bytes: 0,
        limits: locked.limits,
        revision: locked.revision,
    };
    // Of reported tickets, only those that changed a row count as read.
    let mut read: Vec<_> = expired.iter().filter(|_| !batch.reported).collect();
    for incoming in &tickets {
        let stored = upsert(connection, tenant, batch, locked.revision, incoming).await;
        if !batch.reported || matches!(stored, Ok(Some(_))) {
            read.push(incoming);
        }
        if matches!(stored, Ok(Some(_))) {
            written.bytes += incoming.ticket.text_bytes() as u64 + TICKET_BYTES;
        }
        match stored {
            Ok(Some(true)) => written.counts.imported += 1,
            Ok(Some(false)) => written.counts.updated += 1,
            Ok(None) => written.counts.skipped += 1,
            Err(Error::Database(error)) if refuses_the_row(&error) => {
                written.refused.push(rejection(incoming, &error));
            }
            Err(error) => return Err(error),
        }
    }
    for incoming in read {
        let deleted = connection
            .query(
                "delete from rejected_tickets where tenant_id = $1 and rejection_key = $2
                 returning rejection_key",
            )
            .bind(tenant.as_str())
            .bind(incoming.ticket.id.as_str())
            .has_row()
            .await?;
        if deleted {
            written.limits.forget_rejected();
        }
    }
    written.counts.skipped += copies + expired.len() as u64;
    Ok(written)
}

/// Returns whether the row is at fault: `SQLITE_CONSTRAINT` with any extended code, and a text that is too big.
fn refuses_the_row(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    let code = error.code().and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 18 | 19))
}

/// Stores one ticket; returns whether its row is new, `None` if no reader sees a change.
async fn upsert(
    connection: &mut Connection,
    tenant: &TenantId,
    batch: &Batch,
    revision: i64,
    incoming: &Incoming,
) -> Result<Option<bool>> {
    let ticket = &incoming.ticket;
    let statement: &'static str = if batch.reported { &UPSERT_REPORTED } else { &UPSERT };
    let digest = ticket.digest();
    let query = connection
        .query(statement)
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
        .bind(batch.origin.as_str())
        .bind(batch.now)
        .bind(revision)
        .bind(&ticket.description_html)
        .bind(&ticket.resolution_html)
        .bind(&incoming.source_digest);
    let query = if batch.reported {
        query
    } else {
        query.bind(batch.read_at)
    };
    let row: Option<(Option<bool>,)> = query.fetch_optional().await?;
    Ok(row.and_then(|(new,)| new))
}
