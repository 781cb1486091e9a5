//! Statements on tenants.

/// Binds $1 to $16: the id, every setting, and when they last changed.
macro_rules! bind_settings {
    ($query:expr, $tenant:expr) => {
        $query
            .bind($tenant.id.as_str())
            .bind(&$tenant.name)
            .bind(&$tenant.edition)
            .bind(&$tenant.api)
            .bind(&$tenant.base_url)
            .bind(&$tenant.portal)
            .bind(&$tenant.accounts_url)
            .bind(&$tenant.credentials)
            .bind(&$tenant.ca_certificate)
            .bind($tenant.insecure)
            .bind(i64::from($tenant.requests_per_minute))
            .bind($tenant.resolution_from_notes)
            .bind($tenant.keep_html)
            .bind(&$tenant.language)
            .bind($tenant.updated_at)
            .bind($tenant.keep_days.map(i64::from))
    };
}

macro_rules! tenants {
    ($connection:ty) => {
        /// Adds a tenant, to which all that is left of an earlier one belongs if it is `adopted`.
        pub(super) async fn add_tenant(
            connection: &mut $connection,
            tenant: &Tenant,
            adopted: bool,
        ) -> Result<()> {
            // Revisions go on behind those of rows that are there: a reader that catches up would miss newer ones.
            let insert = sqlx::query_as(
                "insert into tenant_configs
                     (tenant_id, name, edition, api, base_url, portal, accounts_url, credentials, ca_certificate,
                      insecure, requests_per_minute, resolution_from_notes, keep_html, language, updated_at,
                      keep_days, created_at, revision)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                     coalesce((select max(revision) from ticket_history where tenant_id = $1), 0))
                 on conflict (tenant_id) do nothing
                 returning tenant_id",
            );
            let insert = bind_settings!(insert, tenant).bind(tenant.created_at);
            let added: Option<(String,)> = insert.fetch_optional(&mut *connection).await?;
            added.ok_or_else(|| Error::TenantExists(tenant.id.clone()))?;
            if !adopted && is_left(connection, &tenant.id).await? {
                return Err(Error::RowsLeft(tenant.id.clone()));
            }
            Ok(())
        }

        /// Whether anything is stored that was written for a tenant of this id; every row of ours has a revision. Once a
        /// tenant of this id was removed, rows of the platform may be that one's as well.
        async fn is_left(connection: &mut $connection, tenant: &TenantId) -> Result<bool> {
            let left: Option<(i32,)> = sqlx::query_as(
                "select 1 from ticket_history where tenant_id = $1 and revision > 0
                 union all
                 select 1 from audit_log where tenant_id = $1 and action = 'tenant remove'
                     and exists (select 1 from ticket_history where tenant_id = $1)
                 union all
                 select 1 from rejected_tickets where tenant_id = $1
                 union all
                 select 1 from import_runs where tenant_id = $1
                 union all
                 select 1 from inbox where tenant_id = $1
                 limit 1",
            )
            .bind(tenant.as_str())
            .fetch_optional(&mut *connection)
            .await?;
            Ok(left.is_some())
        }

        /// Deletes some rows of what is left of a tenant that was removed.
        pub(super) async fn erase_left(
            connection: &mut $connection,
            id: &TenantId,
            limit: u32,
        ) -> Result<u64> {
            if tenant(connection, id).await?.is_some() {
                return Err(Error::TenantExists(id.clone()));
            }
            erase_some(connection, id, limit).await
        }

        pub(super) async fn update_tenant(connection: &mut $connection, tenant: &Tenant) -> Result<()> {
            let update = sqlx::query_as(
                "update tenant_configs
                 set name = $2, edition = $3, api = $4, base_url = $5, portal = $6, accounts_url = $7,
                     credentials = $8, ca_certificate = $9, insecure = $10, requests_per_minute = $11,
                     resolution_from_notes = $12, keep_html = $13, language = $14, updated_at = $15, keep_days = $16
                 where tenant_id = $1
                 returning tenant_id",
            );
            let update = bind_settings!(update, tenant);
            let updated: Option<(String,)> = update.fetch_optional(&mut *connection).await?;
            updated.map(|_| ()).ok_or_else(|| Error::TenantNotFound(tenant.id.clone()))
        }

        pub(super) async fn set_learned(connection: &mut $connection, id: &TenantId, news: &News) -> Result<()> {
            let updated: Option<(String,)> = sqlx::query_as(
                "update tenant_configs set
                     learned_pace = case when $2 then $3 else learned_pace end,
                     probe = case when $4 then $5 else probe end,
                     reauthorise_since = case when $6 then $7 else reauthorise_since end
                 where tenant_id = $1
                 returning tenant_id",
            )
            .bind(id.as_str())
            .bind(news.pace.is_some())
            .bind(news.pace.flatten().map(i64::from))
            .bind(news.probe.is_some())
            .bind(news.probe.clone().flatten())
            .bind(news.reauthorise_since.is_some())
            .bind(news.reauthorise_since.flatten())
            .fetch_optional(&mut *connection)
            .await?;
            updated.map(|_| ()).ok_or_else(|| Error::TenantNotFound(id.clone()))
        }

        pub(super) async fn tenant(connection: &mut $connection, id: &TenantId) -> Result<Option<Tenant>> {
            let row: Option<TenantRow> = sqlx::query_as("select * from tenant_configs where tenant_id = $1")
                .bind(id.as_str())
                .fetch_optional(&mut *connection)
                .await?;
            row.map(TenantRow::into_tenant).transpose()
        }

        pub(super) async fn tenants(connection: &mut $connection) -> Result<Vec<Tenant>> {
            let rows: Vec<TenantRow> =
                sqlx::query_as("select * from tenant_configs order by tenant_id").fetch_all(&mut *connection).await?;
            rows.into_iter().map(TenantRow::into_tenant).collect()
        }

        pub(super) async fn replace_envelope(
            connection: &mut $connection,
            id: &TenantId,
            from: &str,
            to: &str,
        ) -> Result<bool> {
            for update in [
                "update tenant_configs set credentials = $3 where tenant_id = $1 and credentials = $2
                 returning tenant_id",
                "update webhooks set secret = $3 where tenant_id = $1 and secret = $2 returning tenant_id",
            ] {
                let replaced: Option<(String,)> = sqlx::query_as(update)
                    .bind(id.as_str())
                    .bind(from)
                    .bind(to)
                    .fetch_optional(&mut *connection)
                    .await?;
                if replaced.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        }

        /// Deletes some rows of a tenant that the caller has to itself.
        pub(super) async fn erase(
            connection: &mut $connection,
            tenant: &TenantId,
            epoch: i64,
            limit: u32,
        ) -> Result<u64> {
            next_revision(connection, tenant, Some(epoch)).await?;
            erase_some(connection, tenant, limit).await
        }

        /// Deletes some rows of the first table that has any.
        async fn erase_some(connection: &mut $connection, tenant: &TenantId, limit: u32) -> Result<u64> {
            for delete in [
                "delete from ticket_history where tenant_id = $1 and ticket_id in
                     (select ticket_id from ticket_history where tenant_id = $1 limit $2) returning tenant_id",
                "delete from ticket_history_duplicates where tenant_id = $1 and ticket_id in
                     (select ticket_id from ticket_history_duplicates where tenant_id = $1 limit $2) returning tenant_id",
                "delete from rejected_tickets where tenant_id = $1 and rejection_key in
                     (select rejection_key from rejected_tickets where tenant_id = $1 limit $2) returning tenant_id",
                "delete from inbox where tenant_id = $1 and note_id in
                     (select note_id from inbox where tenant_id = $1 limit $2) returning tenant_id",
                "delete from sightings where tenant_id = $1 and ticket_id in
                     (select ticket_id from sightings where tenant_id = $1 limit $2) returning tenant_id",
                "delete from import_windows where tenant_id = $1 and run_id in
                     (select run_id from import_windows where tenant_id = $1 limit $2) returning tenant_id",
                "delete from import_runs where tenant_id = $1 and run_id in
                     (select run_id from import_runs where tenant_id = $1 limit $2) returning tenant_id",
            ] {
                let deleted: Vec<(String,)> = sqlx::query_as(delete)
                    .bind(tenant.as_str())
                    .bind(i64::from(limit))
                    .fetch_all(&mut *connection)
                    .await?;
                if !deleted.is_empty() {
                    return Ok(deleted.len() as u64);
                }
            }
            Ok(0)
        }

        pub(super) async fn remove_tenant(connection: &mut $connection, id: &TenantId) -> Result<()> {
            // A tenant of the same name, added later, must not be open to the tokens of this one,
            // nor get its reports.
            for delete in [
                "delete from api_tokens where tenant_id = $1",
                "delete from webhooks where tenant_id = $1",
                "delete from inbox where tenant_id = $1",
            ] {
                sqlx::query(delete).bind(id.as_str()).execute(&mut *connection).await?;
            }
            let removed: Option<(String,)> =
                sqlx::query_as("delete from tenant_configs where tenant_id = $1 returning tenant_id")
                    .bind(id.as_str())
                    .fetch_optional(&mut *connection)
                    .await?;
            removed.map(|_| ()).ok_or_else(|| Error::TenantNotFound(id.clone()))
        }
    };
}

pub(crate) use {bind_settings, tenants};
