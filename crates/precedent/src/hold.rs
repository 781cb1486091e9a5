//! Having a tenant to oneself while its tickets are written.

use std::time::Duration;

use anyhow::Context as _;
use servicedesk::Client;
use store::{Error, Lease, Store, Tenant};
use ticket::TenantId;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::audit::origin;
use crate::cli::IfHeld;
use crate::exit::{ExitCode, Failure};
use crate::{advice, clock, desk};

/// Between two looks whether the tenant is free.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Looks between two lines in the log.
const SAY_EVERY: u32 = 60;

/// Waits until nobody else writes the tenant's tickets.
///
/// # Errors
/// `Interrupted` if told to stop meanwhile, and those of the store.
pub(crate) async fn hold(
    store: &dyn Store,
    tenant: &TenantId,
    stop: &CancellationToken,
) -> anyhow::Result<Lease> {
    for looks in 0.. {
        match hold_if_free(store, tenant).await {
            Ok(lease) => return Ok(lease),
            Err(Error::Held { holder, .. }) if looks % SAY_EVERY == 0 => {
                info!(tenant_id = %tenant, "waiting: tenant {tenant} is held by {holder}");
            }
            Err(Error::Held { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    let message = format!("stopped while waiting for tenant {tenant}; nothing was done");
    Err(Failure::new(ExitCode::Interrupted, message)
        .hint("give the same command again")
        .into())
}

/// Waits for the tenant, or passes it by.
///
/// # Errors
/// `Held` if it is to be passed by, those of [`hold`] if not.
pub(crate) async fn hold_or_pass(
    store: &dyn Store,
    tenant: &TenantId,
    if_held: IfHeld,
    stop: &CancellationToken,
) -> anyhow::Result<Lease> {
    match if_held {
        IfHeld::Wait => hold(store, tenant, stop).await,
        IfHeld::Pass => Ok(hold_if_free(store, tenant).await?),
    }
}

/// Takes the tenant unless somebody else has it.
///
/// # Errors
/// `Held`, and those of the store.
pub(crate) async fn hold_if_free(store: &dyn Store, tenant: &TenantId) -> store::Result<Lease> {
    store.lease(tenant, &origin(), clock::now()).await
}

/// Gives a tenant back after a job, and remembers what was learned of its helpdesk.
///
/// # Errors
/// That of the job, with what to do about it, and those of the store.
pub(crate) async fn give_back<T>(
    store: &dyn Store,
    (tenant, client): (&Tenant, &Client),
    lease: Lease,
    done: anyhow::Result<T>,
) -> anyhow::Result<T> {
    let remembered = desk::remember(store, tenant, client, &done, None).await;
    let released = store.release(&tenant.id, lease).await;
    // What the job failed of says more than that the database, which may be what failed, cannot note it.
    let done = done.map_err(|error| advice::explain(error, &tenant.id))?;
    remembered.context("remember what was learned of the helpdesk")?;
    released?;
    Ok(done)
}
