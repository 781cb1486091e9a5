//! Leases: one writer per tenant at a time.
//!
//! Two means work together. A lock that ends with its holder lets another process wait or take over at once: an advisory
//! lock on PostgreSQL, which also a holder that hangs loses, and a file lock beside an SQLite database. Correctness does
//! not depend on the lock: each lease raises the tenant's epoch, and the store refuses a batch with an older epoch.

use chrono::{DateTime, Utc};
use ticket::TenantId;

use crate::lease_lock::LeaseLock;
use crate::retry::Retries;
use crate::scope::Scope;
use crate::{Error, Holder, Result, Store};

/// Permission to write a tenant's tickets; it ends when it is dropped.
#[derive(Debug)]
pub struct Lease {
    /// Epoch of the lease, for every batch.
    pub epoch: i64,
    /// Frees the lock soon after it is dropped.
    lock: LeaseLock,
}

impl Store {
    /// Checks that leases can be acquired, or fails with `SharedSessions`.
    pub async fn check_sessions(&self) -> Result<()> {
        self.database.check_sessions().await
    }

    /// Acquires the tenant's lease. `holder` describes this process to others. An earlier holder can store nothing more.
    /// Fails with `Held` while another process that is alive holds the lease.
    pub async fn acquire_lease(&self, tenant: &TenantId, holder: &str, now: DateTime<Utc>) -> Result<Lease> {
        let mut retries = Retries::new();
        let lock = loop {
            match self.database.try_lock(tenant).await {
                Err(error) if retries.again(&error).await => {}
                lock => break lock?,
            }
        };
        let Some(lock) = lock else {
            let holder = self.holder(tenant).await?;
            let tenant = tenant.clone();
            return Err(Error::Held { tenant, holder });
        };
        let epoch = self.raise_epoch(tenant, holder, now).await?;
        Ok(Lease { epoch, lock })
    }

    /// Releases the lease.
    pub async fn release_lease(&self, tenant: &TenantId, lease: Lease) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "update tenant_configs set holder = null, held_since = null
                         where tenant_id = $1 and epoch = $2",
                    )
                    .bind(tenant.as_str())
                    .bind(lease.epoch)
                    .execute()
                    .await
            })
        })
        .await?;
        lease.lock.free().await;
        Ok(())
    }

    async fn holder(&self, tenant: &TenantId) -> Result<Holder> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let row = connection
                    .query("select holder, held_since from tenant_configs where tenant_id = $1")
                    .bind(tenant.as_str())
                    .fetch_optional()
                    .await?;
                let (name, since) = row.ok_or_else(|| Error::TenantNotFound(tenant.clone()))?;
                Ok(Holder { name, since })
            })
        })
        .await
    }

    /// Raises the tenant's epoch, which fences off every earlier holder.
    async fn raise_epoch(&self, tenant: &TenantId, holder: &str, now: DateTime<Utc>) -> Result<i64> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let row: Option<(i64,)> = connection
                    .query(
                        "update tenant_configs set epoch = epoch + 1, holder = $2,
                             held_since = $3 where tenant_id = $1
                         returning epoch",
                    )
                    .bind(tenant.as_str())
                    .bind(holder)
                    .bind(now)
                    .fetch_optional()
                    .await?;
                row.map(|(epoch,)| epoch)
                    .ok_or_else(|| Error::TenantNotFound(tenant.clone()))
            })
        })
        .await
    }
}
