//! The sealed secret of a webhook. Its envelope opens for this tenant and this webhook only.

use secrecy::SecretString;
use store::Webhook;
use ticket::TenantId;

use crate::Result;
use crate::secrets::{Place, Vault};

/// Returns the place of a webhook's secret. The id is a part of the webhook's address.
fn place<'a>(tenant: &'a TenantId, id: &'a str) -> Place<'a> {
    Place::new(tenant, "webhook_secret", vec![Some(id)])
}

/// Seals the secret of the tenant's webhook with this id.
///
/// # Errors
/// `Secret` if it is too long.
pub fn seal_secret(vault: &Vault, tenant: &TenantId, id: &str, secret: &SecretString) -> Result<String> {
    Ok(vault.seal(&place(tenant, id), secret)?)
}

/// Opens the secret of a webhook.
///
/// # Errors
/// `Secret` for an envelope that does not open.
pub fn open_secret(vault: &Vault, webhook: &Webhook) -> Result<SecretString> {
    Ok(vault.open(&place(&webhook.tenant, &webhook.id), &webhook.secret)?)
}

/// Returns the envelope of a webhook's secret, wrapped with the current master key.
///
/// # Errors
/// As [`open_secret`].
pub fn rewrap_secret(vault: &Vault, webhook: &Webhook) -> Result<String> {
    Ok(vault.rewrap(&place(&webhook.tenant, &webhook.id), &webhook.secret)?)
}
