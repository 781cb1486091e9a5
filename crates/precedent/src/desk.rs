//! A tenant's settings become a client of its helpdesk, and its errors become advice.

use std::time::Duration;

use secrecy::ExposeSecret;
use servicedesk::{Api, Client, Credentials, Edition, Error, Settings};
use store::{Store, Tenant};
use ticket::TenantId;
use url::Url;

use crate::context::Context;
use crate::credentials as secret;
use crate::exit::{self, ExitCode, Failure};

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

/// A client of the tenant's helpdesk; nothing is sent yet.
pub(crate) fn client(context: &Context, tenant: &Tenant, timeout: Duration) -> anyhow::Result<Client> {
    let (edition, api) = kinds(tenant)?;
    let url = |text: &str| Url::parse(text).map_err(|_| unreadable(tenant, "URL"));
    let settings = Settings {
        edition,
        api,
        base_url: url(&tenant.base_url)?,
        portal: tenant.portal.clone(),
        accounts_url: tenant.accounts_url.as_deref().map(url).transpose()?,
        credentials: credentials(context, tenant)?,
        ca_certificate: tenant.ca_certificate.clone(),
        timeout,
        requests_per_minute: tenant.requests_per_minute,
    };
    Ok(Client::new(settings)?)
}

/// Opens the tenant's credentials.
pub(crate) fn credentials(context: &Context, tenant: &Tenant) -> Result<Credentials, Failure> {
    let secret = context
        .vault()?
        .open(&tenant.id, CREDENTIALS, &tenant.credentials)?;
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

/// Names the tenant and says what to do about an error of its helpdesk; other errors stay as they are.
pub(crate) fn explain(error: anyhow::Error, tenant: &TenantId) -> anyhow::Error {
    let Some(cause) = error.chain().find_map(|cause| cause.downcast_ref::<Error>()) else {
        return error;
    };
    let hint = match cause {
        Error::Settings(_) => format!("correct it with `precedent tenant set --tenant-id={tenant}`"),
        Error::Unauthorised(_) | Error::Reauthorise(_) => format!(
            "make a new key or authorise again in ServiceDesk Plus, then run `precedent tenant set --tenant-id={tenant} \
             --credentials-stdin` and give the same command again"
        ),
        Error::Forbidden(_) => format!(
            "give the key's technician the right to view all requests (cloud: scope SDPOnDemand.requests.READ), then \
             run `precedent tenant check --tenant-id={tenant}`"
        ),
        Error::NotFound(_) => {
            format!("check the URL and the portal: `precedent tenant show --tenant-id={tenant}`")
        }
        Error::Throttled { .. } => format!(
            "lower the pace with `precedent tenant set --tenant-id={tenant} --requests-per-minute=30`, wait a while and \
             give the same command again: it goes on where it stopped"
        ),
        Error::Unavailable { .. } | Error::RepeatedPage { .. } => {
            "give the same command again when the server is well: it goes on where it stopped".to_owned()
        }
        Error::Refused(_) => {
            format!("`precedent tenant check --tenant-id={tenant}` shows what this server accepts")
        }
    };
    let code = exit::code(&error);
    Failure::new(code, format!("the helpdesk of tenant {tenant} failed"))
        .hint(hint)
        .caused_by(error)
        .into()
}
