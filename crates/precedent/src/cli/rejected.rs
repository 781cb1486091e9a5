//! `precedent rejected`: tickets that were set aside.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use servicedesk::{Outcome, Row, Window};
use store::{Batch, RejectedTicket, Source, Store};
use ticket::TenantId;

use super::of_tenant::OfTenant;
use super::patience;
use crate::context::Context;
use crate::exit::{ExitCode, Failure};
use crate::hold::hold;
use crate::pipeline::add;
use crate::{advice, audit, clock, desk};

/// Tried again together.
const BATCH: usize = 100;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List them with the reason
    List {
        #[command(flatten)]
        tenant: OfTenant,
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        limit: u32,
    },
    /// Show one with its raw form
    Show {
        #[command(flatten)]
        tenant: OfTenant,
        /// As shown by `precedent rejected list`
        #[arg(long)]
        key: String,
    },
    /// Try them again from their raw form; details that are missing are asked for
    Retry {
        #[command(flatten)]
        tenant: OfTenant,
        /// Only this one
        #[arg(long)]
        key: Option<String>,
        #[command(flatten)]
        patience: patience::Waits,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let store = context.store().await?;
    match command {
        Command::List { tenant, limit } => {
            desk::tenant(&*store, &tenant.tenant_id).await?;
            for rejected in store.rejected(&tenant.tenant_id, limit).await? {
                if context.json() {
                    println!("{}", object(&rejected));
                } else {
                    println!("{:<24} {}", rejected.key, rejected.reason);
                }
            }
        }
        Command::Show { tenant, key } => {
            let rejected = find(&*store, &tenant.tenant_id, Some(&key)).await?;
            for rejected in rejected {
                if context.json() {
                    println!("{}", object(&rejected));
                } else {
                    println!("{}\n{}\n{}", rejected.key, rejected.reason, rejected.raw);
                }
            }
        }
        Command::Retry {
            tenant,
            key,
            patience,
        } => {
            retry(context, &store, &tenant.tenant_id, key.as_deref(), patience).await?;
        }
    }
    Ok(())
}

async fn find(
    store: &dyn Store,
    tenant: &TenantId,
    key: Option<&str>,
) -> anyhow::Result<Vec<RejectedTicket>> {
    desk::tenant(store, tenant).await?;
    let mut rejected = store.rejected(tenant, u32::MAX).await?;
    if let Some(key) = key {
        rejected.retain(|rejected| rejected.key == key);
        if rejected.is_empty() {
            return Err(Failure::new(
                ExitCode::Usage,
                format!("tenant {tenant} has no rejected ticket {key}"),
            )
            .hint(format!(
                "`precedent rejected list --tenant-id={tenant}` shows them"
            ))
            .into());
        }
    }
    Ok(rejected)
}

async fn retry(
    context: &Context,
    store: &Arc<dyn Store>,
    tenant_id: &TenantId,
    key: Option<&str>,
    patience: patience::Waits,
) -> anyhow::Result<()> {
    let rejected = find(&**store, tenant_id, key).await?;
    let tenant = desk::tenant(&**store, tenant_id).await?;
    let stop = context.stop()?;
    let client = desk::client(context, store, &tenant, patience.patience()).await?;
    let client = client.stopped_by(stop.clone());
    let lease = hold(&**store, tenant_id, &stop.soft).await?;
    let (mut stored, mut gone, mut still) = (0, 0, 0);
    for some in rejected.chunks(BATCH) {
        let window = Window::anything(clock::now());
        if stop.soft.is_cancelled() {
            return Err(Failure::new(ExitCode::Interrupted, "the retry was stopped")
                .hint("give the same command again: what was stored is off the list")
                .into());
        }
        let mut batch = Batch::new(Some(lease.epoch), Source::BulkImport, clock::now());
        let mut settled = Vec::new();
        for rejected in some {
            let rows = vec![Row::from_json(&rejected.raw)];
            let finished = client.finish(window.clone(), rows, HashMap::new()).await;
            if let Some(failure) = finished.failure {
                return Err(advice::explain(failure.into(), tenant_id));
            }
            match finished.outcomes.into_iter().next() {
                Some(outcome @ Outcome::Ticket(..)) => {
                    settled.push(rejected.key.as_str());
                    add(&mut batch, outcome);
                }
                Some(outcome) => add(&mut batch, outcome),
                // Open again, in the trash, or gone: it has nothing to do in the history.
                None => {
                    gone += 1;
                    settled.push(rejected.key.as_str());
                }
            }
        }
        let applied = store.apply(tenant_id, &batch).await?;
        for key in settled {
            if !applied
                .refused
                .iter()
                .any(|refused| refused.ticket_id.as_deref() == Some(key))
            {
                store.forget_rejected(tenant_id, key).await?;
            }
        }
        stored += applied.counts.imported + applied.counts.updated + applied.counts.skipped;
        still += applied.counts.rejected;
    }
    audit::note(
        &**store,
        Some(tenant_id),
        "rejected retry",
        format!("{stored} stored, {still} still rejected"),
    )
    .await?;
    store.release(tenant_id, lease).await?;
    if context.json() {
        println!("{}", json!({"stored": stored, "gone": gone, "rejected": still}));
    } else {
        println!("{stored} stored, {gone} not final any more, {still} still rejected");
    }
    Ok(())
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
