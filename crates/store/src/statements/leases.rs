//! Statements on who has a tenant.

use ticket::TenantId;

use crate::{Error, Result};

macro_rules! leases {
    ($connection:ty) => {
        /// Locks the tenant for this transaction and gives the revision to stamp rows with and the days that it
        /// keeps; refuses an older holder.
        pub(super) async fn next_revision(
            connection: &mut $connection,
            tenant: &TenantId,
            epoch: Option<i64>,
        ) -> Result<(i64, Option<i64>)> {
            let row: Option<(i64, i64, Option<i64>)> = sqlx::query_as(
                "update tenant_configs set revision = revision + 1 where tenant_id = $1
                 returning revision, epoch, keep_days",
            )
            .bind(tenant.as_str())
            .fetch_optional(&mut *connection)
            .await?;
            crate::statements::leases::unless_fenced(row, tenant, epoch)
        }

        /// Takes the tenant: whoever had it can store nothing more.
        pub(super) async fn take(
            connection: &mut $connection,
            tenant: &TenantId,
            holder: &str,
            now: DateTime<Utc>,
        ) -> Result<i64> {
            let row: Option<(i64,)> = sqlx::query_as(
                "update tenant_configs set epoch = epoch + 1, holder = $2, held_since = $3 where tenant_id = $1
                 returning epoch",
            )
            .bind(tenant.as_str())
            .bind(holder)
            .bind(now)
            .fetch_optional(&mut *connection)
            .await?;
            row.map(|(epoch,)| epoch).ok_or_else(|| Error::TenantNotFound(tenant.clone()))
        }

        pub(super) async fn holder(connection: &mut $connection, tenant: &TenantId) -> Result<Holder> {
            let row: Option<(Option<String>, Option<DateTime<Utc>>)> =
                sqlx::query_as("select holder, held_since from tenant_configs where tenant_id = $1")
                    .bind(tenant.as_str())
                    .fetch_optional(&mut *connection)
                    .await?;
            let (name, since) = row.ok_or_else(|| Error::TenantNotFound(tenant.clone()))?;
            Ok(Holder { name, since })
        }

        /// Notes that nobody has the tenant, unless somebody else took it.
        pub(super) async fn release(connection: &mut $connection, tenant: &TenantId, epoch: i64) -> Result<()> {
            sqlx::query(
                "update tenant_configs set holder = null, held_since = null where tenant_id = $1 and epoch = $2",
            )
            .bind(tenant.as_str())
            .bind(epoch)
            .execute(&mut *connection)
            .await?;
            Ok(())
        }
    };
}

pub(crate) use leases;

/// Revision and days to keep of a row with these and, between them, the epoch of the tenant's holder.
pub(crate) fn unless_fenced(
    row: Option<(i64, i64, Option<i64>)>,
    tenant: &TenantId,
    epoch: Option<i64>,
) -> Result<(i64, Option<i64>)> {
    match row {
        Some((revision, current, days)) if epoch.is_none_or(|epoch| epoch == current) => Ok((revision, days)),
        Some(_) => Err(Error::Fenced(tenant.clone())),
        None => Err(Error::TenantNotFound(tenant.clone())),
    }
}
