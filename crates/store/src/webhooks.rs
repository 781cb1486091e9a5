//! Webhooks of tenants: `webhooks`.

use chrono::{DateTime, Utc};
use ticket::TenantId;

use crate::scope::Scope;
use crate::{Error, Result, Store, Webhook};

#[derive(sqlx::FromRow)]
struct WebhookRow {
    tenant_id: String,
    hook_id: String,
    secret: String,
    signing_secret: Option<String>,
    secret_in_url: bool,
    created_at: DateTime<Utc>,
}

impl WebhookRow {
    fn into_webhook(self) -> Result<Webhook> {
        Ok(Webhook {
            tenant: self.tenant_id.parse().map_err(|_| Error::Corrupt {
                column: "webhooks.tenant_id",
            })?,
            id: self.hook_id,
            secret: self.secret,
            signing_secret: self.signing_secret,
            secret_in_url: self.secret_in_url,
            created_at: self.created_at,
        })
    }
}

impl Store {
    /// Returns the tenant's webhook, `None` if it has none.
    pub async fn webhook(&self, tenant: &TenantId) -> Result<Option<Webhook>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let row: Option<WebhookRow> = connection
                    .query("select * from webhooks where tenant_id = $1")
                    .bind(tenant.as_str())
                    .fetch_optional()
                    .await?;
                row.map(WebhookRow::into_webhook).transpose()
            })
        })
        .await
    }

    /// Returns the webhooks of all tenants, so that a request cannot tell a known tenant from an unknown one by its time.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>> {
        self.transact(Scope::Lists, |connection| {
            Box::pin(async move {
                let rows: Vec<WebhookRow> = connection.query("select * from webhooks").fetch_all().await?;
                rows.into_iter().map(WebhookRow::into_webhook).collect()
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
                        "insert into webhooks
                             (tenant_id, hook_id, secret, signing_secret, secret_in_url, created_at)
                         values ($1, $2, $3, $4, $5, $6)
                         on conflict (tenant_id) do update
                         set hook_id = excluded.hook_id, secret = excluded.secret,
                             signing_secret = excluded.signing_secret,
                             secret_in_url = excluded.secret_in_url, created_at = excluded.created_at",
                    )
                    .bind(webhook.tenant.as_str())
                    .bind(&webhook.id)
                    .bind(&webhook.secret)
                    .bind(webhook.signing_secret.as_deref())
                    .bind(webhook.secret_in_url)
                    .bind(webhook.created_at)
                    .execute()
                    .await
            })
        })
        .await
    }
}
