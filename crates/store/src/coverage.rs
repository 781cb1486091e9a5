//! Extent of a tenant's served tickets.

use chrono::{DateTime, Utc};
use ticket::TenantId;

use crate::scope::Scope;
use crate::{Result, Store};

impl Store {
    /// Returns the earliest time that a served ticket was resolved, `None` without one. An expired ticket is withdrawn,
    /// and not in the index.
    pub async fn earliest_resolution(&self, tenant: &TenantId) -> Result<Option<DateTime<Utc>>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let row: Option<(DateTime<Utc>,)> = connection
                    .query(
                        "select resolved_date from ticket_history
                         where tenant_id = $1 and withdrawn_at is null and expired_at is null
                             and resolved_date is not null
                         order by resolved_date limit 1",
                    )
                    .bind(tenant.as_str())
                    .fetch_optional()
                    .await?;
                Ok(row.map(|(resolved,)| resolved))
            })
        })
        .await
    }

    /// Returns the number of served tickets that were resolved in a range, both ends included.
    pub async fn count_tickets(
        &self,
        tenant: &TenantId,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<u64> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let (count,): (i64,) = connection
                    .query(
                        "select count(*) from ticket_history
                         where tenant_id = $1 and resolved_date >= $2 and resolved_date <= $3
                             and withdrawn_at is null",
                    )
                    .bind(tenant.as_str())
                    .bind(from)
                    .bind(to)
                    .fetch_one()
                    .await?;
                Ok(count.unsigned_abs())
            })
        })
        .await
    }
}
