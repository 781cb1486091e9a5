//! `precedent inbox`: lists and retries unprocessed webhook events.

use chrono::SecondsFormat;
use engine::{audit, source};
use serde_json::json;
use store::{Store, WebhookEvent};
use ticket::TenantId;

use super::of_tenant::OfTenant;
use super::output::{entry, result};
use super::pages::print_pages;
use crate::setup::Context;

/// Number of events per page during a retry.
const PAGE: u32 = 50;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the unprocessed events, oldest first
    List {
        #[command(flatten)]
        tenant: OfTenant,
        /// Maximum number of events
        #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        limit: u32,
    },
    /// Retry the dead-lettered events
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
                |event| show(context, event),
            )
            .await
        }
        Command::Retry(of) => {
            let tenant = source::tenant(&store, &of.tenant_id).await?.id;
            let count = retry(&store, &tenant).await?;
            audit::record(&store, Some(&tenant), "inbox retry", format!("{count} events")).await?;
            let object = json!({"tenant_id": tenant.as_str(), "retried": count});
            result(
                context,
                &object,
                format_args!("events scheduled for retry: {count}"),
            )
        }
    }
}

/// Schedules all dead-lettered events for retry and returns their number.
async fn retry(store: &Store, tenant: &TenantId) -> anyhow::Result<u64> {
    let (mut count, now) = (0, store.now().await?);
    let mut last = None;
    loop {
        let mut page = store.events(tenant, last.as_ref(), PAGE).await?;
        for event in page.iter().filter(|event| event.is_dead_lettered()) {
            store.postpone_event(tenant, &event.clone().requeue(now)).await?;
            count += 1;
        }
        last = page.pop();
        if last.is_none() {
            return Ok(count);
        }
    }
}

fn show(context: &Context, event: &WebhookEvent) -> anyhow::Result<()> {
    let received = event.received_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let state = match event.is_dead_lettered() {
        true => "dead-lettered",
        false => "pending",
    };
    let object = json!({"event_id": event.id, "kind": event.kind.as_str(), "state": state, "received_at": received,
        "attempts": event.attempts, "error": event.error, "body": event.body});
    let error = event.error.as_deref().unwrap_or_default();
    let words = format_args!(
        "{received}  {state:<13}  {} attempts  {}  {error}",
        event.attempts, event.id
    );
    entry(context, &object, words)
}
