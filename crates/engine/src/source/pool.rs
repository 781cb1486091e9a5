//! Pool of clients. A client keeps its pace and access token from one job to the next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use store::{Store, Tenant};
use ticket::TenantId;

use super::client::Client;
use super::connect::{Timeouts, connect, tenant};
use crate::company::Company;
use crate::secrets::Vault;
use crate::{Error, Result};

/// Clients of all tenants' helpdesks, each created on first use.
pub struct SourcePool {
    store: Store,
    /// `None` without a master key: then no request can be sent.
    vault: Option<Arc<Vault>>,
    timeouts: Timeouts,
    /// Each client with the settings that it was created from.
    clients: Mutex<HashMap<TenantId, (Tenant, Client)>>,
    /// Users of the clients.
    company: Company,
}

impl SourcePool {
    /// Creates an empty pool.
    pub fn new(store: Store, vault: Option<Arc<Vault>>, timeouts: Timeouts) -> Self {
        Self {
            store,
            vault,
            timeouts,
            clients: Mutex::default(),
            company: Company::default(),
        }
    }

    /// Returns the jobs and events that use the clients at the same time.
    pub(crate) fn company(&self) -> &Company {
        &self.company
    }

    /// Returns the current settings of a tenant, and a client that was created from them.
    ///
    /// # Errors
    /// `TenantNotFound`, `NoMasterKey`, `Secret`, and those of the store.
    pub async fn client_of(&self, id: &TenantId) -> Result<(Tenant, Client)> {
        let current = tenant(&self.store, id).await?;
        let known = self.clients().get(id).cloned();
        if let Some((settings, client)) = known
            && settings.updated_at == current.updated_at
        {
            return Ok((current, client));
        }
        let vault = self.vault.as_ref().ok_or(Error::NoMasterKey)?;
        let client = connect(&self.store, vault, &current, self.timeouts)?;
        self.clients()
            .insert(id.clone(), (current.clone(), client.clone()));
        Ok((current, client))
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<TenantId, (Tenant, Client)>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
