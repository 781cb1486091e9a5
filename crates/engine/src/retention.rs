//! Retention: expires tickets that are past their tenant's retention period.
//!
//! The id and the dates of an expired ticket stay as a withdrawn row without texts. By this row, every index of every
//! process learns of the expiry. The store never restores an expired ticket. [`clip`] limits requests too, so that an
//! import does not read tickets that would not be stored.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Expired, Store, Tenant};
use ticket::{Range, TenantId};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::{Error, Result, audit};

/// Number of rows of each kind per transaction.
const ROWS: u32 = 1_000;

/// Expires all rows of a tenant that are past its retention period at `now`, under the epoch of its lease, and records
/// it in the audit log.
///
/// # Errors
/// `Stopped` if `stop` is cancelled, and those of the store. Rows that expired before stay expired.
pub async fn expire(
    store: &Store,
    tenant: &TenantId,
    epoch: i64,
    now: DateTime<Utc>,
    stop: &CancellationToken,
) -> Result<Expired> {
    let mut expired = Expired::default();
    while !stop.is_cancelled() {
        let some = store.expire(tenant, epoch, now, ROWS).await?;
        if some.is_empty() {
            break;
        }
        expired += some;
    }
    if !expired.is_empty() {
        let words = words(&expired);
        info!(tenant_id = %tenant, "expired rows past the retention period: {words}");
        audit::record(store, Some(tenant), "tenant expire", words).await?;
    }
    if stop.is_cancelled() {
        return Err(Error::Stopped(format!(
            "stopped after {} tickets expired",
            expired.tickets
        )));
    }
    Ok(expired)
}

/// Returns the numbers of expired rows as text.
pub fn words(expired: &Expired) -> String {
    let Expired {
        tickets,
        rejections: rejected,
        events: notes,
    } = expired;
    format!("{tickets} tickets, {rejected} rejected, {notes} dead-lettered events")
}

/// Returns the part of a range within the tenant's retention period; an empty range if there is none.
pub fn clip(range: Range, tenant: &Tenant, now: DateTime<Utc>) -> Range {
    let since = tenant
        .keep_days
        .and_then(|days| now.checked_sub_signed(TimeDelta::days(days.into())));
    match (since, tenant.keep_days) {
        (Some(since), Some(days)) if since > range.from => {
            info!(
                tenant_id = %tenant.id,
                "tickets resolved before {since} are left out: this tenant keeps tickets for {days} days"
            );
            Range {
                from: since.min(range.to),
                ..range
            }
        }
        _ => range,
    }
}
