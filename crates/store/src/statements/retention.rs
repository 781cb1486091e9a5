//! Statements that forget: what is older than a tenant keeps, and a tenant as a whole.

macro_rules! retention {
    ($connection:ty) => {
        /// Forgets some of what is older than the tenant keeps.
        pub(super) async fn expire(
            connection: &mut $connection,
            tenant: &TenantId,
            epoch: i64,
            now: DateTime<Utc>,
            limit: u32,
        ) -> Result<Expired> {
            let row: Option<(Option<i64>,)> =
                sqlx::query_as("select keep_days from tenant_configs where tenant_id = $1")
                    .bind(tenant.as_str())
                    .fetch_optional(&mut *connection)
                    .await?;
            let Some(since) = row.and_then(|(days,)| kept_since(days, now)) else {
                return Ok(Expired::default());
            };
            // A revision that nothing is stamped with would make every copy of the table catch up for nothing.
            let due: Option<(i32,)> = sqlx::query_as(
                "select 1 from ticket_history where tenant_id = $1 and expired_at is null and resolved_date < $2
                 union all
                 select 1 from rejected_tickets where tenant_id = $1 and rejected_at < $2
                 union all
                 select 1 from inbox where tenant_id = $1 and failed_at is not null and received_at < $2
                 limit 1",
            )
            .bind(tenant.as_str())
            .bind(since)
            .fetch_optional(&mut *connection)
            .await?;
            if due.is_none() {
                return Ok(Expired::default());
            }
            let (revision, _) = next_revision(connection, tenant, Some(epoch)).await?;
            // Also what is withdrawn already: its text is still there.
            let tickets: Vec<(String,)> = sqlx::query_as(
                "update ticket_history
                 set display_id = null, subject = '', description = '', resolution = '', tags = '[]', status = null,
                     category = null, priority = null, url = null, description_html = null, resolution_html = null,
                     content_digest = null, source_digest = null, withdrawn_at = coalesce(withdrawn_at, $3), expired_at = $3,
                     updated_at = $3, revision = $4
                 where tenant_id = $1 and ticket_id in (
                     select ticket_id from ticket_history
                     where tenant_id = $1 and expired_at is null and resolved_date < $2
                     order by resolved_date limit $5
                 )
                 returning ticket_id",
            )
            .bind(tenant.as_str())
            .bind(since)
            .bind(now)
            .bind(revision)
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            // Older rows of the same tickets, from before the table was adopted.
            sqlx::query(
                "delete from ticket_history_duplicates where tenant_id = $1 and ticket_id in
                     (select ticket_id from ticket_history
                      where tenant_id = $1 and revision = $2 and expired_at is not null)",
            )
            .bind(tenant.as_str())
            .bind(revision)
            .execute(&mut *connection)
            .await?;
            // When these were resolved nobody could read, but it was before they came here.
            let rejected: Vec<(String,)> = sqlx::query_as(
                "delete from rejected_tickets where tenant_id = $1 and rejection_key in
                     (select rejection_key from rejected_tickets where tenant_id = $1 and rejected_at < $2 limit $3)
                 returning rejection_key",
            )
            .bind(tenant.as_str())
            .bind(since)
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            let notes: Vec<(String,)> = sqlx::query_as(
                "delete from inbox where tenant_id = $1 and note_id in
                     (select note_id from inbox
                      where tenant_id = $1 and failed_at is not null and received_at < $2 limit $3)
                 returning note_id",
            )
            .bind(tenant.as_str())
            .bind(since)
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
            Ok(Expired {
                tickets: tickets.len() as u64,
                rejected: rejected.len() as u64,
                notes: notes.len() as u64,
            })
        }

        /// Removes a tenant of which nothing but settings is left; whether that is so.
        pub(super) async fn remove_erased(
            connection: &mut $connection,
            tenant: &TenantId,
            epoch: i64,
        ) -> Result<bool> {
            // Whoever stores a report waits for this lock, and finds no tenant then.
            next_revision(connection, tenant, Some(epoch)).await?;
            let left: Option<(i32,)> = sqlx::query_as(
                "select 1 from ticket_history where tenant_id = $1
                 union all
                 select 1 from rejected_tickets where tenant_id = $1
                 union all
                 select 1 from import_runs where tenant_id = $1
                 limit 1",
            )
            .bind(tenant.as_str())
            .fetch_optional(&mut *connection)
            .await?;
            if left.is_some() {
                return Ok(false);
            }
            remove_tenant(connection, tenant).await?;
            Ok(true)
        }
    };
}

pub(crate) use retention;
