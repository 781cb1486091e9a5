//! `precedent tenant set`: changes settings of a tenant.

use std::io::BufRead;

use engine::{audit, clock, source};
use secrecy::SecretString;
use serde_json::json;

use super::id::Tenant;
use super::settings::{Changes, EditionName, changed_names};
use crate::cli::jobs;
use crate::cli::output::result;
use crate::cli::webhook::set_signing_secret;
use crate::setup::Context;

/// Change a tenant's settings; settings that are not given stay unchanged
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// Display name
    #[arg(long)]
    name: Option<String>,
    /// Product of the helpdesk
    #[arg(long, value_enum)]
    edition: Option<EditionName>,
    /// Address of the helpdesk
    #[arg(long)]
    url: Option<String>,
    /// Read the secret with which your programs sign resolved tickets, at least 32 characters, from standard input
    #[arg(long, conflicts_with = "credentials_stdin")]
    webhook_secret_stdin: bool,
    #[command(flatten)]
    changes: Changes,
}

pub(super) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let mut changed = source::tenant(&store, &arguments.tenant.tenant_id).await?;
    let before = changed.clone();
    if let Some(name) = arguments.name {
        changed.name = name;
    }
    if let Some(edition) = arguments.edition {
        changed.edition = edition.column().to_owned();
    }
    let vault = context.vault(&store).await?;
    arguments
        .changes
        .apply(&mut changed, arguments.url.as_deref(), &vault)?;
    let mut names = changed_names(&before, &changed);
    if arguments.webhook_secret_stdin {
        set_signing_secret(&store, &vault, &changed.id, &line_of_stdin()?).await?;
        names.push("webhook secret");
    }
    changed.updated_at = clock::now();
    store.update_tenant(&changed).await?;
    let news = changed.learned.changes_since(&before.learned);
    store.set_learned(&changed.id, &news).await?;
    audit::record(&store, Some(&changed.id), "tenant set", names.join(", ")).await?;
    // The new settings may have removed the cause of a failure.
    let retried = jobs::retry(&store, &changed.id).await?;
    let names: Vec<_> = names.iter().map(|name| name.replace(' ', "_")).collect();
    let object = json!({"tenant_id": changed.id.as_str(), "changed": names, "retried": retried});
    let mut words = format!("changed tenant {}", changed.id);
    if retried > 0 {
        words += &format!("\nfailed jobs scheduled for retry: {retried}");
    }
    result(context, &object, words)
}

/// Reads one line and trims it.
fn line_of_stdin() -> anyhow::Result<SecretString> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned().into())
}
