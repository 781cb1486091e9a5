//! Statements on how true a history is, and on tickets that are no precedents any more.

macro_rules! freshness {
    ($connection:ty) => {
        pub(super) async fn freshness(connection: &mut $connection, tenant: &TenantId) -> Result<Freshness> {
            let row: Option<FreshnessRow> =
                sqlx::query_as(concat!(freshness_columns!(), " where tenant_id = $1"))
                    .bind(tenant.as_str())
                    .fetch_optional(&mut *connection)
                    .await?;
            let row = row.ok_or_else(|| Error::TenantNotFound(tenant.clone()))?;
            Ok(row.into_freshness()?.1)
        }

        pub(super) async fn freshness_of_all(
            connection: &mut $connection,
        ) -> Result<Vec<(TenantId, Freshness)>> {
            let rows: Vec<FreshnessRow> = sqlx::query_as(concat!(
                freshness_columns!(),
                " order by coalesce(synced_at, created_at), tenant_id"
            ))
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter().map(FreshnessRow::into_freshness).collect()
        }

        /// What the first import has proven: later ones read other ranges, or the same again.
        pub(super) async fn imported_to(
            connection: &mut $connection,
            tenant: &TenantId,
        ) -> Result<Option<DateTime<Utc>>> {
            let row: Option<RunRow> = sqlx::query_as(
                "select * from import_runs
                 where tenant_id = $1 and kind = 'import' and state = 'finished' order by started_at limit 1",
            )
            .bind(tenant.as_str())
            .fetch_optional(&mut *connection)
            .await?;
            let run = row.map(|row| row.into_run(Vec::new())).transpose()?;
            Ok(run.map(|run| run.proven_to().unwrap_or(run.started_at - crate::run::CLOCK_SKEW)))
        }

        /// Only the holder of the tenant may say so.
        pub(super) async fn set_freshness(
            connection: &mut $connection,
            tenant: &TenantId,
            epoch: i64,
            freshness: &Freshness,
        ) -> Result<()> {
            let updated: Option<(String,)> = sqlx::query_as(
                "update tenant_configs set synced_to = $3, synced_at = $4, reconciled_at = $5
                 where tenant_id = $1 and epoch = $2 returning tenant_id",
            )
            .bind(tenant.as_str())
            .bind(epoch)
            .bind(freshness.synced_to)
            .bind(freshness.synced_at)
            .bind(freshness.reconciled_at)
            .fetch_optional(&mut *connection)
            .await?;
            updated
                .map(|_| ())
                .ok_or_else(|| Error::Fenced(tenant.clone()))
        }

        /// The earliest time that a served ticket was resolved; one that expired is withdrawn, and not in the index.
        pub(super) async fn oldest(
            connection: &mut $connection,
            tenant: &TenantId,
        ) -> Result<Option<DateTime<Utc>>> {
            let row: Option<(DateTime<Utc>,)> = sqlx::query_as(
                "select resolved_date from ticket_history
                 where tenant_id = $1 and withdrawn_at is null and expired_at is null and resolved_date is not null
                 order by resolved_date limit 1",
            )
            .bind(tenant.as_str())
            .fetch_optional(&mut *connection)
            .await?;
            Ok(row.map(|(resolved,)| resolved))
        }

        /// Marks a ticket that is no precedent any more; 1 if it was served until now.
        pub(super) async fn withdraw(
            connection: &mut $connection,
            tenant: &TenantId,
            revision: i64,
            withdrawal: &Withdrawal,
            batch: &Batch,
        ) -> Result<u64> {
            let withdrawn: Option<(String,)> = sqlx::query_as(
                "update ticket_history
                 set withdrawn_at = $3, updated_at = $3, revision = $4,
                     source_updated_at = coalesce($5, source_updated_at)
                 where tenant_id = $1 and ticket_id = $2 and withdrawn_at is null
                     and case when $5 is null then updated_at is null or updated_at <= $6
                             else source_updated_at is null or source_updated_at <= $5 end
                 returning ticket_id",
            )
            .bind(tenant.as_str())
            .bind(withdrawal.id.as_str())
            .bind(batch.now)
            .bind(revision)
            .bind(withdrawal.changed_at)
            .bind(batch.read_at)
            .fetch_optional(&mut *connection)
            .await?;
            Ok(u64::from(withdrawn.is_some()))
        }
    };
}

pub(crate) use freshness;
