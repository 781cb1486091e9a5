//! `precedent tenant check`: does an import have what it needs?

use std::time::Duration;

use serde_json::json;
use ticket::TenantId;

use crate::clock;
use crate::context::Context;
use crate::desk;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The tenant, as named by `precedent tenant add`
    #[arg(long)]
    tenant_id: TenantId,
    /// Longest wait for one answer, in seconds
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    timeout: u64,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let tenant = desk::tenant(&*store, &arguments.tenant_id).await?;
    let client = desk::client(context, &tenant, Duration::from_secs(arguments.timeout))?;
    let check = client
        .check(clock::now())
        .await
        .map_err(|error| desk::explain(error.into(), &tenant.id))?;
    for finding in check.findings {
        if context.json() {
            println!("{}", json!({"good": finding.good, "finding": finding.words}));
        } else {
            println!(
                "{} {}",
                if finding.good { "ok     " } else { "warning" },
                finding.words
            );
        }
    }
    Ok(())
}
