//! Turns the settings of a tenant into a client of its helpdesk.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use servicedesk::Settings;
use store::{Store, Tenant};
use ticket::TenantId;
use tracing::warn;
use url::Url;

use super::client::{Api, Client, Credentials, Edition};
use super::credentials::parse_credentials;
use super::learned::probe;
use super::pace::SharedPace;
use crate::secrets::Vault;
use crate::{Error, Result};

/// Name of the column that seals the credentials.
pub const CREDENTIALS: &str = "credentials";

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
    /// Maximum time for one answer.
    pub answer: Duration,
    /// Pause after a lock whose length the helpdesk does not say.
    pub lock: Duration,
}

/// Makes a client of the tenant's helpdesk. Nothing is sent yet.
///
/// # Errors
/// `Setting` or `Secret` for settings that cannot be used, and those of the client.
pub fn connect(store: &Store, vault: &Vault, tenant: &Tenant, timeouts: Timeouts) -> Result<Client> {
    let (edition, api) = edition_and_api(tenant)?;
    let url = |text: &str| Url::parse(text).map_err(|_| unreadable(tenant, "URL"));
    if tenant.insecure {
        warn!(
            tenant_id = %tenant.id,
            "the certificate of {} is not checked: anybody on the way can read the credentials; trust its \
             certificate instead", tenant.base_url
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

/// Opens the credentials of a tenant.
///
/// # Errors
/// `Secret` for an envelope that does not open, or holds something else.
pub fn credentials(vault: &Vault, tenant: &Tenant) -> Result<Credentials> {
    let secret = vault.open(&tenant.id, CREDENTIALS, &tenant.credentials)?;
    Ok(parse_credentials(secret.expose_secret())?)
}

/// Returns edition and API as they are stored.
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
