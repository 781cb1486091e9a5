//! Tells an operator in time that a tenant's quota will soon be used.

use store::{Store, Tenant, Usage};
use ticket::TenantId;
use tracing::warn;

use crate::{Result, clock, source};

/// Share of a quota in percent from which every run warns.
pub const NEARLY_FULL: u64 = 80;

/// Returns the settings of a tenant with the sizes of what is stored for it. Counts all rows if the known size is near
/// the quota and may be too high.
///
/// # Errors
/// `TenantNotFound`, and those of the store.
pub async fn tenant_with_usage(store: &Store, id: &TenantId) -> Result<Tenant> {
    let usage = store.usage(id, clock::now(), NEARLY_FULL).await?;
    let tenant = source::tenant(store, id).await?;
    Ok(Tenant { usage, ..tenant })
}

/// Warns if a tenant has used most of a quota.
///
/// # Errors
/// `TenantNotFound`, and those of the store.
pub(crate) async fn warn_if_nearly_full(store: &Store, id: &TenantId) -> Result<()> {
    let Tenant { usage, quota, .. } = tenant_with_usage(store, id).await?;
    for (what, option, bytes, limit) in [
        ("tickets", "max-stored-mib", usage.stored_bytes, quota.stored_mib),
        (
            "rejected tickets",
            "max-rejected-mib",
            usage.rejected_bytes,
            quota.rejected_mib,
        ),
    ] {
        let percent = Usage::percent(bytes, limit);
        if let Some(limit) = limit.filter(|_| percent >= NEARLY_FULL) {
            warn!(
                tenant_id = %id,
                "{percent} % of the quota of {limit} MiB for {what} is used; raise it with `precedent tenant set \
                 --tenant-id={id} --{option}=N`, or keep tickets for fewer days with --keep-days"
            );
        }
    }
    Ok(())
}
