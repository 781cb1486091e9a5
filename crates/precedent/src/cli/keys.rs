//! `precedent keys`: generates and rotates master keys.

use engine::secrets::{MasterKey, Vault, key_id};
use engine::webhook::SECRET_COLUMN;
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
        wrapped += usize::from(wrap(&store, &vault, &tenant.id, source::CREDENTIALS, &old).await?);
        wrap(&store, &vault, &tenant.id, SECRET_COLUMN, &old).await?;
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

/// Rewraps one envelope of a tenant; returns whether it was necessary.
async fn wrap(
    store: &Store,
    vault: &Vault,
    tenant: &TenantId,
    column: &str,
    old: &str,
) -> anyhow::Result<bool> {
    loop {
        let current = match column {
            SECRET_COLUMN => store.webhook(tenant).await?.map(|webhook| webhook.secret),
            _ => Some(source::tenant(store, tenant).await?.credentials),
        };
        let due = current.filter(|current| key_id(current) != Some(vault.key_id().as_str()));
        let Some(current) = due else { return Ok(false) };
        let renewed = vault.rewrap(tenant, column, &current)?;
        // If another process has replaced the envelope meanwhile, the next turn checks the new one.
        if store.replace_envelope(tenant, &current, &renewed).await? {
            let detail = format!("{column}, from {old} to {}", vault.key_id());
            audit::record(store, Some(tenant), "keys rotate", detail).await?;
            return Ok(true);
        }
    }
}
