//! `precedent keys`: generates and rotates master keys.

use engine::secrets::{MasterKey, Vault, key_id};
use engine::webhook::WebhookSecret;
use engine::{audit, clock, source};
use secrecy::ExposeSecret;
use serde_json::json;
use store::Store;
use ticket::TenantId;

use super::output::result;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Print a new master key; store it where only the service can read it
    Generate,
    /// Rewrap all credentials with the key in PRECEDENT_MASTER_KEY and retire the key in PRECEDENT_OLD_MASTER_KEY,
    /// which is refused from then on; run it again if it was interrupted
    Rotate,
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Generate => {
            let key = MasterKey::generate().to_base64();
            let key = key.expose_secret();
            result(context, &json!({"master_key": key}), key)
        }
        Command::Rotate => rotate(context).await,
    }
}

/// Rewraps the envelopes of all tenants. Envelopes of the new key are skipped, so an interrupted rotation resumes.
async fn rotate(context: &Context) -> anyhow::Result<()> {
    let store = context.store().await?;
    let vault = context.vault(&store).await?;
    let Some(old) = vault.old_key_id() else {
        return Err(Failure::new(ExitCode::Usage, "no old master key to rotate from")
            .hint("set PRECEDENT_OLD_MASTER_KEY or PRECEDENT_OLD_MASTER_KEY_FILE to the old key, and PRECEDENT_MASTER_KEY to the new one")
            .into());
    };
    let mut wrapped = 0_usize;
    for tenant in store.tenants().await? {
        wrapped += usize::from(wrap(&store, &vault, &tenant.id, Sealed::Credentials).await?);
        for secret in [WebhookSecret::Notification, WebhookSecret::Signing] {
            wrap(&store, &vault, &tenant.id, Sealed::Webhook(secret)).await?;
        }
    }
    store.retire_key(&old, clock::now()).await?;
    audit::record(&store, None, "keys rotate", format!("retired {old}")).await?;
    let in_use = vault.key_id();
    let object = json!({"wrapped": wrapped, "retired": old, "in_use": in_use});
    let words = format_args!(
        "wrapped the credentials of {wrapped} tenants with master key {in_use}; {old} is retired"
    );
    result(context, &object, words)
}

/// The sealed secrets of a tenant.
#[derive(Clone, Copy)]
enum Sealed {
    Credentials,
    Webhook(WebhookSecret),
}

/// Rewraps one envelope of a tenant; returns whether it was necessary.
async fn wrap(store: &Store, vault: &Vault, tenant: &TenantId, sealed: Sealed) -> anyhow::Result<bool> {
    loop {
        let (name, current, renewed) = match sealed {
            Sealed::Credentials => {
                let tenant = source::tenant(store, tenant).await?;
                if is_renewed(vault, &tenant.credentials) {
                    return Ok(false);
                }
                let renewed = source::rewrap_credentials(vault, &tenant)?;
                ("credentials", tenant.credentials, renewed)
            }
            Sealed::Webhook(secret) => {
                let Some(webhook) = store.webhook(tenant).await? else {
                    return Ok(false);
                };
                let current = secret.envelope(&webhook).map(str::to_owned);
                let due = current.filter(|current| !is_renewed(vault, current));
                let Some(current) = due else { return Ok(false) };
                let Some(renewed) = secret.rewrap(vault, &webhook)? else {
                    return Ok(false);
                };
                (secret.column(), current, renewed)
            }
        };
        // If another process has replaced the envelope meanwhile, the next turn checks the new one.
        if store.replace_envelope(tenant, &current, &renewed).await? {
            let from = key_id(&current).unwrap_or_default();
            let detail = format!("{name}, from {from} to {}", vault.key_id());
            audit::record(store, Some(tenant), "keys rotate", detail).await?;
            return Ok(true);
        }
    }
}

fn is_renewed(vault: &Vault, envelope: &str) -> bool {
    key_id(envelope) == Some(vault.key_id().as_str())
}
