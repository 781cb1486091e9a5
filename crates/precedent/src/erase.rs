//! Everything of a tenant is deleted.
//!
//! In batches, so that a history of millions blocks nobody else, and settings last: until then the command can be given
//! again, and nobody can add a tenant of the same name that would find rows of this one.

use anyhow::Context as _;
use store::Store;
use ticket::TenantId;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::audit;
use crate::exit::{ExitCode, Failure};
use crate::hold::hold;
use crate::search::indexes::Indexes;

/// Rows deleted in one transaction.
const ROWS: u32 = 1_000;

/// Deletes tickets, rejected ones, reports, runs, the search index, tokens, webhook and settings; the audit log stays, and
/// tells of it. Returns the rows.
///
/// # Errors
/// `Interrupted` if told to stop, and those of the store; give it again then.
pub(crate) async fn erase(
    store: &dyn Store,
    indexes: &Indexes,
    tenant: &TenantId,
    stop: &CancellationToken,
) -> anyhow::Result<u64> {
    let lease = hold(store, tenant, stop).await?;
    audit::note(store, Some(tenant), "tenant erase", "begun").await?;
    let mut rows = 0;
    loop {
        unless_stopped(stop, rows)?;
        let deleted = store.erase(tenant, lease.epoch, ROWS).await?;
        if deleted > 0 {
            rows += deleted;
            info!(tenant_id = %tenant, rows, "erasing");
            continue;
        }
        indexes.discard(tenant).await.context("delete the search index")?;
        // Reports need no lease: one that was worked off meanwhile is erased as well.
        if store.remove_erased(tenant, lease.epoch).await? {
            break;
        }
    }
    audit::note(store, Some(tenant), "tenant erase", format!("{rows} rows")).await?;
    Ok(rows)
}

/// Deletes what is left of a tenant that was removed and kept its tickets, and its search index. Returns the rows.
///
/// # Errors
/// `TenantExists` while there is one of this id, `Interrupted` if told to stop, and those of the store.
pub(crate) async fn erase_left(
    store: &dyn Store,
    indexes: &Indexes,
    tenant: &TenantId,
    stop: &CancellationToken,
) -> anyhow::Result<u64> {
    let mut rows = 0;
    loop {
        unless_stopped(stop, rows)?;
        match store.erase_left(tenant, ROWS).await? {
            0 => break,
            deleted => rows += deleted,
        }
        info!(tenant_id = %tenant, rows, "erasing");
    }
    indexes.discard(tenant).await.context("delete the search index")?;
    if rows > 0 {
        audit::note(store, Some(tenant), "tenant erase", format!("{rows} rows")).await?;
    }
    Ok(rows)
}

fn unless_stopped(stop: &CancellationToken, rows: u64) -> Result<(), Failure> {
    if !stop.is_cancelled() {
        return Ok(());
    }
    let stopped = format!("stopped after {rows} rows were deleted");
    Err(Failure::new(ExitCode::Interrupted, stopped).hint("give the same command again to go on"))
}
