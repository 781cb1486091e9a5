//! `precedent tenant check`: does an import have what it needs?

use serde_json::json;

use super::super::of_tenant::OfTenant;
use crate::advice;
use crate::audit;
use crate::cli::output::result;
use crate::cli::patience;
use crate::clock;
use crate::context::Context;
use crate::desk;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: OfTenant,
    #[command(flatten)]
    patience: patience::Waits,
}

/// Asks the helpdesk, keeps what it told, and shows it.
pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let tenant = desk::tenant(&*store, &arguments.tenant.tenant_id).await?;
    let client = desk::client(context, &store, &tenant, arguments.patience.patience()).await?;
    let client = client.stopped_by(context.stop()?);
    let probe = client.probe(clock::now()).await.map_err(anyhow::Error::from);
    desk::remember(&*store, &tenant, &client, &probe, probe.as_ref().ok()).await?;
    let probe = probe.map_err(|error| advice::explain(error, &tenant.id))?;
    audit::note(&*store, Some(&tenant.id), "tenant check", "").await?;
    for finding in probe.findings() {
        show(context, finding.good, &finding.words)?;
    }
    let pace = match (client.learned_pace(), tenant.requests_per_minute) {
        (Some(pace), _) => format!("the helpdesk throttles: learned a pace of {pace} requests a minute"),
        (None, 0) => "pace: no limit, no throttle met".to_owned(),
        (None, allowed) => format!("pace: {allowed} requests a minute as allowed, no throttle met"),
    };
    show(context, client.learned_pace().is_none(), &pace)
}

fn show(context: &Context, good: bool, words: &str) -> anyhow::Result<()> {
    let object = json!({"good": good, "finding": words});
    let mark = if good { "ok     " } else { "warning" };
    result(context, &object, format_args!("{mark} {words}"))
}
