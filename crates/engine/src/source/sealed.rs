//! The sealed credentials of a tenant.
//!
//! Their envelope is sealed with every setting that decides where the credentials are sent and who can read them on the
//! way. If one of these changes in the database without the master key, the envelope does not open, and nothing is sent.

use secrecy::{ExposeSecret, SecretString};
use store::Tenant;
use url::{Origin, Url};

use super::client::Credentials;
use super::credentials::parse_credentials;
use crate::Result;
use crate::secrets::{Place, Vault};

/// Returns the place of a tenant's credentials, with the settings of the connection.
fn place(tenant: &Tenant) -> Place<'_> {
    let switch = |name: &'static str, on: bool| on.then_some(name);
    let settings = vec![
        Some(tenant.edition.as_str()),
        Some(&tenant.api),
        Some(&tenant.base_url),
        tenant.portal.as_deref(),
        tenant.accounts_url.as_deref(),
        tenant.ca_certificate.as_deref(),
        switch("insecure", tenant.insecure),
        switch("allow http", tenant.allow_http),
        switch("allow loopback", tenant.allow_loopback),
    ];
    Place::new(&tenant.id, "credentials", settings)
}

/// Seals credentials with the settings of the tenant. Call it after each change of a setting.
///
/// # Errors
/// `Secret` if they are too long.
pub fn seal_credentials(vault: &Vault, tenant: &Tenant, json: &SecretString) -> Result<String> {
    Ok(vault.seal(&place(tenant), json)?)
}

/// Opens the credentials of a tenant, as JSON.
///
/// # Errors
/// `Secret` for an envelope that does not open with the settings of the tenant.
pub fn open_credentials(vault: &Vault, tenant: &Tenant) -> Result<SecretString> {
    Ok(vault.open(&place(tenant), &tenant.credentials)?)
}

/// Opens and reads the credentials of a tenant.
///
/// # Errors
/// `Secret`, also for an envelope that does not contain credentials.
pub fn credentials(vault: &Vault, tenant: &Tenant) -> Result<Credentials> {
    Ok(parse_credentials(
        open_credentials(vault, tenant)?.expose_secret(),
    )?)
}

/// Returns the envelope of a tenant's credentials, wrapped with the current master key.
///
/// # Errors
/// As [`open_credentials`].
pub fn rewrap_credentials(vault: &Vault, tenant: &Tenant) -> Result<String> {
    Ok(vault.rewrap(&place(tenant), &tenant.credentials)?)
}

/// Returns whether two settings use the credentials in the same way, so that one envelope fits both.
pub fn same_use(one: &Tenant, other: &Tenant) -> bool {
    place(one).associated_data() == place(other).associated_data()
}

/// Returns whether two settings send the credentials to the same servers: scheme, host and port of the helpdesk and of
/// the accounts server.
pub fn same_servers(one: &Tenant, other: &Tenant) -> bool {
    let servers = |tenant: &Tenant| {
        (
            origin(&tenant.base_url),
            tenant.accounts_url.as_deref().map(origin),
        )
    };
    servers(one) == servers(other)
}

/// Returns the origin of an address; one that cannot be read equals no other.
fn origin(url: &str) -> Origin {
    Url::parse(url).map_or_else(|_| Origin::new_opaque(), |url| url.origin())
}
