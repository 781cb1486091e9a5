//! `precedent tenant check`: checks that an import can work.

use engine::{audit, clock, source};
use serde_json::json;

use super::super::of_tenant::OfTenant;
use crate::cli::output::result;
use crate::cli::timeouts;
use crate::setup::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: OfTenant,
    #[command(flatten)]
    timeouts: timeouts::TimeoutArguments,
}

/// Probes the helpdesk, stores the findings and shows them.
pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let tenant = source::tenant(&store, &arguments.tenant.tenant_id).await?;
    let client = context
        .connect(&store, &tenant, arguments.timeouts.timeouts())
        .await?;
    let client = client.stopped_by(context.stop()?);
    let probe = client.probe(clock::now()).await.map_err(engine::Error::from);
    source::store_learned(&store, &tenant, &client, &probe, probe.as_ref().ok()).await?;
    let probe = probe.map_err(|error| error.of_helpdesk(&tenant.id))?;
    audit::record(&store, Some(&tenant.id), "tenant check", "").await?;
    for finding in probe.findings() {
        show(context, finding.good, &finding.words)?;
    }
    let pace = match (client.learned_pace(), tenant.requests_per_minute) {
        (Some(pace), _) => format!("the helpdesk throttles: learned a pace of {pace} requests per minute"),
        (None, 0) => "pace: no limit, no throttling seen".to_owned(),
        (None, allowed) => format!("pace: {allowed} requests per minute as configured, no throttling seen"),
    };
    show(context, client.learned_pace().is_none(), &pace)
}

fn show(context: &Context, good: bool, words: &str) -> anyhow::Result<()> {
    let object = json!({"good": good, "finding": words});
    let mark = if good { "ok     " } else { "warning" };
    result(context, &object, format_args!("{mark} {words}"))
}
