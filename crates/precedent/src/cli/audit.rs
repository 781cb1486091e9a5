//! `precedent audit`: shows the audit log.

use serde_json::json;
use ticket::TenantId;

use super::output::entry;
use super::pages::print_pages;
use crate::setup::Context;

/// Show the audit log, newest first
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only this tenant's entries
    #[arg(long)]
    tenant_id: Option<TenantId>,
    /// Maximum number of entries
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let tenant = arguments.tenant_id.as_ref();
    print_pages(
        arguments.limit,
        async |after, limit| store.audit_entries(tenant, after, limit).await,
        |shown| {
            let tenant = shown.tenant.as_ref().map(TenantId::as_str);
            let at = shown.at.to_rfc3339();
            let object = json!({"at": at, "tenant_id": tenant, "actor": shown.actor, "origin": shown.origin,
                "action": shown.action, "detail": shown.detail});
            let words = format_args!(
                "{at} {} {} ({}) {}: {}",
                tenant.unwrap_or("-"),
                shown.actor,
                shown.origin,
                shown.action,
                shown.detail
            );
            entry(context, &object, words)
        },
    )
    .await
}
