//! Erasure of everything that is stored for a tenant, a few rows at a time.

use ticket::TenantId;

use crate::connection::Connection;
use crate::fence::lock_tenant;
use crate::scope::Scope;
use crate::{Error, Result, Store, tenants};

impl Store {
    /// Deletes at most `limit` rows of everything that is stored for the tenant except for its settings, tokens and audit
    /// entries; returns their number. Fails with `Fenced` if another process has acquired the lease since this epoch.
    pub async fn erase(&self, tenant: &TenantId, epoch: i64, limit: u32) -> Result<u64> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                lock_tenant(connection, tenant, Some(epoch)).await?;
                erase_some(connection, tenant, limit).await
            })
        })
        .await
    }

    /// Deletes at most `limit` rows that a removed tenant left; returns their number. Fails with `TenantExists` while
    /// there is a tenant of this id.
    pub async fn erase_left(&self, tenant: &TenantId, limit: u32) -> Result<u64> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                if tenants::find(connection, tenant).await?.is_some() {
                    return Err(Error::TenantExists(tenant.clone()));
                }
                erase_some(connection, tenant, limit).await
            })
        })
        .await
    }

    /// Removes the settings and tokens of a tenant without other rows. Returns `false` and changes nothing if there are
    /// rows to erase. Fails with `Fenced` as [`Store::erase`] does.
    pub async fn remove_erased(&self, tenant: &TenantId, epoch: i64) -> Result<bool> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                // A transaction that stores an event waits for this lock and then finds no tenant.
                lock_tenant(connection, tenant, Some(epoch)).await?;
                let left = connection
                    .query(
                        "select 1 from ticket_history where tenant_id = $1
                         union all
                         select 1 from rejected_tickets where tenant_id = $1
                         union all
                         select 1 from import_runs where tenant_id = $1
                         limit 1",
                    )
                    .bind(tenant.as_str())
                    .has_row()
                    .await?;
                if left {
                    return Ok(false);
                }
                tenants::remove(connection, tenant).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// Deletes at most `limit` rows of the first table that has any; returns their number.
async fn erase_some(connection: &mut Connection, tenant: &TenantId, limit: u32) -> Result<u64> {
    for delete in [
        "delete from ticket_history where tenant_id = $1 and ticket_id in
             (select ticket_id from ticket_history where tenant_id = $1 limit $2)
         returning tenant_id",
        "delete from ticket_history_duplicates where tenant_id = $1 and ticket_id in
             (select ticket_id from ticket_history_duplicates where tenant_id = $1 limit $2)
         returning tenant_id",
        "delete from rejected_tickets where tenant_id = $1 and rejection_key in
             (select rejection_key from rejected_tickets where tenant_id = $1 limit $2)
         returning tenant_id",
        "delete from inbox where tenant_id = $1 and note_id in
             (select note_id from inbox where tenant_id = $1 limit $2)
         returning tenant_id",
        "delete from sightings where tenant_id = $1 and ticket_id in
             (select ticket_id from sightings where tenant_id = $1 limit $2)
         returning tenant_id",
        "delete from import_windows where tenant_id = $1 and run_id in
             (select run_id from import_windows where tenant_id = $1 limit $2)
         returning tenant_id",
        "delete from import_runs where tenant_id = $1 and run_id in
             (select run_id from import_runs where tenant_id = $1 limit $2)
         returning tenant_id",
    ] {
        let deleted: Vec<(String,)> = connection
            .query(delete)
            .bind(tenant.as_str())
            .bind(i64::from(limit))
            .fetch_all()
            .await?;
        if !deleted.is_empty() {
            return Ok(deleted.len() as u64);
        }
    }
    Ok(0)
}
