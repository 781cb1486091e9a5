//! Erasure: deletes all data of a tenant.
//!
//! It deletes rows in batches, so that a history of millions does not block other tenants. The settings come last:
//! until then the erasure can be repeated, and no new tenant with the same id can find rows of this one.

use store::Store;
use ticket::TenantId;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::lease::{IfHeld, acquire_lease};
use crate::{Error, Result, audit};

/// Number of rows per transaction.
const ROWS: u32 = 1_000;

/// Deletes tickets, rejections, webhook events, runs, the search index, tokens, webhook and settings. The audit log
/// stays, with an entry on the erasure. `discard_index` deletes the search index. Returns the number of rows.
///
/// # Errors
/// `Stopped` if `stop` is cancelled, and those of the store and of `discard_index`; repeat the erasure then.
pub async fn erase<E: From<Error> + From<store::Error>>(
    store: &Store,
    discard_index: impl AsyncFn(&TenantId) -> Result<(), E>,
    tenant: &TenantId,
    stop: &CancellationToken,
) -> Result<u64, E> {
    let lease = acquire_lease(store, tenant, IfHeld::Wait, stop).await?;
    audit::record(store, Some(tenant), "tenant erase", "begun").await?;
    let mut rows = 0;
    loop {
        unless_stopped(stop, rows)?;
        let deleted = store.erase(tenant, lease.epoch, ROWS).await?;
        if deleted > 0 {
            rows += deleted;
            info!(tenant_id = %tenant, rows, "erasing");
            continue;
        }
        discard_index(tenant).await?;
        // Webhook events need no lease, so the next turn also erases tickets that were stored meanwhile.
        if store.remove_erased(tenant, lease.epoch).await? {
            break;
        }
    }
    audit::record(store, Some(tenant), "tenant erase", format!("{rows} rows")).await?;
    Ok(rows)
}

/// Deletes the tickets and the search index of a tenant that was removed without erasure. Returns the number of rows.
///
/// # Errors
/// `TenantExists` while there is a tenant of this id, `Stopped` if `stop` is cancelled, and those of the store and of
/// `discard_index`.
pub async fn erase_left<E: From<Error> + From<store::Error>>(
    store: &Store,
    discard_index: impl AsyncFn(&TenantId) -> Result<(), E>,
    tenant: &TenantId,
    stop: &CancellationToken,
) -> Result<u64, E> {
    let mut rows = 0;
    loop {
        unless_stopped(stop, rows)?;
        match store.erase_left(tenant, ROWS).await? {
            0 => break,
            deleted => rows += deleted,
        }
        info!(tenant_id = %tenant, rows, "erasing");
    }
    discard_index(tenant).await?;
    if rows > 0 {
        audit::record(store, Some(tenant), "tenant erase", format!("{rows} rows")).await?;
    }
    Ok(rows)
}

fn unless_stopped(stop: &CancellationToken, rows: u64) -> Result<()> {
    if !stop.is_cancelled() {
        return Ok(());
    }
    Err(Error::Stopped(format!("stopped after {rows} rows were deleted")))
}
