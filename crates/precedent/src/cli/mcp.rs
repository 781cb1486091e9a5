//! `precedent mcp`: serves one tenant's tickets to a language model on this machine.

use engine::source;

use super::of_tenant::OfTenant;
use crate::api::mcp;
use crate::setup::Context;

/// Serve the Model Context Protocol on standard input and output: tools search_similar_tickets and get_ticket
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: OfTenant,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let tenant = source::tenant(&store, &arguments.tenant.tenant_id).await?.id;
    mcp::on_stdio(store, context.indexes()?, tenant, context.stop()?.soft).await
}
