//! Secrets of webhooks. They are opened once and cached for a moment, because events come by the thousand.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use engine::secrets::Vault;
use engine::webhook::open_secret;
use lru::LruCache;
use secrecy::SecretString;
use store::Store;
use ticket::TenantId;

use super::problem::Problem;

/// Time for which a secret is cached, and so a replaced one is still valid.
const KEPT: Duration = Duration::from_secs(10);

/// Number of tenants whose secrets are cached.
const TENANTS: NonZeroUsize = NonZeroUsize::new(1_000).expect("not zero");

/// Webhook of a tenant's helpdesk.
pub(super) struct CachedWebhook {
    pub(super) id: String,
    pub(super) secret: SecretString,
}

/// By tenant: time of the lookup, and its result.
type Cache = LruCache<TenantId, (Instant, Option<Arc<CachedWebhook>>)>;

/// Webhooks of all tenants.
pub(crate) struct WebhookCache {
    store: Store,
    /// `None` without a master key: then no event can be accepted.
    vault: Option<Arc<Vault>>,
    cache: Mutex<Cache>,
}

impl WebhookCache {
    pub(crate) fn new(store: Store, vault: Option<Arc<Vault>>) -> Self {
        Self {
            store,
            vault,
            cache: Mutex::new(LruCache::new(TENANTS)),
        }
    }

    /// Returns the webhook of a tenant; `None` if there is no such tenant, or it has no webhook.
    pub(super) async fn get(&self, tenant: &TenantId) -> Result<Option<Arc<CachedWebhook>>, Problem> {
        let fresh = |(since, cached): &(Instant, Option<Arc<CachedWebhook>>)| {
            (since.elapsed() < KEPT).then(|| cached.clone())
        };
        if let Some(cached) = self.cache().get(tenant).and_then(fresh) {
            return Ok(cached);
        }
        let unavailable = |reason: String| {
            tracing::error!(tenant_id = %tenant, "the webhook's secret cannot be read: {reason}");
            Problem::unavailable(30)
        };
        let webhook = self
            .store
            .webhook(tenant)
            .await
            .map_err(|error| unavailable(error.to_string()))?;
        let cached = match webhook {
            None => None,
            Some(webhook) => {
                let vault = self
                    .vault
                    .as_ref()
                    .ok_or_else(|| unavailable("there is no master key".to_owned()))?;
                let secret = open_secret(vault, &webhook);
                Some(Arc::new(CachedWebhook {
                    id: webhook.id,
                    secret: secret.map_err(|error| unavailable(error.to_string()))?,
                }))
            }
        };
        self.cache().put(tenant.clone(), (Instant::now(), cached.clone()));
        Ok(cached)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
