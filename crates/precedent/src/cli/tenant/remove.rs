//! `precedent tenant remove`: removes a tenant's settings, or erases all its data.

use std::io::{BufRead, IsTerminal};

use anyhow::Context as _;
use engine::{audit, erase, source};
use serde_json::json;
use ticket::TenantId;

use super::id::Tenant;
use crate::cli::output::{prompt, result};
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

/// Remove a tenant's settings and tokens; its tickets stay in the database unless --erase is given, and are not served
/// until the tenant is added again
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// Delete all data of the tenant except its audit entries, permanently; run it again if it was interrupted
    #[arg(long)]
    erase: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let id = &arguments.tenant.tenant_id;
    source::tenant(&store, id).await?;
    if !arguments.yes {
        confirm(id, arguments.erase)?;
    }
    let discard_index = discard_index(context)?;
    if arguments.erase {
        let stop = context.stop()?.soft;
        let rows = erase::erase(&store, discard_index, id, &stop).await?;
        let object = json!({"tenant_id": id.as_str(), "erased": true, "rows": rows});
        return result(context, &object, format!("erased tenant {id}: {rows} rows"));
    }
    store.remove_tenant(id).await?;
    discard_index(id).await?;
    audit::record(&store, Some(id), "tenant remove", "").await?;
    let object = json!({"tenant_id": id.as_str(), "erased": false, "rows": 0});
    let words = format!(
        "removed tenant {id} and kept its tickets: `precedent tenant add --adopt` takes them over, --erase deletes them"
    );
    result(context, &object, words)
}

/// Returns a function that deletes the search index of a tenant.
pub(super) fn discard_index(
    context: &Context,
) -> anyhow::Result<impl AsyncFn(&TenantId) -> anyhow::Result<()>> {
    let indexes = context.indexes()?;
    Ok(async move |tenant: &TenantId| indexes.discard(tenant).await.context("delete the search index"))
}

fn confirm(tenant: &TenantId, erase: bool) -> anyhow::Result<()> {
    let refused = || Failure::new(ExitCode::Usage, format!("tenant {tenant} was not removed"));
    if !std::io::stdin().is_terminal() {
        return Err(refused()
            .hint("add --yes to remove it without confirmation")
            .into());
    }
    let what = if erase { "all its data" } else { "its credentials" };
    prompt(format_args!("Remove tenant {tenant} and {what}? [y/N] "));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("y") {
        Ok(())
    } else {
        Err(refused().into())
    }
}
