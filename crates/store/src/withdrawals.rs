//! Withdrawals of tickets that are no precedents any more.

use ticket::TenantId;

use crate::connection::Connection;
use crate::{Batch, Result};

/// Withdraws the batch's tickets; returns how many of them were served before.
pub(crate) async fn store(
    connection: &mut Connection,
    tenant: &TenantId,
    batch: &Batch,
    revision: i64,
) -> Result<u64> {
    let mut withdrawn = 0;
    for withdrawal in &batch.withdrawals {
        let was_served = connection
            .query(
                "update ticket_history
                 set withdrawn_at = $3, updated_at = $3, revision = $4,
                     source_updated_at = coalesce($5, source_updated_at)
                 where tenant_id = $1 and ticket_id = $2 and withdrawn_at is null
                     and case when $5 is null then updated_at is null or updated_at <= $6
                             else source_updated_at is null or source_updated_at <= $5 end
                 returning ticket_id",
            )
            .bind(tenant.as_str())
            .bind(withdrawal.id.as_str())
            .bind(batch.now)
            .bind(revision)
            .bind(withdrawal.changed_at)
            .bind(batch.read_at)
            .has_row()
            .await?;
        withdrawn += u64::from(was_served);
    }
    Ok(withdrawn)
}
