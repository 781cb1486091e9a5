//! `precedent webhook`: creates, shows and rotates a tenant's webhook.

use engine::secrets::Vault;
use engine::webhook::{MIN_SECRET_CHARS, make_secret, open_secret, seal_secret};
use engine::{audit, clock, source};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use store::{Store, Webhook};
use ticket::TenantId;
use uuid::Uuid;

use super::of_tenant::OfTenant;
use super::output::result;
use crate::api::http::webhook::SECRET_HEADER;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Create the webhook with a secret and print the settings for ServiceDesk Plus
    Create(Arguments),
    /// Print the settings again
    Show(Arguments),
    /// Replace the secret; the old one stays valid for 10 seconds
    Rotate(Arguments),
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
    let (Command::Create(arguments) | Command::Show(arguments) | Command::Rotate(arguments)) = &command;
    let tenant = source::tenant(&store, &arguments.tenant.tenant_id).await?.id;
    let vault = context.vault(&store).await?;
    let existing = store.webhook(&tenant).await?;
    let webhook = match (&command, existing) {
        (Command::Create(_), None) => {
            let created = set_secret(&store, &vault, &tenant, &make_secret()).await?;
            audit::record(&store, Some(&tenant), "webhook create", created.id.as_str()).await?;
            created
        }
        (Command::Create(_), Some(_)) => {
            let message = format!("tenant {tenant} has a webhook already");
            return Err(Failure::new(ExitCode::Usage, message)
                .hint("`precedent webhook show` prints it, `precedent webhook rotate` replaces its secret")
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
            let rotated = set_secret(&store, &vault, &tenant, &make_secret()).await?;
            audit::record(&store, Some(&tenant), "webhook rotate", rotated.id.as_str()).await?;
            rotated
        }
    };
    let secret = open_secret(&vault, &webhook)?;
    show(
        context,
        &webhook,
        &secret,
        arguments.public_url.trim_end_matches('/'),
    )
}

/// Sets the secret of the tenant's webhook; creates the webhook if there is none.
///
/// # Errors
/// `Usage` if the secret is too short.
pub(super) async fn set_secret(
    store: &Store,
    vault: &Vault,
    tenant: &TenantId,
    secret: &SecretString,
) -> anyhow::Result<Webhook> {
    if secret.expose_secret().chars().count() < MIN_SECRET_CHARS {
        let message = format!("the webhook's secret is shorter than {MIN_SECRET_CHARS} characters");
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("`precedent webhook create` generates one")
            .into());
    }
    let existing = store.webhook(tenant).await?;
    let id = existing.map_or_else(|| Uuid::new_v4().simple().to_string(), |existing| existing.id);
    let webhook = Webhook {
        tenant: tenant.clone(),
        secret: seal_secret(vault, tenant, &id, secret)?,
        id,
        created_at: clock::now(),
    };
    store.set_webhook(&webhook).await?;
    Ok(webhook)
}

fn show(context: &Context, webhook: &Webhook, secret: &SecretString, public_url: &str) -> anyhow::Result<()> {
    let tenant = &webhook.tenant;
    let url = format!("{public_url}/webhook/servicedesk/{tenant}/{}", webhook.id);
    let signed_url = format!("{public_url}/webhook/servicedesk/resolved-ticket");
    let secret = secret.expose_secret();
    let object = json!({"tenant_id": tenant.as_str(), "url": url, "header": SECRET_HEADER, "secret": secret,
        "payload": {"id": "${id}", "display_id": "${display_id}"}, "signed_url": signed_url});
    let words = format_args!(
        "In ServiceDesk Plus, Admin > Integrations > Webhooks, a new webhook:
  Method   POST
  URL      {url}
  Header   {SECRET_HEADER}: {secret}
  Body     JSON: {{\"id\": \"${{id}}\", \"display_id\": \"${{display_id}}\"}}
           (choose both variables from the list; other fields are not needed, and may break the JSON)
Then add a custom trigger for requests that are created, edited or permanently deleted, with this webhook as its action.

To send whole tickets from your own programs:
  POST     {signed_url}
  Header   X-ServiceDesk-Signature: HMAC-SHA256 of the body with the secret, hexadecimal
Keep the secret safe: it allows sending events for tenant {tenant}."
    );
    result(context, &object, words)
}
