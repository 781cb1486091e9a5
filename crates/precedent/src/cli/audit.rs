//! `precedent audit`: who did what.

use serde_json::json;
use ticket::TenantId;

use crate::context::Context;

/// Show the audit log, newest first
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only this tenant's entries
    #[arg(long)]
    tenant_id: Option<TenantId>,
    /// At most so many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    for entry in store
        .audit_entries(arguments.tenant_id.as_ref(), arguments.limit)
        .await?
    {
        let tenant = entry.tenant.as_ref().map_or("-", TenantId::as_str);
        if context.json() {
            println!(
                "{}",
                json!({"at": entry.at.to_rfc3339(), "tenant_id": entry.tenant.as_ref().map(TenantId::as_str),
                    "actor": entry.actor, "origin": entry.origin, "action": entry.action, "detail": entry.detail})
            );
        } else {
            println!(
                "{} {tenant} {} ({}) {}: {}",
                entry.at.to_rfc3339(),
                entry.actor,
                entry.origin,
                entry.action,
                entry.detail
            );
        }
    }
    Ok(())
}
