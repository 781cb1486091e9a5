//! `precedent tenant add`: adds a tenant with its credentials.

use engine::{audit, erase};
use tracing::info;

use super::id::Tenant;
use super::remove::discard_index;
use super::settings::{Changes, Required};
use super::show;
use crate::cli::output::result;
use crate::setup::Context;

/// Add a tenant; credentials come as JSON from a file, standard input or a prompt
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    required: Required,
    #[command(flatten)]
    changes: Changes,
    /// Keep the stored rows of an earlier tenant with this id: it is the same customer
    #[arg(long)]
    adopt: bool,
    /// First delete the stored rows of an earlier tenant with this id, permanently
    #[arg(long, conflicts_with = "adopt")]
    erase: bool,
}

pub(super) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let id = arguments.tenant.tenant_id;
    if store.tenant(&id).await?.is_some() {
        return Err(store::Error::TenantExists(id).into());
    }
    let vault = context.vault(&store).await?;
    let added = arguments.changes.new_tenant(id, arguments.required, &vault)?;
    if arguments.erase {
        let stop = context.stop()?.soft;
        let rows = erase::erase_left(&store, discard_index(context)?, &added.id, &stop).await?;
        info!(tenant_id = %added.id, "erased {rows} rows of an earlier tenant {}", added.id);
    }
    if arguments.adopt {
        store.adopt_tenant(&added).await?;
    } else {
        store.add_tenant(&added).await?;
    }
    audit::record(&store, Some(&added.id), "tenant add", added.base_url.as_str()).await?;
    let words = format!(
        "added tenant {id}; next: precedent tenant check --tenant-id={id}",
        id = added.id
    );
    result(context, &show::object(&added), words)
}
