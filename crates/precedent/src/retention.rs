//! Tickets are forgotten once they are older than their tenant keeps.
//!
//! Of a ticket that is forgotten id and dates stay, as a withdrawn row without a word of its text: that is how every
//! index, in whatever process, learns of it. The store brings none back; what is asked for is cut here as well, so that
//! nobody reads from the helpdesk what would not be stored.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Expired, Store, Tenant};
use ticket::TenantId;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::audit;
use crate::exit::{ExitCode, Failure};
use crate::range::Range;

/// Rows of a kind that are forgotten in one transaction.
const ROWS: u32 = 1_000;

/// Forgets everything of a tenant that is older than it keeps at `now`, for the holder of its lease; the audit log tells
/// of it.
///
/// # Errors
/// `Interrupted` if told to stop, and those of the store; what was forgotten until then stays so.
pub(crate) async fn expire(
    store: &dyn Store,
    tenant: &TenantId,
    epoch: i64,
    now: DateTime<Utc>,
    stop: &CancellationToken,
) -> anyhow::Result<Expired> {
    let mut expired = Expired::default();
    while !stop.is_cancelled() {
        let some = store.expire(tenant, epoch, now, ROWS).await?;
        if some.is_nothing() {
            break;
        }
        expired += some;
    }
    if !expired.is_nothing() {
        let words = words(&expired);
        info!(tenant_id = %tenant, "forgot what is older than this tenant keeps: {words}");
        audit::note(store, Some(tenant), "tenant expire", words).await?;
    }
    if stop.is_cancelled() {
        let message = format!("stopped after {} tickets were forgotten", expired.tickets);
        return Err(Failure::new(ExitCode::Interrupted, message)
            .hint("give the same command again to go on")
            .into());
    }
    Ok(expired)
}

/// What was forgotten, for people.
pub(crate) fn words(expired: &Expired) -> String {
    let Expired {
        tickets,
        rejected,
        notes,
    } = expired;
    format!("{tickets} tickets, {rejected} rejected, {notes} reports that were given up")
}

/// The part of a range that the tenant keeps; one that ends where it starts if it keeps nothing of it.
pub(crate) fn clip(range: Range, tenant: &Tenant, now: DateTime<Utc>) -> Range {
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
