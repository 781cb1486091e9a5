//! `precedent webhook`: creates, shows and rotates a tenant's webhook.

use anyhow::Context as _;
use engine::secrets::Vault;
use engine::webhook::{MIN_SECRET_CHARS, WebhookSecret, make_secret};
use engine::{audit, clock, source};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use store::{Store, Webhook};
use ticket::TenantId;
use uuid::Uuid;

use super::of_tenant::OfTenant;
use super::output::long_result;
use crate::api::http::webhook::SECRET_HEADER;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Create the webhook with its secrets and print the settings for ServiceDesk Plus
    Create(NewSecrets),
    /// Print the settings again
    Show(Arguments),
    /// Replace both secrets; the old ones stay valid for a second
    Rotate(NewSecrets),
}

#[derive(Debug, clap::Args)]
pub(crate) struct NewSecrets {
    #[command(flatten)]
    arguments: Arguments,
    /// Accept the secret of change notifications in the URL, for a helpdesk that cannot send headers; URLs are logged
    /// by proxies, so prefer the header
    #[arg(long)]
    secret_in_url: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: OfTenant,
    /// Address at which ServiceDesk Plus reaches `precedent serve`, such as <https://precedent.example.com>
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    public_url: String,
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let store = context.store().await?;
    let (arguments, secret_in_url) = match &command {
        Command::Create(new) | Command::Rotate(new) => (&new.arguments, new.secret_in_url),
        Command::Show(arguments) => (arguments, false),
    };
    let tenant = source::tenant(&store, &arguments.tenant.tenant_id).await?.id;
    let vault = context.vault(&store).await?;
    let existing = store.webhook(&tenant).await?;
    let webhook = match (&command, existing) {
        (Command::Create(_), None) => {
            let created = renew(&store, &vault, &tenant, secret_in_url).await?;
            audit::record(&store, Some(&tenant), "webhook create", created.id.as_str()).await?;
            created
        }
        (Command::Create(_), Some(_)) => {
            let message = format!("tenant {tenant} has a webhook already");
            return Err(Failure::new(ExitCode::Usage, message)
                .hint("`precedent webhook show` prints it, `precedent webhook rotate` replaces its secrets")
                .into());
        }
        (_, None) => {
            let message = format!("tenant {tenant} has no webhook");
            return Err(Failure::new(ExitCode::Usage, message)
                .hint(format!(
                    "create it with `precedent webhook create --tenant-id={tenant}`"
                ))
                .into());
        }
        (Command::Show(_), Some(existing)) => {
            audit::record(&store, Some(&tenant), "webhook show", existing.id.as_str()).await?;
            existing
        }
        (Command::Rotate(_), Some(_)) => {
            let rotated = renew(&store, &vault, &tenant, secret_in_url).await?;
            audit::record(&store, Some(&tenant), "webhook rotate", rotated.id.as_str()).await?;
            rotated
        }
    };
    let secret = WebhookSecret::Notification.open(&vault, &webhook)?;
    let secret = secret.context("the webhook has no secret")?;
    let signing_secret = WebhookSecret::Signing.open(&vault, &webhook)?;
    let public_url = arguments.public_url.trim_end_matches('/');
    show(context, &webhook, (&secret, signing_secret.as_ref()), public_url)
}

/// Generates both secrets of the tenant's webhook; creates the webhook if there is none.
async fn renew(
    store: &Store,
    vault: &Vault,
    tenant: &TenantId,
    secret_in_url: bool,
) -> anyhow::Result<Webhook> {
    let existing = store.webhook(tenant).await?;
    let id = existing.map_or_else(|| Uuid::new_v4().simple().to_string(), |existing| existing.id);
    let webhook = Webhook {
        tenant: tenant.clone(),
        secret: WebhookSecret::Notification.seal(vault, tenant, &id, &make_secret())?,
        signing_secret: Some(WebhookSecret::Signing.seal(vault, tenant, &id, &make_secret())?),
        id,
        secret_in_url,
        created_at: clock::now(),
    };
    store.set_webhook(&webhook).await?;
    Ok(webhook)
}

/// Sets the secret that signs resolved tickets; creates the webhook if there is none.
///
/// # Errors
/// `Usage` if the secret is too short.
pub(super) async fn set_signing_secret(
    store: &Store,
    vault: &Vault,
    tenant: &TenantId,
    secret: &SecretString,
) -> anyhow::Result<()> {
    if secret.expose_secret().chars().count() < MIN_SECRET_CHARS {
        let message = format!("the webhook's secret is shorter than {MIN_SECRET_CHARS} characters");
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("`precedent webhook create` generates one")
            .into());
    }
    let webhook = match store.webhook(tenant).await? {
        Some(existing) => existing,
        None => renew(store, vault, tenant, false).await?,
    };
    let webhook = Webhook {
        signing_secret: Some(WebhookSecret::Signing.seal(vault, tenant, &webhook.id, secret)?),
        created_at: clock::now(),
        ..webhook
    };
    Ok(store.set_webhook(&webhook).await?)
}

fn show(
    context: &Context,
    webhook: &Webhook,
    (secret, signing_secret): (&SecretString, Option<&SecretString>),
    public_url: &str,
) -> anyhow::Result<()> {
    let tenant = &webhook.tenant;
    let url = format!("{public_url}/webhook/servicedesk/{tenant}/{}", webhook.id);
    let signed_url = format!("{public_url}/webhook/servicedesk/resolved-ticket");
    let secret = secret.expose_secret();
    let signing_secret = signing_secret.map(ExposeSecret::expose_secret);
    let object = json!({"tenant_id": tenant.as_str(), "url": url, "header": SECRET_HEADER, "secret": secret,
        "secret_in_url": webhook.secret_in_url, "payload": {"id": "${id}", "display_id": "${display_id}"},
        "signed_url": signed_url, "signing_secret": signing_secret});
    let or_in_url = match webhook.secret_in_url {
        true => "\n           or append the secret to the URL: ?secret=.. (percent-encoded)",
        false => "",
    };
    let signing_secret = signing_secret.unwrap_or("none yet; `precedent webhook rotate` creates it");
    let words = format!(
        "In ServiceDesk Plus, Admin > Integrations > Webhooks, a new webhook:
  Method   POST
  URL      {url}
  Header   {SECRET_HEADER}: {secret}{or_in_url}
  Body     JSON: {{\"id\": \"${{id}}\", \"display_id\": \"${{display_id}}\"}}
           (choose both variables from the list; other fields are not needed, and may break the JSON)
Then add a custom trigger for requests that are created, edited or permanently deleted, with this webhook as its action.

To send whole tickets from your own programs:
  POST     {signed_url}
  Header   X-ServiceDesk-Signature: HMAC-SHA256 of the body with the signing secret, hexadecimal
  Secret   {signing_secret}
Keep both secrets safe: they allow sending events for tenant {tenant}."
    );
    long_result(context, &object, words.lines())
}
