//! A tenant's settings become a client of its helpdesk, and what that learned is kept.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use servicedesk::{Api, Client, Credentials, Edition, Error, Probe, Settings};
use store::{Learned, Store, Tenant};
use ticket::TenantId;
use tracing::{info, warn};
use url::Url;

use crate::clock;
use crate::context::Context;
use crate::credentials as secret;
use crate::exit::{ExitCode, Failure};
use crate::pace::SharedPace;
use crate::vault::Vault;

/// The column whose name seals the credentials.
pub(crate) const CREDENTIALS: &str = "credentials";

/// The tenant's settings.
///
/// # Errors
/// `TenantNotFound`, and those of the store.
pub(crate) async fn tenant(store: &dyn Store, id: &TenantId) -> anyhow::Result<Tenant> {
    store
        .tenant(id)
        .await?
        .ok_or_else(|| store::Error::TenantNotFound(id.clone()).into())
}

/// How long a helpdesk is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// For one answer.
    pub(crate) timeout: Duration,
    /// For a lock of unknown length to end.
    pub(crate) lock: Duration,
}

/// A client of the tenant's helpdesk; nothing is sent yet.
pub(crate) async fn client(
    context: &Context,
    store: &Arc<dyn Store>,
    tenant: &Tenant,
    patience: Patience,
) -> anyhow::Result<Client> {
    client_with(store, &context.vault(&**store).await?, tenant, patience)
}

/// The same for whoever keeps the vault at hand.
pub(crate) fn client_with(
    store: &Arc<dyn Store>,
    vault: &Vault,
    tenant: &Tenant,
    patience: Patience,
) -> anyhow::Result<Client> {
    let (edition, api) = kinds(tenant)?;
    let url = |text: &str| Url::parse(text).map_err(|_| unreadable(tenant, "URL"));
    if tenant.insecure {
        warn!(
            tenant_id = %tenant.id,
            "the certificate of {} is not checked: whoever stands between can read the credentials; give \
             --ca-certificate instead of --insecure", tenant.base_url
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
        timeout: patience.timeout,
        requests_per_minute: tenant.requests_per_minute,
        learned_pace: tenant.learned.pace,
        pace: Arc::new(SharedPace::new(store.clone(), tenant.id.clone())),
        statuses: probe(tenant).and_then(|probe| probe.statuses),
        lock: patience.lock,
        resolution_from_notes: tenant.resolution_from_notes,
        keep_html: tenant.keep_html,
    };
    Ok(Client::new(settings)?)
}

/// What the last `tenant check` found; `None` also where another version wrote it.
pub(crate) fn probe(tenant: &Tenant) -> Option<Probe> {
    serde_json::from_str(tenant.learned.probe.as_deref()?).ok()
}

/// Stores what was learned of the helpdesk while it was read, as far as it is news; `probe` if it was looked at
/// as well.
pub(crate) async fn remember<T>(
    store: &dyn Store,
    tenant: &Tenant,
    client: &Client,
    result: &anyhow::Result<T>,
    probe: Option<&Probe>,
) -> anyhow::Result<()> {
    let refused = result.as_ref().err().is_some_and(|error| {
        let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<Error>());
        causes.any(|cause| matches!(cause, Error::Reauthorise(_) | Error::Unauthorised(_)))
    });
    let pace = client.learned_pace();
    let learned = Learned {
        pace,
        probe: tenant.learned.probe.clone(),
        reauthorise_since: refused.then(|| tenant.learned.reauthorise_since.unwrap_or_else(clock::now)),
    };
    if let Some(pace) = pace.filter(|pace| tenant.learned.pace != Some(*pace)) {
        info!(tenant_id = %tenant.id, "learned that the helpdesk takes about {pace} requests a minute");
    }
    let mut news = learned.news_since(&tenant.learned);
    // Without a look, a newer one may have been stored since the tenant was read.
    news.probe = probe
        .map(|probe| serde_json::to_string(probe).map(Some))
        .transpose()?;
    if !news.is_nothing() {
        store.set_learned(&tenant.id, &news).await?;
    }
    Ok(())
}

/// Opens the tenant's credentials.
pub(crate) fn credentials(vault: &Vault, tenant: &Tenant) -> Result<Credentials, Failure> {
    let secret = vault.open(&tenant.id, CREDENTIALS, &tenant.credentials)?;
    secret::parse(secret.expose_secret())
}

/// Edition and form of the API, as stored.
pub(crate) fn kinds(tenant: &Tenant) -> Result<(Edition, Api), Failure> {
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

fn unreadable(tenant: &Tenant, setting: &str) -> Failure {
    Failure::new(
        ExitCode::Usage,
        format!("the {setting} of tenant {} cannot be read", tenant.id),
    )
    .hint("set it anew with `precedent tenant set`")
}
