//! Freshness of tenants' histories: times in `tenant_configs` and the first import in `import_runs`.

use chrono::{DateTime, TimeDelta, Utc};
use ticket::TenantId;

use crate::runs::RunRow;
use crate::scope::Scope;
use crate::{Error, Freshness, Result, Store};

/// Largest difference between the clocks of the helpdesk and of this machine.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

#[derive(sqlx::FromRow)]
struct FreshnessRow {
    tenant_id: String,
    imported_at: Option<DateTime<Utc>>,
    synced_to: Option<DateTime<Utc>>,
    synced_at: Option<DateTime<Utc>>,
    reconciled_at: Option<DateTime<Utc>>,
}

impl FreshnessRow {
    fn into_freshness(self) -> Result<(TenantId, Freshness)> {
        let tenant = self.tenant_id.parse().map_err(|_| Error::Corrupt {
            column: "tenant_configs.tenant_id",
        })?;
        let freshness = Freshness {
            imported_at: self.imported_at,
            synced_to: self.synced_to,
            synced_at: self.synced_at,
            reconciled_at: self.reconciled_at,
        };
        Ok((tenant, freshness))
    }
}

impl Store {
    /// Returns the times of the last comparisons with the source, or fails with `TenantNotFound`.
    pub async fn freshness(&self, tenant: &TenantId) -> Result<Freshness> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let row: Option<FreshnessRow> = connection
                    .query(
                        "select tenant_id, synced_to, synced_at, reconciled_at,
                             (select started_at from import_runs
                              where import_runs.tenant_id = tenant_configs.tenant_id and kind = 'import'
                                  and state = 'finished'
                              order by started_at limit 1) as imported_at
                         from tenant_configs where tenant_id = $1",
                    )
                    .bind(tenant.as_str())
                    .fetch_optional()
                    .await?;
                let row = row.ok_or_else(|| Error::TenantNotFound(tenant.clone()))?;
                Ok(row.into_freshness()?.1)
            })
        })
        .await
    }

    /// Returns the freshness of every tenant; the tenant whose last sync is oldest comes first.
    pub async fn freshness_of_all(&self) -> Result<Vec<(TenantId, Freshness)>> {
        self.transact(Scope::Lists, |connection| {
            Box::pin(async move {
                let rows: Vec<FreshnessRow> = connection
                    .query(
                        "select tenant_id, synced_to, synced_at, reconciled_at,
                             (select started_at from import_runs
                              where import_runs.tenant_id = tenant_configs.tenant_id and kind = 'import'
                                  and state = 'finished'
                              order by started_at limit 1) as imported_at
                         from tenant_configs order by coalesce(synced_at, created_at), tenant_id",
                    )
                    .fetch_all()
                    .await?;
                rows.into_iter().map(FreshnessRow::into_freshness).collect()
            })
        })
        .await
    }

    /// Replaces the times except for `imported_at`. Fails with `Fenced` if another process has acquired the lease since
    /// this epoch.
    pub async fn set_freshness(&self, tenant: &TenantId, epoch: i64, freshness: &Freshness) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let updated = connection
                    .query(
                        "update tenant_configs set synced_to = $3, synced_at = $4, reconciled_at = $5
                         where tenant_id = $1 and epoch = $2 returning tenant_id",
                    )
                    .bind(tenant.as_str())
                    .bind(epoch)
                    .bind(freshness.synced_to)
                    .bind(freshness.synced_at)
                    .bind(freshness.reconciled_at)
                    .has_row()
                    .await?;
                match updated {
                    true => Ok(()),
                    false => Err(Error::Fenced(tenant.clone())),
                }
            })
        })
        .await
    }

    /// Returns the time up to which the first finished import missed no change, see [`crate::Run::proven_to`]. `None`
    /// before an import has finished. Later imports prove nothing: they read other ranges, or the same again.
    pub async fn import_watermark(&self, tenant: &TenantId) -> Result<Option<DateTime<Utc>>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let row: Option<RunRow> = connection
                    .query(
                        "select * from import_runs
                         where tenant_id = $1 and kind = 'import' and state = 'finished'
                         order by started_at limit 1",
                    )
                    .bind(tenant.as_str())
                    .fetch_optional()
                    .await?;
                let run = row.map(|row| row.into_run(Vec::new())).transpose()?;
                Ok(run.map(|run| run.proven_to().unwrap_or(run.started_at - CLOCK_SKEW)))
            })
        })
        .await
    }
}
