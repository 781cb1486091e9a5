//! The fence behind a lease: a write with an older epoch fails.
//!
//! Each lease raises the tenant's epoch. A transaction that writes under a lease locks the tenant's row and compares the
//! epochs, so a holder that lost its lease can store nothing more.

use ticket::TenantId;

use crate::connection::Connection;
use crate::quota::Limits;
use crate::{Error, Result};

/// The tenant's row, locked by the transaction.
#[derive(Clone, Copy, sqlx::FromRow)]
pub(crate) struct LockedTenant {
    /// Revision of the rows that the transaction writes.
    pub(crate) revision: i64,
    pub(crate) epoch: i64,
    /// Days that a ticket is kept after its resolution.
    pub(crate) keep_days: Option<i64>,
    #[sqlx(flatten)]
    pub(crate) limits: Limits,
}

/// Locks the tenant for this transaction and raises its revision. Fails with `Fenced` if `epoch` is not the current one.
pub(crate) async fn lock_tenant(
    connection: &mut Connection,
    tenant: &TenantId,
    epoch: Option<i64>,
) -> Result<LockedTenant> {
    let locked = connection
        .query(
            "update tenant_configs set revision = revision + 1 where tenant_id = $1
             returning revision, epoch, keep_days, max_stored_mib, max_rejected_mib, stored_bytes, rejected_bytes",
        )
        .bind(tenant.as_str())
        .fetch_optional()
        .await?;
    check_epoch(locked, tenant, epoch)
}

/// Returns the locked row, or fails with `Fenced` or `TenantNotFound`.
pub(crate) fn check_epoch(
    locked: Option<LockedTenant>,
    tenant: &TenantId,
    epoch: Option<i64>,
) -> Result<LockedTenant> {
    match locked {
        Some(locked) if epoch.is_none_or(|epoch| epoch == locked.epoch) => Ok(locked),
        Some(_) => Err(Error::Fenced(tenant.clone())),
        None => Err(Error::TenantNotFound(tenant.clone())),
    }
}
