//! The pace of a tenant's connection, stored in the database so that all processes share it.

use futures::future::BoxFuture;
use servicedesk::{PaceChange, PaceState, PaceStore};
use store::Store;
use ticket::TenantId;

/// The pace of one tenant's connection.
pub(super) struct SharedPace {
    store: Store,
    tenant: TenantId,
}

impl SharedPace {
    pub(super) fn new(store: Store, tenant: TenantId) -> Self {
        Self { store, tenant }
    }
}

impl std::fmt::Debug for SharedPace {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SharedPace")
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

impl PaceStore for SharedPace {
    fn update<'a>(
        &'a self,
        change: PaceChange<'a>,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async move {
            let change = |stored: Option<&str>, now_ms: i64| {
                // An empty state replaces one that another version wrote.
                let mut state: PaceState = stored
                    .and_then(|state| serde_json::from_str(state).ok())
                    .unwrap_or_default();
                change(&mut state, now_ms);
                serde_json::to_string(&state).unwrap_or_default()
            };
            Ok(self.store.update_pace(&self.tenant, &change).await?)
        })
    }
}
