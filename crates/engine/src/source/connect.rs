//! Creates the client of a helpdesk from the settings of its tenant.

use std::sync::Arc;
use std::time::Duration;

use servicedesk::Settings;
use store::{Store, Tenant};
use ticket::TenantId;
use tracing::warn;
use url::Url;

use super::client::{Api, Client, Edition};
use super::learned::probe;
use super::pace::SharedPace;
use super::sealed::credentials;
use crate::secrets::Vault;
use crate::{Error, Result};

/// Returns the settings of a tenant.
///
/// # Errors
/// `TenantNotFound`, and those of the store.
pub async fn tenant(store: &Store, id: &TenantId) -> Result<Tenant> {
    store
        .tenant(id)
        .await?
        .ok_or_else(|| store::Error::TenantNotFound(id.clone()).into())
}

/// Timeouts of a helpdesk's client.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Timeout for one response.
    pub answer: Duration,
    /// Pause after a lock for which the helpdesk gives no duration.
    pub lock: Duration,
}

/// Creates a client for the tenant's helpdesk without sending a request.
///
/// # Errors
/// `Setting` or `Secret` for invalid settings, and those of the client.
pub fn connect(store: &Store, vault: &Vault, tenant: &Tenant, timeouts: Timeouts) -> Result<Client> {
    let (edition, api) = edition_and_api(tenant)?;
    let url = |text: &str| Url::parse(text).map_err(|_| unreadable(tenant, "URL"));
    if tenant.insecure {
        warn!(
            tenant_id = %tenant.id,
            "the certificate of {} is not checked: an attacker on the network can read the credentials; trust its \
             certificate with --ca-certificate instead", tenant.base_url
        );
    }
    let settings = Settings {
        edition,
        api,
        base_url: url(&tenant.base_url)?,
        portal: tenant.portal.clone(),
        accounts_url: tenant.accounts_url.as_deref().map(url).transpose()?,
        credentials: credentials(vault, tenant)?,
        ca_certificate: tenant.ca_certificate.clone(),
        insecure: tenant.insecure,
        allow_http: tenant.allow_http,
        allow_loopback: tenant.allow_loopback,
        timeout: timeouts.answer,
        requests_per_minute: tenant.requests_per_minute,
        learned_pace: tenant.learned.pace,
        pace: Arc::new(SharedPace::new(store.clone(), tenant.id.clone())),
        statuses: probe(tenant).and_then(|probe| probe.statuses),
        lock: timeouts.lock,
        resolution_from_notes: tenant.resolution_from_notes,
        keep_html: tenant.keep_html,
    };
    Ok(Client::new(settings)?)
}

/// Returns the stored edition and API of a tenant.
///
/// # Errors
/// `Setting` for a value that this version does not know.
pub fn edition_and_api(tenant: &Tenant) -> Result<(Edition, Api)> {
    let edition = match tenant.edition.as_str() {
        "cloud" => Edition::Cloud,
        "on_premises" => Edition::OnPremises,
        "msp" => Edition::Msp,
        _ => return Err(unreadable(tenant, "edition")),
    };
    let api = match tenant.api.as_str() {
        "v3" => Api::V3,
        "story" => Api::Story,
        _ => return Err(unreadable(tenant, "api")),
    };
    Ok((edition, api))
}

fn unreadable(tenant: &Tenant, setting: &'static str) -> Error {
    Error::Setting {
        tenant: tenant.id.clone(),
        setting,
    }
}
