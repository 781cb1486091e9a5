//! Acquires the tenant lease before tickets are written, and releases it.

use std::time::Duration;

use store::{Lease, Store, Tenant};
use ticket::TenantId;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::audit::origin;
use crate::error::AtStep as _;
use crate::source::{Client, store_learned};
use crate::{Error, Result, clock};

/// Interval between two attempts to acquire the lease.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Number of attempts between two log lines.
const ATTEMPTS_PER_LINE: u32 = 60;

/// Behaviour if another process holds the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfHeld {
    /// Wait until the lease is free.
    Wait,
    /// Fail with [`store::Error::Held`].
    Fail,
}

/// Acquires the lease of a tenant.
///
/// # Errors
/// `Stopped` if `stop` is cancelled meanwhile, `Held` as `if_held` says, and those of the store.
pub async fn acquire_lease(
    store: &Store,
    tenant: &TenantId,
    if_held: IfHeld,
    stop: &CancellationToken,
) -> Result<Lease> {
    for attempt in 0.. {
        match try_acquire_lease(store, tenant).await {
            Err(store::Error::Held { holder, .. }) if if_held == IfHeld::Wait => {
                if attempt % ATTEMPTS_PER_LINE == 0 {
                    info!(tenant_id = %tenant, "waiting: tenant {tenant} is held by {holder}");
                }
            }
            acquired => return Ok(acquired?),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
    }
    Err(Error::Stopped(format!(
        "stopped while waiting for tenant {tenant}; nothing was done"
    )))
}

/// Acquires the lease of a tenant unless another process holds it.
///
/// # Errors
/// `Held`, and those of the store.
pub(crate) async fn try_acquire_lease(store: &Store, tenant: &TenantId) -> store::Result<Lease> {
    store.acquire_lease(tenant, &origin(), clock::now()).await
}

/// Releases the lease after an operation, and stores what the client learned about the helpdesk.
///
/// # Errors
/// The error of the operation, with the tenant's name, and those of the store.
pub async fn release_lease<T>(
    store: &Store,
    (tenant, client): (&Tenant, &Client),
    lease: Lease,
    done: Result<T>,
) -> Result<T> {
    let stored = store_learned(store, tenant, client, &done, None).await;
    let released = store.release_lease(&tenant.id, lease).await;
    // The error of the operation matters more than the failure to record it.
    let done = done.map_err(|error| error.of_helpdesk(&tenant.id))?;
    stored.at_step("store what was learned about the helpdesk")?;
    released?;
    Ok(done)
}
