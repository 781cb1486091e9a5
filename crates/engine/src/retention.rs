//! Retention: expires tickets that are older than their tenant keeps.
//!
//! The id and the dates of an expired ticket stay, as a withdrawn row without its texts: by this row every index, in any
//! process, learns of it. The store brings no expired ticket back. [`clip`] limits requests as well, so that an import does
//! not read tickets that would not be stored.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Expired, Store, Tenant};
use ticket::{Range, TenantId};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::{Error, Result, audit};

/// Number of rows of each kind per transaction.
const ROWS: u32 = 1_000;

/// Expires everything of a tenant that is older than it keeps at `now`, under the epoch of its lease, and records it in
/// the audit log.
///
/// # Errors
/// `Stopped` if `stop` is cancelled, and those of the store. What has expired until then stays so.
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
        info!(tenant_id = %tenant, "forgot what is older than this tenant keeps: {words}");
        audit::record(store, Some(tenant), "tenant expire", words).await?;
    }
    if stop.is_cancelled() {
        return Err(Error::Stopped(format!(
            "stopped after {} tickets were forgotten",
            expired.tickets
        )));
    }
    Ok(expired)
}

/// Numbers of expired rows, for people.
pub fn words(expired: &Expired) -> String {
    let Expired {
        tickets,
        rejections: rejected,
        events: notes,
    } = expired;
    format!("{tickets} tickets, {rejected} rejected, {notes} reports that were given up")
}

/// Returns the part of a range that the tenant keeps: an empty range if it keeps nothing of it.
pub fn clip(range: Range, tenant: &Tenant, now: DateTime<Utc>) -> Range {
    let since = tenant
        .keep_days
        .and_then(|days| now.checked_sub_signed(TimeDelta::days(days.into())));
    match (since, tenant.keep_days) {
        (Some(since), Some(days)) if since > range.from => {
            info!(
                tenant_id = %tenant.id,
                "tickets that were resolved before {since} are left out: this tenant keeps them for {days} days"
            );
            Range {
                from: since.min(range.to),
                ..range
            }
        }
        _ => range,
    }
}
