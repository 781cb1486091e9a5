//! Secrets of webhooks, opened once and kept for a moment: reports come by the thousand.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;
use secrecy::SecretString;
use store::Store;
use ticket::TenantId;

use super::problem::Problem;
use crate::vault::Vault;
use crate::webhook::SECRET;

/// For so long a secret that was replaced is still good.
const KEPT: Duration = Duration::from_secs(10);

/// Tenants whose secrets are kept.
const TENANTS: NonZeroUsize = NonZeroUsize::new(1_000).expect("not zero");

/// Where a tenant's helpdesk reports to.
pub(super) struct Hook {
    pub(super) id: String,
    pub(super) secret: SecretString,
}

/// By tenant: since when, and what was found.
type Known = LruCache<TenantId, (Instant, Option<Arc<Hook>>)>;

pub(crate) struct Hooks {
    store: Arc<dyn Store>,
    /// `None` without a master key: then nobody can report.
    vault: Option<Arc<Vault>>,
    known: Mutex<Known>,
}

impl Hooks {
    pub(crate) fn new(store: Arc<dyn Store>, vault: Option<Arc<Vault>>) -> Self {
        Self {
            store,
            vault,
            known: Mutex::new(LruCache::new(TENANTS)),
        }
    }

    /// `None` where there is no such tenant, or its helpdesk reports nothing.
    pub(super) async fn get(&self, tenant: &TenantId) -> Result<Option<Arc<Hook>>, Problem> {
        let fresh =
            |(since, hook): &(Instant, Option<Arc<Hook>>)| (since.elapsed() < KEPT).then(|| hook.clone());
        if let Some(known) = self.known().get(tenant).and_then(fresh) {
            return Ok(known);
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
        let hook = match webhook {
            None => None,
            Some(webhook) => {
                let vault = self
                    .vault
                    .as_ref()
                    .ok_or_else(|| unavailable("there is no master key".to_owned()))?;
                let secret = vault.open(tenant, SECRET, &webhook.secret);
                Some(Arc::new(Hook {
                    id: webhook.id,
                    secret: secret.map_err(|error| unavailable(error.to_string()))?,
                }))
            }
        };
        self.known().put(tenant.clone(), (Instant::now(), hook.clone()));
        Ok(hook)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
