//! Rejected tickets: `rejected_tickets`.

mod row;

use ticket::TenantId;

use crate::connection::Connection;
use crate::quota::Limits;
use crate::scope::Scope;
use crate::{Batch, RejectedTicket, Rejection, Result, Store, quota};
use row::{RejectionRow, storable, to_row};

impl Store {
    /// Returns the next `limit` rejections after `after`, ordered by key.
    pub async fn rejections(
        &self,
        tenant: &TenantId,
        after: Option<&RejectedTicket>,
        limit: u32,
    ) -> Result<Vec<RejectedTicket>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<RejectionRow> = connection
                    .query(
                        "select rejection_key, ticket_id, reason, raw, rejected_at from rejected_tickets
                         where tenant_id = $1 and rejection_key > $2 order by rejection_key limit $3",
                    )
                    .bind(tenant.as_str())
                    .bind(after.map_or("", |rejection| rejection.key.as_str()))
                    .bind(i64::from(limit))
                    .fetch_all()
                    .await?;
                Ok(rows.into_iter().map(RejectionRow::into_rejected_ticket).collect())
            })
        })
        .await
    }

    /// Returns the rejection with this key, `None` if there is none.
    pub async fn rejection(&self, tenant: &TenantId, key: &str) -> Result<Option<RejectedTicket>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let row: Option<RejectionRow> = connection
                    .query(
                        "select rejection_key, ticket_id, reason, raw, rejected_at from rejected_tickets
                         where tenant_id = $1 and rejection_key = $2",
                    )
                    .bind(tenant.as_str())
                    .bind(key)
                    .fetch_optional()
                    .await?;
                Ok(row.map(RejectionRow::into_rejected_ticket))
            })
        })
        .await
    }

    /// Replaces the reason of a rejection; its raw form, run and time stay.
    pub async fn set_rejection_reason(&self, tenant: &TenantId, key: &str, reason: &str) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "update rejected_tickets set reason = $3 where tenant_id = $1 and rejection_key = $2",
                    )
                    .bind(tenant.as_str())
                    .bind(key)
                    .bind(storable(reason))
                    .execute()
                    .await
            })
        })
        .await
    }

    /// Deletes a rejection.
    pub async fn delete_rejection(&self, tenant: &TenantId, key: &str) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                delete(connection, tenant, key).await?;
                quota::forget_rejected(connection, tenant).await
            })
        })
        .await
    }
}

/// Reason that is added to a rejection without raw form.
const NOT_KEPT: &str =
    "; its raw form was not kept, because the tenant has used its quota for rejected tickets";

/// Result of storing rejections.
#[derive(Default)]
pub(crate) struct Stored {
    /// Number of rejections.
    pub(crate) count: u64,
    /// Difference that they make to the size of all raw forms, in bytes.
    pub(crate) bytes: i64,
}

/// Stores the batch's rejections and those of the database; a ticket that is rejected again replaces its row. Beyond the
/// tenant's quota it stores them without their raw forms.
pub(crate) async fn store(
    connection: &mut Connection,
    tenant: &TenantId,
    batch: &Batch,
    refused: &[Rejection],
    limits: &mut Limits,
) -> Result<Stored> {
    let mut stored = Stored::default();
    if batch.rejections.is_empty() && refused.is_empty() {
        return Ok(stored);
    }
    let run = batch.checkpoint.as_ref();
    let run = run.map_or_else(String::new, |checkpoint| checkpoint.run.to_string());
    let left = i64::try_from(limits.rejected_left(connection, tenant).await?).unwrap_or(i64::MAX);
    for rejection in batch.rejections.iter().chain(refused) {
        let mut row = to_row(rejection);
        let before = raw_bytes(connection, tenant, &row.key).await?;
        if stored.bytes - before + length(&row.raw) > left {
            row.raw.clear();
            row.reason.push_str(NOT_KEPT);
        }
        stored.bytes += length(&row.raw) - before;
        connection
            .query(
                "insert into rejected_tickets
                     (tenant_id, rejection_key, ticket_id, reason, raw, run_id, rejected_at)
                 values ($1, $2, $3, $4, $5, $6, $7)
                 on conflict (tenant_id, rejection_key) do update
                 set reason = excluded.reason, raw = excluded.raw, run_id = excluded.run_id,
                     rejected_at = excluded.rejected_at",
            )
            .bind(tenant.as_str())
            .bind(row.key)
            .bind(row.ticket_id)
            .bind(row.reason)
            .bind(row.raw)
            .bind(&run)
            .bind(batch.now)
            .execute()
            .await?;
        stored.count += 1;
    }
    Ok(stored)
}

/// Returns the size in bytes of the raw form that is stored under a key, 0 if there is none.
async fn raw_bytes(connection: &mut Connection, tenant: &TenantId, key: &str) -> Result<i64> {
    let found: Option<(i64,)> = connection
        .query(
            "select cast(octet_length(raw) as bigint) from rejected_tickets
             where tenant_id = $1 and rejection_key = $2",
        )
        .bind(tenant.as_str())
        .bind(key)
        .fetch_optional()
        .await?;
    Ok(found.map_or(0, |(bytes,)| bytes))
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

/// Deletes a rejection.
pub(crate) async fn delete(connection: &mut Connection, tenant: &TenantId, key: &str) -> Result<()> {
    connection
        .query("delete from rejected_tickets where tenant_id = $1 and rejection_key = $2")
        .bind(tenant.as_str())
        .bind(key)
        .execute()
        .await
}
