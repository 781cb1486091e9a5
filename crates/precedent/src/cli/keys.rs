//! `precedent keys`: master keys.

use secrecy::ExposeSecret;
use serde_json::json;

use crate::context::Context;
use crate::desk;
use crate::exit::{ExitCode, Failure};
use crate::vault::{MasterKey, key_id};
use crate::{audit, clock};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Print a new master key; keep it where only the service can read it
    Generate,
    /// Wrap all credentials with the key in PRECEDENT_MASTER_KEY instead of the one in PRECEDENT_OLD_MASTER_KEY,
    /// which is refused from then on; give it again if it was stopped
    Rotate,
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Generate => println!("{}", MasterKey::generate().to_base64().expose_secret()),
        Command::Rotate => rotate(context).await?,
    }
    Ok(())
}

/// Tenant by tenant: what is wrapped with the new key already is left, so a rotation that was stopped goes on.
async fn rotate(context: &Context) -> anyhow::Result<()> {
    let store = context.store().await?;
    let vault = context.vault(&*store).await?;
    let Some(old) = vault.old_key_id() else {
        return Err(Failure::new(ExitCode::Usage, "no old master key to rotate from")
            .hint("set PRECEDENT_OLD_MASTER_KEY or PRECEDENT_OLD_MASTER_KEY_FILE to it, and PRECEDENT_MASTER_KEY to the new one")
            .into());
    };
    let mut wrapped = 0;
    for tenant in store.tenants().await? {
        loop {
            let current = desk::tenant(&*store, &tenant.id).await?.credentials;
            if key_id(&current) == Some(vault.key_id().as_str()) {
                break;
            }
            let renewed = vault.wrap_anew(&tenant.id, desk::CREDENTIALS, &current)?;
            // Credentials that were set meanwhile are looked at again.
            if store.replace_envelope(&tenant.id, &current, &renewed).await? {
                audit::note(
                    &*store,
                    Some(&tenant.id),
                    "keys rotate",
                    format!("from {old} to {}", vault.key_id()),
                )
                .await?;
                wrapped += 1;
                break;
            }
        }
    }
    store.retire_key(&old, clock::now()).await?;
    audit::note(&*store, None, "keys rotate", format!("retired {old}")).await?;
    if context.json() {
        println!(
            "{}",
            json!({"wrapped": wrapped, "retired": old, "in_use": vault.key_id()})
        );
    } else {
        println!(
            "wrapped the credentials of {wrapped} tenants with master key {}; {old} is retired",
            vault.key_id()
        );
    }
    Ok(())
}
