//! The limits of what is stored for a tenant, kept in `tenant_configs`.
//!
//! A batch adds the size of the tickets that it wrote, which costs no look at stored rows. What it replaced is not taken
//! off, so the sum may be too high. Before it refuses anything, the store counts all rows.

use chrono::{DateTime, TimeDelta, Utc};
use ticket::TenantId;

use crate::connection::Connection;
use crate::query::Sql;
use crate::scope::Scope;
use crate::{Error, Result, Store, Usage};

/// Size in bytes that a ticket takes beside its texts: fields of bounded length, and its entries in indexes.
pub const TICKET_BYTES: u64 = 500;

/// Time for which a count stays good enough to refuse tickets.
const COUNT_LASTS: TimeDelta = TimeDelta::hours(1);

/// Size of the rows of `ticket_history`.
const STORED_BYTES: Sql = Sql {
    postgres: "
        select coalesce(sum(
            coalesce(octet_length(subject), 0) + octet_length(description) + coalesce(octet_length(resolution), 0)
            + coalesce(octet_length(description_html), 0) + coalesce(octet_length(resolution_html), 0)
            + coalesce(pg_column_size(tags), 0) + $2
        ), 0)::bigint from ticket_history where tenant_id = $1",
    sqlite: "
        select coalesce(sum(
            coalesce(octet_length(subject), 0) + octet_length(description) + coalesce(octet_length(resolution), 0)
            + coalesce(octet_length(description_html), 0) + coalesce(octet_length(resolution_html), 0)
            + coalesce(octet_length(tags), 0) + $2
        ), 0) from ticket_history where tenant_id = $1",
};

const REJECTED_BYTES: Sql = Sql {
    postgres: "select coalesce(sum(octet_length(raw)), 0)::bigint from rejected_tickets where tenant_id = $1",
    sqlite: "select coalesce(sum(octet_length(raw)), 0) from rejected_tickets where tenant_id = $1",
};

/// Limits and sizes of a locked tenant.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(crate) struct Limits {
    max_stored_mib: Option<i64>,
    max_rejected_mib: Option<i64>,
    stored_bytes: Option<i64>,
    rejected_bytes: Option<i64>,
    #[sqlx(skip)]
    forgot_rejected: bool,
}

impl Limits {
    /// Notes that rejections were deleted; the next rejection counts what is left.
    pub(crate) fn forget_rejected(&mut self) {
        self.rejected_bytes = None;
        self.forgot_rejected = true;
    }

    /// Returns the size in bytes that the raw forms of further rejections may have.
    pub(crate) async fn rejected_left(
        &mut self,
        connection: &mut Connection,
        tenant: &TenantId,
    ) -> Result<u64> {
        if self.rejected_bytes.is_none() {
            let count = connection.query(REJECTED_BYTES).bind(tenant.as_str());
            self.rejected_bytes = Some(count.fetch_one::<(i64,)>().await?.0);
        }
        let most = bytes_of(self.max_rejected_mib);
        Ok(most.saturating_sub(self.rejected_bytes.unwrap_or(0).unsigned_abs()))
    }

    /// Adds what a batch has written: the size of its tickets, and the difference that its rejections make.
    ///
    /// # Errors
    /// `QuotaFull` if the tickets exceed their limit, or were never counted. The transaction must be rolled back then.
    pub(crate) async fn add(
        self,
        connection: &mut Connection,
        tenant: &TenantId,
        stored: u64,
        rejected: i64,
    ) -> Result<()> {
        if stored == 0 && rejected == 0 && !self.forgot_rejected {
            return Ok(());
        }
        let sum = self
            .stored_bytes
            .map(|before| before.unsigned_abs().saturating_add(stored));
        let fits = sum.is_some_and(|sum| sum <= bytes_of(self.max_stored_mib));
        if stored > 0 && self.max_stored_mib.is_some() && !fits {
            return Err(Error::QuotaFull {
                tenant: tenant.clone(),
                limit_mib: self.max_stored_mib.unwrap_or(0).unsigned_abs(),
            });
        }
        connection
            .query(
                "update tenant_configs
                 set stored_bytes = stored_bytes + $2, rejected_bytes = $3 + $4
                 where tenant_id = $1",
            )
            .bind(tenant.as_str())
            .bind(i64::try_from(stored).unwrap_or(i64::MAX))
            .bind(self.rejected_bytes)
            .bind(rejected)
            .execute()
            .await
    }
}

fn bytes_of(limit_mib: Option<i64>) -> u64 {
    limit_mib.map_or(u64::MAX, |limit| limit.unsigned_abs().saturating_mul(1 << 20))
}

/// Forgets the size of the rejected tickets after some were deleted; the next rejection counts them.
pub(crate) async fn forget_rejected(connection: &mut Connection, tenant: &TenantId) -> Result<()> {
    connection
        .query("update tenant_configs set rejected_bytes = null where tenant_id = $1")
        .bind(tenant.as_str())
        .execute()
        .await
}

/// Marks both sizes as out of date after rows were emptied or deleted.
pub(crate) async fn outdate(connection: &mut Connection, tenant: &TenantId) -> Result<()> {
    connection
        .query(
            "update tenant_configs set rejected_bytes = null, stored_counted_at = null where tenant_id = $1",
        )
        .bind(tenant.as_str())
        .execute()
        .await
}

/// What is known of a tenant's quota, and of the size of what is stored for it.
#[derive(sqlx::FromRow)]
struct Known {
    max_stored_mib: Option<i64>,
    stored_bytes: Option<i64>,
    rejected_bytes: Option<i64>,
    stored_counted_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Returns the sizes of what is stored for the tenant. Counts all rows if they were never counted, or if the known
    /// size of the tickets is above `from_percent` of its limit and its count is older than an hour.
    pub async fn usage(&self, tenant: &TenantId, now: DateTime<Utc>, from_percent: u64) -> Result<Usage> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                // Locks the tenant, so that no batch adds to a size while it is counted.
                let found: Option<Known> = connection
                    .query(
                        "update tenant_configs set stored_bytes = stored_bytes where tenant_id = $1
                         returning max_stored_mib, stored_bytes, rejected_bytes, stored_counted_at",
                    )
                    .bind(tenant.as_str())
                    .fetch_optional()
                    .await?;
                let known = found.ok_or_else(|| Error::TenantNotFound(tenant.clone()))?;
                let counted_at = known.stored_counted_at;
                let is_recent = counted_at.is_some_and(|at| now - at < COUNT_LASTS && at <= now);
                let limit = bytes_of(known.max_stored_mib);
                let is_low = |bytes: i64| bytes.unsigned_abs() <= limit / 100 * from_percent;
                if let (Some(stored), Some(rejected)) = (known.stored_bytes, known.rejected_bytes)
                    && (is_recent || is_low(stored))
                {
                    return Ok(usage(stored, rejected));
                }
                let count = connection.query(STORED_BYTES).bind(tenant.as_str());
                let (stored,): (i64,) = count.bind(TICKET_BYTES.cast_signed()).fetch_one().await?;
                let count = connection.query(REJECTED_BYTES).bind(tenant.as_str());
                let (rejected,): (i64,) = count.fetch_one().await?;
                connection
                    .query(
                        "update tenant_configs
                         set stored_bytes = $2, rejected_bytes = $3, stored_counted_at = $4
                         where tenant_id = $1",
                    )
                    .bind(tenant.as_str())
                    .bind(stored)
                    .bind(rejected)
                    .bind(now)
                    .execute()
                    .await?;
                Ok(usage(stored, rejected))
            })
        })
        .await
    }
}

fn usage(stored: i64, rejected: i64) -> Usage {
    Usage {
        stored_bytes: stored.unsigned_abs(),
        rejected_bytes: rejected.unsigned_abs(),
    }
}
