//! `precedent sync` and `precedent reconcile`: keep what was imported true.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use servicedesk::Stop;
use store::{JobKind, Store};
use ticket::TenantId;
use tracing::{Instrument, info, info_span};

use super::of_tenant::{IfHeld, OneOrAll};
use super::output::result;
use super::patience;
use crate::context::Context;
use crate::exit::{ExitCode, Failure};
use crate::hold::{give_back, hold_or_pass};
use crate::pipeline::{Ending, Pipeline, Purpose, ending_of};
use crate::progress::Progress;
use crate::reconcile::reconcile;
use crate::sync::{Synced, sync};
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

pub(crate) async fn run_reconcile(context: &Context, arguments: ReconcileArguments) -> anyhow::Result<()> {
    each(context, JobKind::Reconcile, arguments.which, arguments.patience).await
}

async fn each(
    context: &Context,
    job: JobKind,
    which: OneOrAll,
    patience: patience::Waits,
) -> anyhow::Result<()> {
    let store = context.store().await?;
    let stop = context.stop()?;
    let act = async |tenant: &TenantId, if_held: IfHeld| {
        let span = info_span!("sync", tenant_id = %tenant, operation = job.as_str());
        one(context, &store, (job, tenant, if_held), &patience, &stop)
            .instrument(span)
            .await
    };
    which.each(&*store, job.as_str(), act).await
}

async fn one(
    context: &Context,
    store: &Arc<dyn Store>,
    (job, tenant, if_held): (JobKind, &TenantId, IfHeld),
    patience: &patience::Waits,
    stop: &Stop,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let tenant = desk::tenant(&**store, tenant).await?;
    let client = desk::client(context, store, &tenant, patience.patience()).await?;
    let lease = hold_or_pass(&**store, &tenant.id, if_held, &stop.soft).await?;
    let progress = Progress::quiet();
    let of = (&tenant.id, &client);
    // Each sets its own purpose.
    let work = (&progress, Purpose::Reconcile);
    let pipeline = Pipeline::new(store, of, lease.epoch, work, stop.clone());
    let ending = match job {
        JobKind::Reconcile => reconcile(&pipeline).await,
        JobKind::Sync | JobKind::Import => sync(&pipeline).await,
    };
    let ending = give_back(&**store, (&tenant, &client), lease, ending_of(ending)).await?;
    if ending != Ending::Complete {
        return Err(Failure::new(ExitCode::Interrupted, "stopped before the end")
            .hint("give the same command again: it goes on where it stopped")
            .into());
    }
    let synced = Synced {
        counts: progress.counts(),
        withdrawn: progress.withdrawn_here(),
    };
    let words = synced.to_string();
    audit::note(&**store, Some(&tenant.id), job.as_str(), words.as_str()).await?;
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
