//! Tenants and their settings: `tenant_configs`.

mod row;

use ticket::TenantId;

use crate::connection::Connection;
use crate::query::Query;
use crate::scope::Scope;
use crate::{Error, LearnedChange, Result, Store, Tenant};
use row::TenantRow;

impl Store {
    /// Adds a tenant, or fails with `TenantExists`. Fails with `RowsLeft` while a row is stored that this program wrote
    /// for an earlier tenant of the same id. Rows of `ticket_history` that only the platform wrote become the tenant's.
    pub async fn add_tenant(&self, tenant: &Tenant) -> Result<()> {
        self.transact(Scope::Tenant(&tenant.id), |connection| {
            Box::pin(async move {
                insert(connection, tenant).await?;
                match has_rows_left(connection, &tenant.id).await? {
                    true => Err(Error::RowsLeft(tenant.id.clone())),
                    false => Ok(()),
                }
            })
        })
        .await
    }

    /// Adds a tenant with the rows that an earlier tenant of the same id left, or fails with `TenantExists`.
    pub async fn adopt_tenant(&self, tenant: &Tenant) -> Result<()> {
        self.transact(Scope::Tenant(&tenant.id), |connection| {
            Box::pin(insert(connection, tenant))
        })
        .await
    }

    /// Returns the tenant, `None` if there is none of this id.
    pub async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>> {
        self.transact(Scope::Tenant(id), |connection| Box::pin(find(connection, id)))
            .await
    }

    /// Returns all tenants, ordered by id.
    pub async fn tenants(&self) -> Result<Vec<Tenant>> {
        self.transact(Scope::Lists, |connection| {
            Box::pin(async move {
                let rows = connection
                    .query("select * from tenant_configs order by tenant_id")
                    .fetch_all()
                    .await?;
                rows.into_iter().map(TenantRow::into_tenant).collect()
            })
        })
        .await
    }

    /// Replaces all settings except for `created_at`, `learned` and `usage`, or fails with `TenantNotFound`.
    pub async fn update_tenant(&self, tenant: &Tenant) -> Result<()> {
        self.transact(Scope::Tenant(&tenant.id), |connection| {
            Box::pin(async move {
                let update = connection.query(
                    "update tenant_configs
                     set name = $2, edition = $3, api = $4, base_url = $5, portal = $6, accounts_url = $7,
                         credentials = $8, ca_certificate = $9, insecure = $10, requests_per_minute = $11,
                         resolution_from_notes = $12, keep_html = $13, language = $14,
                             updated_at = $15, keep_days = $16, allow_http = $17, allow_loopback = $18,
                             max_stored_mib = $19, max_rejected_mib = $20
                     where tenant_id = $1
                     returning tenant_id",
                );
                found(bind_settings(update, tenant).has_row().await?, &tenant.id)
            })
        })
        .await
    }

    /// Stores changed facts about the tenant's helpdesk, or fails with `TenantNotFound`.
    pub async fn set_learned(&self, id: &TenantId, change: &LearnedChange) -> Result<()> {
        self.transact(Scope::Tenant(id), |connection| {
            Box::pin(async move {
                let updated = connection
                    .query(
                        "update tenant_configs set
                             learned_pace = case when $2 then $3 else learned_pace end,
                             probe = case when $4 then $5 else probe end,
                             reauthorise_since = case when $6 then $7 else reauthorise_since end
                         where tenant_id = $1
                         returning tenant_id",
                    )
                    .bind(id.as_str())
                    .bind(change.pace.is_some())
                    .bind(change.pace.flatten().map(i64::from))
                    .bind(change.probe.is_some())
                    .bind(change.probe.clone().flatten())
                    .bind(change.reauthorise_since.is_some())
                    .bind(change.reauthorise_since.flatten())
                    .has_row()
                    .await?;
                found(updated, id)
            })
        })
        .await
    }

    /// Replaces the envelope of the credentials, or of a secret of the webhook, if it is still `from`. Returns whether
    /// it replaced one.
    pub async fn replace_envelope(&self, id: &TenantId, from: &str, to: &str) -> Result<bool> {
        self.transact(Scope::Tenant(id), |connection| {
            Box::pin(async move {
                for update in [
                    "update tenant_configs set credentials = $3 where tenant_id = $1 and credentials = $2
                     returning tenant_id",
                    "update webhooks set secret = $3
                     where tenant_id = $1 and secret = $2 returning tenant_id",
                    "update webhooks set signing_secret = $3
                     where tenant_id = $1 and signing_secret = $2 returning tenant_id",
                ] {
                    let update = connection.query(update).bind(id.as_str());
                    if update.bind(from).bind(to).has_row().await? {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
        })
        .await
    }

    /// Removes the tenant's settings, tokens, webhook and events, or fails with `TenantNotFound`. Its tickets stay.
    pub async fn remove_tenant(&self, id: &TenantId) -> Result<()> {
        self.transact(Scope::Tenant(id), |connection| Box::pin(remove(connection, id)))
            .await
    }
}

async fn insert(connection: &mut Connection, tenant: &Tenant) -> Result<()> {
    // The revision continues after those of stored rows: a reader that catches up would miss lower ones.
    let insert = connection.query(
        "insert into tenant_configs
             (tenant_id, name, edition, api, base_url, portal, accounts_url, credentials, ca_certificate,
              insecure, requests_per_minute, resolution_from_notes, keep_html, language, updated_at,
              keep_days, allow_http, allow_loopback, max_stored_mib, max_rejected_mib, created_at, revision)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
             $20, $21,
             coalesce((select max(revision) from ticket_history where tenant_id = $1), 0))
         on conflict (tenant_id) do nothing
         returning tenant_id",
    );
    let insert = bind_settings(insert, tenant).bind(tenant.created_at);
    match insert.has_row().await? {
        true => Ok(()),
        false => Err(Error::TenantExists(tenant.id.clone())),
    }
}

/// Binds $1 to $20: the id, every setting, and the time of the last change.
fn bind_settings<'c>(query: Query<'c>, tenant: &Tenant) -> Query<'c> {
    query
        .bind(tenant.id.as_str())
        .bind(&tenant.name)
        .bind(&tenant.edition)
        .bind(&tenant.api)
        .bind(&tenant.base_url)
        .bind(&tenant.portal)
        .bind(&tenant.accounts_url)
        .bind(&tenant.credentials)
        .bind(&tenant.ca_certificate)
        .bind(tenant.insecure)
        .bind(i64::from(tenant.requests_per_minute))
        .bind(tenant.resolution_from_notes)
        .bind(tenant.keep_html)
        .bind(&tenant.language)
        .bind(tenant.updated_at)
        .bind(tenant.keep_days.map(i64::from))
        .bind(tenant.allow_http)
        .bind(tenant.allow_loopback)
        .bind(tenant.quota.stored_mib.map(i64::from))
        .bind(tenant.quota.rejected_mib.map(i64::from))
}

/// Returns whether a row is stored that was written for an earlier tenant of this id. Rows that this program writes have
/// a revision. After a tenant of this id was removed, rows of the platform may be that tenant's as well.
async fn has_rows_left(connection: &mut Connection, tenant: &TenantId) -> Result<bool> {
    connection
        .query(
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
        .has_row()
        .await
}

/// Returns the tenant, `None` if there is none of this id.
pub(crate) async fn find(connection: &mut Connection, id: &TenantId) -> Result<Option<Tenant>> {
    let row = connection
        .query("select * from tenant_configs where tenant_id = $1")
        .bind(id.as_str())
        .fetch_optional()
        .await?;
    row.map(TenantRow::into_tenant).transpose()
}

/// Removes the tenant's settings, tokens, webhook and events. A tenant of the same id that is added later must not be
/// open to these tokens, nor receive these events.
pub(crate) async fn remove(connection: &mut Connection, id: &TenantId) -> Result<()> {
    for delete in [
        "delete from api_tokens where tenant_id = $1",
        "delete from webhooks where tenant_id = $1",
        "delete from inbox where tenant_id = $1",
    ] {
        connection.query(delete).bind(id.as_str()).execute().await?;
    }
    let removed = connection
        .query("delete from tenant_configs where tenant_id = $1 returning tenant_id")
        .bind(id.as_str())
        .has_row()
        .await?;
    found(removed, id)
}

fn found(found: bool, id: &TenantId) -> Result<()> {
    match found {
        true => Ok(()),
        false => Err(Error::TenantNotFound(id.clone())),
    }
}
