//! Webhooks of tenants: `webhooks`.

use chrono::{DateTime, Utc};
use ticket::TenantId;

use crate::scope::Scope;
use crate::{Result, Store, Webhook};

impl Store {
    /// Returns the tenant's webhook, `None` if it has none.
    pub async fn webhook(&self, tenant: &TenantId) -> Result<Option<Webhook>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let row: Option<(String, String, DateTime<Utc>)> = connection
                    .query("select hook_id, secret, created_at from webhooks where tenant_id = $1")
                    .bind(tenant.as_str())
                    .fetch_optional()
                    .await?;
                Ok(row.map(|(id, secret, created_at)| Webhook {
                    tenant: tenant.clone(),
                    id,
                    secret,
                    created_at,
                }))
            })
        })
        .await
    }

    /// Adds or replaces the tenant's webhook.
    pub async fn set_webhook(&self, webhook: &Webhook) -> Result<()> {
        self.transact(Scope::Tenant(&webhook.tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "insert into webhooks (tenant_id, hook_id, secret, created_at) values ($1, $2,
                             $3, $4)
                         on conflict (tenant_id) do update
                         set hook_id = excluded.hook_id, secret = excluded.secret,
                             created_at = excluded.created_at",
                    )
                    .bind(webhook.tenant.as_str())
                    .bind(&webhook.id)
                    .bind(&webhook.secret)
                    .bind(webhook.created_at)
                    .execute()
                    .await
            })
        })
        .await
    }
}
