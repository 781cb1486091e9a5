//! Clients of many tenants' helpdesks, kept: their pace and access tokens last from one job to the next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use servicedesk::Client;
use store::{Store, Tenant};
use ticket::TenantId;

use crate::desk::{self, Patience};
use crate::vault::Vault;

pub(crate) struct Desks {
    store: Arc<dyn Store>,
    /// `None` without a master key: then no helpdesk can be asked.
    vault: Option<Arc<Vault>>,
    patience: Patience,
    /// With the settings that each was made from.
    clients: Mutex<HashMap<TenantId, (Tenant, Client)>>,
}

impl Desks {
    pub(crate) fn new(store: Arc<dyn Store>, vault: Option<Arc<Vault>>, patience: Patience) -> Self {
        Self {
            store,
            vault,
            patience,
            clients: Mutex::default(),
        }
    }

    /// The tenant as it is now, and a client that was made from these settings.
    ///
    /// # Errors
    /// `TenantNotFound`, a vault that does not open, and those of the store.
    pub(crate) async fn of(&self, tenant: &TenantId) -> anyhow::Result<(Tenant, Client)> {
        let current = desk::tenant(&*self.store, tenant).await?;
        let known = self.clients().get(tenant).cloned();
        if let Some((settings, client)) = known
            && settings.updated_at == current.updated_at
        {
            return Ok((current, client));
        }
        let vault = self.vault.as_ref().context("there is no master key")?;
        let client = desk::client_with(&self.store, vault, &current, self.patience)?;
        self.clients()
            .insert(tenant.clone(), (current.clone(), client.clone()));
        Ok((current, client))
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<TenantId, (Tenant, Client)>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
