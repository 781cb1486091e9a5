//! `precedent sync` and `precedent reconcile`: keep what was imported true.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use store::{JobKind, Store};
use ticket::TenantId;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info, info_span};

use super::import::stop_on_signal;
use super::of_tenant::OneOrAll;
use super::output::result;
use super::patience;
use crate::context::Context;
use crate::hold::{give_back, hold};
use crate::sync::keep_true;
use crate::{audit, desk, progress};

/// Take over what changed at the helpdesk since the last sync: resolved, reopened, edited
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneOrAll,
    #[command(flatten)]
    patience: patience::Waits,
}

/// Compare everything that is stored with the helpdesk: withdraw what was deleted, merged or trashed
#[derive(Debug, clap::Args)]
pub(crate) struct ReconcileArguments {
    #[command(flatten)]
    which: OneOrAll,
    #[command(flatten)]
    patience: patience::Waits,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    each(context, JobKind::Sync, arguments.which, arguments.patience).await
}

pub(crate) async fn reconcile(context: &Context, arguments: ReconcileArguments) -> anyhow::Result<()> {
    each(context, JobKind::Reconcile, arguments.which, arguments.patience).await
}

async fn each(
    context: &Context,
    job: JobKind,
    which: OneOrAll,
    patience: patience::Waits,
) -> anyhow::Result<()> {
    let store = context.store().await?;
    let stop = stop_on_signal()?;
    let act = async |tenant: &TenantId| {
        let span = info_span!("sync", tenant_id = %tenant, operation = job.as_str());
        one(context, &store, job, tenant, &patience, &stop)
            .instrument(span)
            .await
    };
    which.each(&*store, job.as_str(), act).await
}

async fn one(
    context: &Context,
    store: &Arc<dyn Store>,
    job: JobKind,
    tenant: &TenantId,
    patience: &patience::Waits,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let store = &**store;
    let tenant = desk::tenant(store, tenant).await?;
    let client = desk::client(context, store, &tenant, patience.patience()).await?;
    let lease = hold(store, &tenant.id, stop).await?;
    let synced = keep_true(job, store, (&tenant, &client), lease.epoch, None, stop).await;
    let synced = give_back(store, (&tenant, &client), lease, synced).await?;
    let words = synced.to_string();
    audit::note(store, Some(&tenant.id), job.as_str(), words.as_str()).await?;
    let title = match job {
        JobKind::Reconcile => "Reconciliation",
        JobKind::Sync | JobKind::Import => "Sync",
    };
    let elapsed = started.elapsed();
    info!("{title} complete: {words}, {}", progress::elapsed(elapsed));
    if context.json() {
        let counts = synced.counts;
        let object = json!({"tenant_id": tenant.id.as_str(), "operation": job.as_str(), "imported": counts.imported,
            "updated": counts.updated, "skipped": counts.skipped, "rejected": counts.rejected,
            "withdrawn": synced.withdrawn, "elapsed_ms": elapsed.as_millis() as u64});
        result(context, &object, "")?;
    }
    Ok(())
}
