//! `precedent tenant remove`: removes a tenant's settings, or erases everything of it.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::Context as _;
use engine::{audit, erase, source};
use serde_json::json;
use ticket::TenantId;

use super::id::Tenant;
use crate::cli::output::result;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

/// Remove a tenant's settings and tokens; its tickets stay, unless they are to be erased, and until the id is added
/// again nothing serves them
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    /// Delete everything of the tenant but its audit entries, for good; give it again if it was stopped
    #[arg(long)]
    erase: bool,
    /// Do not ask
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
        "removed tenant {id}; its tickets are kept: precedent tenant add --adopt takes them over, --erase deletes them"
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
            .hint("add --yes to remove it without being asked")
            .into());
    }
    let what = if erase {
        "everything that is stored of it"
    } else {
        "its credentials"
    };
    let mut stderr = std::io::stderr();
    write!(stderr, "Remove tenant {tenant} and {what}? [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("y") {
        Ok(())
    } else {
        Err(refused().into())
    }
}
