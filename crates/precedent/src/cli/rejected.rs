//! `precedent rejected`: lists, shows and retries rejected tickets.

use engine::audit;
use engine::lease::{IfHeld, acquire_lease};
use engine::rejections::{Retried, Retry};
use engine::source::{self, Timeouts};
use serde_json::{Value, json};
use store::{RejectedTicket, Store};
use ticket::TenantId;

use super::of_tenant::OfTenant;
use super::output::{entry, long_entry, result};
use super::pages::print_pages;
use super::timeouts;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the rejected tickets with the reason
    List {
        #[command(flatten)]
        tenant: OfTenant,
        /// Maximum number of tickets
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        limit: u32,
    },
    /// Show a rejected ticket with its raw form
    Show {
        #[command(flatten)]
        tenant: OfTenant,
        /// Key of the ticket, as shown by `precedent rejected list`
        #[arg(long)]
        key: String,
    },
    /// Retry the rejected tickets from their raw form; missing details are fetched
    Retry {
        #[command(flatten)]
        tenant: OfTenant,
        /// Only the ticket with this key
        #[arg(long)]
        key: Option<String>,
        #[command(flatten)]
        timeouts: timeouts::TimeoutArguments,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let store = context.store().await?;
    match command {
        Command::List { tenant, limit } => {
            let tenant = source::tenant(&store, &tenant.tenant_id).await?.id;
            print_pages(
                limit,
                async |after, limit| store.rejections(&tenant, after, limit).await,
                |rejected| {
                    let words = format_args!("{:<24} {}", rejected.key, rejected.reason);
                    entry(context, &object(rejected), words)
                },
            )
            .await
        }
        Command::Show { tenant, key } => {
            let rejected = find(&store, &tenant.tenant_id, &key).await?;
            let head = [rejected.key.as_str(), &rejected.reason];
            let lines = head.into_iter().chain(rejected.raw.lines());
            long_entry(context, &object(&rejected), lines)
        }
        Command::Retry {
            tenant,
            key,
            timeouts,
        } => {
            let timeouts = timeouts.timeouts();
            retry(context, &store, &tenant.tenant_id, key.as_deref(), timeouts).await
        }
    }
}

async fn retry(
    context: &Context,
    store: &Store,
    tenant_id: &TenantId,
    key: Option<&str>,
    timeouts: Timeouts,
) -> anyhow::Result<()> {
    let tenant = source::tenant(store, tenant_id).await?;
    let one = match key {
        Some(key) => Some(find(store, tenant_id, key).await?),
        None => None,
    };
    let stop = context.stop()?;
    let client = context.connect(store, &tenant, timeouts).await?;
    let client = client.stopped_by(stop.clone());
    let lease = acquire_lease(store, tenant_id, IfHeld::Wait, &stop.soft).await?;
    let retry = Retry::new(store, &client, tenant_id, lease.epoch);
    let retried = match one {
        Some(rejected) => retry.one(rejected).await?,
        None => retry.all(&stop.soft).await?,
    };
    let Retried {
        stored,
        gone,
        rejected,
    } = retried;
    let detail = format!("{stored} stored, {rejected} still rejected");
    audit::record(store, Some(tenant_id), "rejected retry", detail).await?;
    store.release_lease(tenant_id, lease).await?;
    let object = json!({"stored": stored, "gone": gone, "rejected": rejected});
    let words =
        format_args!("{stored} stored, {gone} no longer closed or resolved, {rejected} still rejected");
    result(context, &object, words)
}

async fn find(store: &Store, tenant: &TenantId, key: &str) -> anyhow::Result<RejectedTicket> {
    source::tenant(store, tenant).await?;
    let missing = || {
        Failure::new(
            ExitCode::Usage,
            format!("tenant {tenant} has no rejected ticket {key}"),
        )
        .hint(format!(
            "`precedent rejected list --tenant-id={tenant}` shows them"
        ))
    };
    Ok(store.rejection(tenant, key).await?.ok_or_else(missing)?)
}

fn object(rejected: &RejectedTicket) -> Value {
    json!({
        "key": rejected.key,
        "ticket_id": rejected.ticket_id,
        "reason": rejected.reason,
        "raw": rejected.raw,
        "rejected_at": rejected.rejected_at.to_rfc3339(),
    })
}
