//! Attempts at jobs: `attempts`.
//!
//! An attempt is noted before it begins, and its end deletes the note. Attempts of a tenant run under its lease, so the
//! next holder of the lease knows that a note of an older epoch is from a process that died.

use chrono::{DateTime, Utc};
use ticket::TenantId;

use crate::scope::Scope;
use crate::{Deaths, Error, JobKind, Result, Store};

impl Store {
    /// Notes an attempt at a job before it begins, under the epoch of the tenant's lease. Counts the notes that a dead
    /// process left, and returns the deaths of this job in a row. After a death notes the attempt only if it runs
    /// `alone`, and never after `limit` deaths.
    pub async fn begin_attempt(
        &self,
        (tenant, kind): (&TenantId, JobKind),
        epoch: i64,
        (alone, limit): (bool, u32),
        now: DateTime<Utc>,
    ) -> Result<Deaths> {
        let permitted = if alone { limit } else { 1 };
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "update attempts set deaths = deaths + 1, died_at = begun_at, begun_at = null
                         where tenant_id = $1 and begun_at is not null and epoch < $2",
                    )
                    .bind(tenant.as_str())
                    .bind(epoch)
                    .execute()
                    .await?;
                connection
                    .query(
                        "insert into attempts (tenant_id, kind, epoch, begun_at) values ($1, $2, $3, $4)
                         on conflict (tenant_id, kind) do update
                         set epoch = excluded.epoch, begun_at = excluded.begun_at
                         where attempts.deaths < $5 and attempts.epoch <= excluded.epoch",
                    )
                    .bind(tenant.as_str())
                    .bind(kind.as_str())
                    .bind(epoch)
                    .bind(now)
                    .bind(i64::from(permitted))
                    .execute()
                    .await?;
                let (count, last): (i32, _) = connection
                    .query("select deaths, died_at from attempts where tenant_id = $1 and kind = $2")
                    .bind(tenant.as_str())
                    .bind(kind.as_str())
                    .fetch_one()
                    .await?;
                let count = count.unsigned_abs();
                Ok(Deaths { count, last })
            })
        })
        .await
    }

    /// Deletes the note of an attempt that ended, and the deaths before it.
    pub async fn end_attempt(&self, tenant: &TenantId, kind: JobKind, epoch: i64) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                connection
                    .query("delete from attempts where tenant_id = $1 and kind = $2 and epoch <= $3")
                    .bind(tenant.as_str())
                    .bind(kind.as_str())
                    .bind(epoch)
                    .execute()
                    .await
            })
        })
        .await
    }

    /// Returns the jobs of all tenants whose last attempt ended with a death, as far as it was noticed.
    pub async fn suspects(&self) -> Result<Vec<(TenantId, JobKind)>> {
        self.transact(Scope::Lists, |connection| {
            Box::pin(async move {
                let rows: Vec<(String, String)> = connection
                    .query("select tenant_id, kind from attempts where deaths > 0")
                    .fetch_all()
                    .await?;
                let corrupt = |column| Error::Corrupt { column };
                let suspect = |(tenant, kind): (String, String)| {
                    let tenant = tenant.parse().map_err(|_| corrupt("attempts.tenant_id"))?;
                    let kind = JobKind::parse(&kind).ok_or_else(|| corrupt("attempts.kind"))?;
                    Ok((tenant, kind))
                };
                rows.into_iter().map(suspect).collect()
            })
        })
        .await
    }
}
