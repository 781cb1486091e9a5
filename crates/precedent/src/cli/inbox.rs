//! `precedent inbox`: reports of helpdesks that wait, or were given up.

use chrono::SecondsFormat;
use serde_json::json;
use store::{Store, WebhookEvent};
use ticket::TenantId;

use super::of_tenant::OfTenant;
use super::output::{entry, result};
use super::pages::print_pages;
use crate::setup::Context;
use engine::audit;
use engine::clock;
use engine::source;

/// Reports in memory at once while they are tried again.
const PAGE: u32 = 50;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the reports that were not worked off yet, the first that came first
    List {
        #[command(flatten)]
        tenant: OfTenant,
        /// At most so many
        #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        limit: u32,
    },
    /// Try those again that were given up
    Retry(OfTenant),
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let store = context.store().await?;
    match command {
        Command::List { tenant, limit } => {
            let tenant = source::tenant(&store, &tenant.tenant_id).await?.id;
            print_pages(
                limit,
                async |after, limit| store.events(&tenant, after, limit).await,
                |note| show(context, note),
            )
            .await
        }
        Command::Retry(of) => {
            let tenant = source::tenant(&store, &of.tenant_id).await?.id;
            let count = retry(&store, &tenant).await?;
            audit::record(&store, Some(&tenant), "inbox retry", format!("{count} reports")).await?;
            let object = json!({"tenant_id": tenant.as_str(), "retried": count});
            result(context, &object, format_args!("{count} reports are tried again"))
        }
    }
}

/// Has those tried again that were given up; how many.
async fn retry(store: &Store, tenant: &TenantId) -> anyhow::Result<u64> {
    let mut count = 0;
    let mut last = None;
    loop {
        let mut page = store.events(tenant, last.as_ref(), PAGE).await?;
        for note in page.iter().filter(|note| note.failed_at.is_some()) {
            store
                .postpone_event(tenant, &note.clone().requeue(clock::now()))
                .await?;
            count += 1;
        }
        last = page.pop();
        if last.is_none() {
            return Ok(count);
        }
    }
}

fn show(context: &Context, note: &WebhookEvent) -> anyhow::Result<()> {
    let received = note.received_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let state = if note.failed_at.is_some() {
        "given up"
    } else {
        "waits"
    };
    let object = json!({"note_id": note.id, "kind": note.kind.as_str(), "state": state, "received_at": received,
        "attempts": note.attempts, "error": note.error, "body": note.body});
    let error = note.error.as_deref().unwrap_or_default();
    let words = format_args!(
        "{received}  {state:<8}  {} attempts  {}  {error}",
        note.attempts, note.id
    );
    entry(context, &object, words)
}
