//! Statements on tickets that are set aside.

macro_rules! rejections {
    ($connection:ty) => {
        /// Sets tickets aside; one that is rejected again replaces its row.
        pub(super) async fn reject(
            connection: &mut $connection,
            tenant: &TenantId,
            batch: &Batch,
            rejections: impl Iterator<Item = &crate::Rejection>,
        ) -> Result<u64> {
            let mut rejected = 0;
            for rejection in rejections {
                let row = crate::refused::row(rejection);
                sqlx::query(
                    "insert into rejected_tickets
                         (tenant_id, rejection_key, ticket_id, reason, raw, run_id, rejected_at)
                     values ($1, $2, $3, $4, $5, $6, $7)
                     on conflict (tenant_id, rejection_key) do update
                     set reason = excluded.reason, raw = excluded.raw, run_id = excluded.run_id,
                         rejected_at = excluded.rejected_at",
                )
                .bind(tenant.as_str())
                .bind(row.key)
                .bind(row.ticket_id)
                .bind(row.reason)
                .bind(row.raw)
                .bind(
                    batch
                        .progress
                        .as_ref()
                        .map_or_else(String::new, |progress| progress.run.to_string()),
                )
                .bind(batch.now)
                .execute(&mut *connection)
                .await?;
                rejected += 1;
            }
            Ok(rejected)
        }

        pub(super) async fn rejected(
            connection: &mut $connection,
            tenant: &TenantId,
            after: Option<&RejectedTicket>,
            limit: u32,
        ) -> Result<Vec<RejectedTicket>> {
            let rows = sqlx::query_as(
                "select rejection_key, ticket_id, reason, raw, rejected_at from rejected_tickets
                 where tenant_id = $1 and rejection_key > $2 order by rejection_key limit $3",
            )
            .bind(tenant.as_str())
            .bind(after.map_or("", |rejected| rejected.key.as_str()))
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows.into_iter().map(rejected_from).collect())
        }

        pub(super) async fn rejected_ticket(
            connection: &mut $connection,
            tenant: &TenantId,
            key: &str,
        ) -> Result<Option<RejectedTicket>> {
            let row = sqlx::query_as(
                "select rejection_key, ticket_id, reason, raw, rejected_at from rejected_tickets
                 where tenant_id = $1 and rejection_key = $2",
            )
            .bind(tenant.as_str())
            .bind(key)
            .fetch_optional(&mut *connection)
            .await?;
            Ok(row.map(rejected_from))
        }

        fn rejected_from(
            (key, ticket_id, reason, raw, rejected_at): (
                String,
                Option<String>,
                String,
                String,
                DateTime<Utc>,
            ),
        ) -> RejectedTicket {
            RejectedTicket {
                key,
                ticket_id,
                reason,
                raw,
                rejected_at,
            }
        }

        pub(super) async fn set_rejection_reason(
            connection: &mut $connection,
            tenant: &TenantId,
            key: &str,
            reason: &str,
        ) -> Result<()> {
            sqlx::query(
                "update rejected_tickets set reason = $3 where tenant_id = $1 and rejection_key = $2",
            )
            .bind(tenant.as_str())
            .bind(key)
            .bind(crate::refused::fit(reason))
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        /// Takes a ticket off the list of those set aside.
        pub(super) async fn forget_rejected(
            connection: &mut $connection,
            tenant: &TenantId,
            key: &str,
        ) -> Result<()> {
            sqlx::query("delete from rejected_tickets where tenant_id = $1 and rejection_key = $2")
                .bind(tenant.as_str())
                .bind(key)
                .execute(&mut *connection)
                .await?;
            Ok(())
        }
    };
}

pub(crate) use rejections;
