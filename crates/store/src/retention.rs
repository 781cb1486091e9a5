//! Expiry of rows that are older than their tenant keeps.

use chrono::{DateTime, TimeDelta, Utc};
use ticket::TenantId;

use crate::connection::Connection;
use crate::fence::lock_tenant;
use crate::scope::Scope;
use crate::{Expired, Result, Store, quota};

impl Store {
    /// Expires rows that are older than the tenant's `keep_days`, at most `limit` of each kind: tickets by the time of
    /// their resolution, withdrawn ones too, and rejections and dead-lettered events by the time that they came. Id and
    /// dates of a ticket stay, as a withdrawn row. Fails with `Fenced` if another process has acquired the lease since
    /// this epoch.
    pub async fn expire(
        &self,
        tenant: &TenantId,
        epoch: i64,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Expired> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let Some(since) = expiry(connection, tenant, now).await? else {
                    return Ok(Expired::default());
                };
                // An unused revision would make every copy of the table catch up without need.
                if !has_expired_rows(connection, tenant, since).await? {
                    return Ok(Expired::default());
                }
                let revision = lock_tenant(connection, tenant, Some(epoch)).await?.revision;
                let expired = Expired {
                    tickets: empty_tickets(connection, tenant, since, (now, revision), limit).await?,
                    rejections: delete_rejections(connection, tenant, since, limit).await?,
                    events: delete_events(connection, tenant, since, limit).await?,
                };
                quota::outdate(connection, tenant).await?;
                Ok(expired)
            })
        })
        .await
    }
}

/// Returns the earliest resolution of which a ticket is kept; `None` if all are.
pub(crate) fn kept_since(days: Option<i64>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    now.checked_sub_signed(TimeDelta::try_days(days?)?)
}

async fn expiry(
    connection: &mut Connection,
    tenant: &TenantId,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(Option<i64>,)> = connection
        .query("select keep_days from tenant_configs where tenant_id = $1")
        .bind(tenant.as_str())
        .fetch_optional()
        .await?;
    Ok(row.and_then(|(days,)| kept_since(days, now)))
}

async fn has_expired_rows(
    connection: &mut Connection,
    tenant: &TenantId,
    since: DateTime<Utc>,
) -> Result<bool> {
    connection
        .query(
            "select 1 from ticket_history
             where tenant_id = $1 and expired_at is null and resolved_date < $2
             union all
             select 1 from rejected_tickets where tenant_id = $1 and rejected_at < $2
             union all
             select 1 from inbox where tenant_id = $1 and failed_at is not null and received_at < $2
             limit 1",
        )
        .bind(tenant.as_str())
        .bind(since)
        .has_row()
        .await
}

/// Empties tickets, including withdrawn ones, whose text is still stored; returns their number.
async fn empty_tickets(
    connection: &mut Connection,
    tenant: &TenantId,
    since: DateTime<Utc>,
    (now, revision): (DateTime<Utc>, i64),
    limit: u32,
) -> Result<u64> {
    let tickets: Vec<(String,)> = connection
        .query(
            "update ticket_history
             set display_id = null, subject = '', description = '', resolution = '', tags = '[]',
                 status = null, category = null, priority = null, url = null, description_html = null,
                 resolution_html = null, content_digest = null, source_digest = null,
                 withdrawn_at = coalesce(withdrawn_at, $3), expired_at = $3, updated_at = $3, revision = $4
             where tenant_id = $1 and ticket_id in (
                 select ticket_id from ticket_history
                 where tenant_id = $1 and expired_at is null and resolved_date < $2
                 order by resolved_date limit $5
             )
             returning ticket_id",
        )
        .bind(tenant.as_str())
        .bind(since)
        .bind(now)
        .bind(revision)
        .bind(i64::from(limit))
        .fetch_all()
        .await?;
    // Older rows of the same tickets, from an adopted table.
    connection
        .query(
            "delete from ticket_history_duplicates where tenant_id = $1 and ticket_id in
             (select ticket_id from ticket_history
              where tenant_id = $1 and revision = $2 and expired_at is not null)",
        )
        .bind(tenant.as_str())
        .bind(revision)
        .execute()
        .await?;
    Ok(tickets.len() as u64)
}

/// Deletes rejections; returns their number. A rejected ticket may have no readable time of resolution, but it was
/// resolved before it was rejected.
async fn delete_rejections(
    connection: &mut Connection,
    tenant: &TenantId,
    since: DateTime<Utc>,
    limit: u32,
) -> Result<u64> {
    let rejections: Vec<(String,)> = connection
        .query(
            "delete from rejected_tickets where tenant_id = $1 and rejection_key in
                 (select rejection_key from rejected_tickets
                  where tenant_id = $1 and rejected_at < $2 limit $3)
             returning rejection_key",
        )
        .bind(tenant.as_str())
        .bind(since)
        .bind(i64::from(limit))
        .fetch_all()
        .await?;
    Ok(rejections.len() as u64)
}

/// Deletes dead-lettered events; returns their number.
async fn delete_events(
    connection: &mut Connection,
    tenant: &TenantId,
    since: DateTime<Utc>,
    limit: u32,
) -> Result<u64> {
    let events: Vec<(String,)> = connection
        .query(
            "delete from inbox where tenant_id = $1 and note_id in
                 (select note_id from inbox
                  where tenant_id = $1 and failed_at is not null and received_at < $2 limit $3)
             returning note_id",
        )
        .bind(tenant.as_str())
        .bind(since)
        .bind(i64::from(limit))
        .fetch_all()
        .await?;
    Ok(events.len() as u64)
}
