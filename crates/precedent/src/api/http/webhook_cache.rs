//! Webhooks of all tenants with their secrets, cached for a moment, because events come by the thousand.
//!
//! All webhooks are read together: a request costs no lookup, and one for an unknown tenant takes as long as another.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::secrets::Vault;
use engine::webhook::WebhookSecret;
use secrecy::SecretString;
use store::{Store, Webhook};
use ticket::TenantId;
use tokio::sync::Mutex;
use tracing::error;

use super::problem::{Problem, in_time};

/// Time for which webhooks are cached, and so a replaced secret is still valid.
const KEPT: Duration = Duration::from_secs(1);

/// Webhook of a tenant's helpdesk.
pub(super) struct CachedWebhook {
    row: Webhook,
    secrets: Option<Secrets>,
}

/// Opened secrets of a webhook.
pub(super) struct Secrets {
    pub(super) secret: SecretString,
    pub(super) signing_secret: Option<SecretString>,
}

impl CachedWebhook {
    pub(super) fn id(&self) -> &str {
        &self.row.id
    }

    pub(super) fn secret_in_url(&self) -> bool {
        self.row.secret_in_url
    }

    /// Returns the secrets.
    ///
    /// # Errors
    /// They cannot be opened; the log contains the reason.
    pub(super) fn secrets(&self) -> Result<&Secrets, Problem> {
        self.secrets.as_ref().ok_or_else(|| Problem::unavailable(30))
    }
}

type Webhooks = HashMap<TenantId, Arc<CachedWebhook>>;

/// Webhooks of all tenants.
pub(crate) struct WebhookCache {
    store: Store,
    /// `None` without a master key: then no event can be accepted.
    vault: Option<Arc<Vault>>,
    /// Time of the last lookup, and its result.
    cache: Mutex<(Option<Instant>, Webhooks)>,
}

impl WebhookCache {
    pub(crate) fn new(store: Store, vault: Option<Arc<Vault>>) -> Self {
        Self {
            store,
            vault,
            cache: Mutex::default(),
        }
    }

    /// Returns the webhook of a tenant; `None` if there is no such tenant, or it has no webhook.
    pub(super) async fn get(&self, tenant: &TenantId) -> Result<Option<Arc<CachedWebhook>>, Problem> {
        in_time(async {
            let mut cache = self.cache.lock().await;
            if cache.0.is_none_or(|since| since.elapsed() >= KEPT) {
                let rows = self.store.webhooks().await?;
                let webhooks = rows
                    .into_iter()
                    .map(|row| (row.tenant.clone(), self.open(row, &cache.1)));
                *cache = (Some(Instant::now()), webhooks.collect());
            }
            Ok::<_, store::Error>(cache.1.get(tenant).cloned())
        })
        .await
    }

    /// Opens the secrets of a webhook, or takes them from the earlier lookup if they are unchanged.
    fn open(&self, row: Webhook, earlier: &Webhooks) -> Arc<CachedWebhook> {
        let same = earlier.get(&row.tenant).filter(|cached| cached.row == row);
        if let Some(same) = same {
            return same.clone();
        }
        let secrets = self.open_secrets(&row).inspect_err(
            |reason| error!(tenant_id = %row.tenant, "the webhook's secrets cannot be read: {reason}"),
        );
        Arc::new(CachedWebhook {
            row,
            secrets: secrets.ok(),
        })
    }

    fn open_secrets(&self, row: &Webhook) -> Result<Secrets, String> {
        let vault = self.vault.as_ref().ok_or("there is no master key")?;
        let open = |secret: WebhookSecret| secret.open(vault, row).map_err(|error| error.in_full());
        Ok(Secrets {
            secret: open(WebhookSecret::Notification)?.ok_or("there is no secret")?,
            signing_secret: open(WebhookSecret::Signing)?,
        })
    }
}
