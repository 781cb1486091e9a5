//! Rejected tickets: `rejected_tickets`.

mod row;

use ticket::TenantId;

use crate::connection::Connection;
use crate::scope::Scope;
use crate::{Batch, RejectedTicket, Rejection, Result, Store};
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
            Box::pin(delete(connection, tenant, key))
        })
        .await
    }
}

/// Stores the batch's rejections and those of the database; a ticket that is rejected again replaces its row. Returns
/// their number.
pub(crate) async fn store(
    connection: &mut Connection,
    tenant: &TenantId,
    batch: &Batch,
    refused: &[Rejection],
) -> Result<u64> {
    let run = batch.checkpoint.as_ref();
    let run = run.map_or_else(String::new, |checkpoint| checkpoint.run.to_string());
    let mut stored = 0;
    for rejection in batch.rejections.iter().chain(refused) {
        let row = to_row(rejection);
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
        stored += 1;
    }
    Ok(stored)
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
