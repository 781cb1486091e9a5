//! Stores what a client learned about its helpdesk: pace, findings of a check, refused credentials.

use store::{LearnedSettings, Store, Tenant};
use tracing::info;

use super::client::{Client, Error, Probe};
use crate::clock;

/// Returns the findings of the last check; `None` without a check, or if another version wrote them.
pub fn probe(tenant: &Tenant) -> Option<Probe> {
    serde_json::from_str(tenant.learned.probe.as_deref()?).ok()
}

/// Stores the news that the client learned about the helpdesk, and the findings of a check.
///
/// # Errors
/// Those of the store.
pub async fn store_learned<T>(
    store: &Store,
    tenant: &Tenant,
    client: &Client,
    result: &crate::Result<T>,
    probe: Option<&Probe>,
) -> crate::Result<()> {
    let refused = matches!(
        result.as_ref().err().and_then(crate::Error::source_error),
        Some(Error::Reauthorise(_) | Error::Unauthorised(_))
    );
    let pace = client.learned_pace();
    let learned = LearnedSettings {
        pace,
        probe: tenant.learned.probe.clone(),
        reauthorise_since: refused.then(|| tenant.learned.reauthorise_since.unwrap_or_else(clock::now)),
    };
    if let Some(pace) = pace.filter(|pace| tenant.learned.pace != Some(*pace)) {
        info!(tenant_id = %tenant.id, "learned that the helpdesk accepts about {pace} requests per minute");
    }
    let mut news = learned.changes_since(&tenant.learned);
    // Without a check the findings stay: another process may have stored newer ones since the tenant was read.
    news.probe = probe.map(|probe| serde_json::to_string(probe).ok());
    if !news.is_empty() {
        store.set_learned(&tenant.id, &news).await?;
    }
    Ok(())
}
