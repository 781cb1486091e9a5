//! `precedent sync` and `precedent reconcile`: keep the history up to date.
use std::time::Instant;

use engine::import::{Ending, Purpose, RunContext, ending_of};
use engine::lease::{IfHeld, acquire_lease, release_lease};
use engine::progress::{Progress, format_elapsed};
use engine::reconcile::reconcile;
use engine::source::Stop;
use engine::sync::{Synced, sync};
use engine::{audit, source};
use serde_json::json;
use store::{JobKind, Store};
use ticket::TenantId;
use tracing::{Instrument, info, info_span};

use super::of_tenant::OneOrAll;
use super::output::result;
use super::timeouts;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

/// Fetch the tickets that were resolved, reopened or edited since the last sync
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneOrAll,
    #[command(flatten)]
    timeouts: timeouts::TimeoutArguments,
}

/// Compare all stored tickets with the helpdesk and withdraw those that were deleted, merged or trashed
#[derive(Debug, clap::Args)]
pub(crate) struct ReconcileArguments {
    #[command(flatten)]
    which: OneOrAll,
    #[command(flatten)]
    timeouts: timeouts::TimeoutArguments,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    each(context, JobKind::Sync, arguments.which, arguments.timeouts).await
}

pub(crate) async fn run_reconcile(context: &Context, arguments: ReconcileArguments) -> anyhow::Result<()> {
    each(context, JobKind::Reconcile, arguments.which, arguments.timeouts).await
}

async fn each(
    context: &Context,
    job: JobKind,
    which: OneOrAll,
    timeouts: timeouts::TimeoutArguments,
) -> anyhow::Result<()> {
    let store = context.store().await?;
    let stop = context.stop()?;
    let act = async |tenant: &TenantId, if_held: IfHeld| {
        let span = info_span!("sync", tenant_id = %tenant, operation = job.as_str());
        one(context, &store, (job, tenant, if_held), &timeouts, &stop)
            .instrument(span)
            .await
    };
    which.each(&store, job.as_str(), act).await
}

async fn one(
    context: &Context,
    store: &Store,
    (job, tenant, if_held): (JobKind, &TenantId, IfHeld),
    timeouts: &timeouts::TimeoutArguments,
    stop: &Stop,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let tenant = source::tenant(store, tenant).await?;
    let client = context.connect(store, &tenant, timeouts.timeouts()).await?;
    let lease = acquire_lease(store, &tenant.id, if_held, &stop.soft).await?;
    let progress = Progress::quiet();
    let of = (&tenant.id, &client);
    // Sync and reconcile set their own purposes.
    let work = (&progress, Purpose::Reconcile);
    let run_context = RunContext::new(store, of, lease.epoch, work, stop.clone());
    let ending = match job {
        JobKind::Reconcile => reconcile(&run_context).await,
        JobKind::Sync | JobKind::Import => sync(&run_context).await,
    };
    let ending = release_lease(store, (&tenant, &client), lease, ending_of(ending)).await?;
    if ending != Ending::Complete {
        return Err(Failure::new(ExitCode::Interrupted, "stopped before the end")
            .hint("run the same command again: it continues where it stopped")
            .into());
    }
    let synced = Synced {
        counts: progress.counts(),
        withdrawn: progress.withdrawn_here(),
    };
    let words = synced.to_string();
    audit::record(store, Some(&tenant.id), job.as_str(), words.as_str()).await?;
    let title = match job {
        JobKind::Reconcile => "Reconciliation",
        JobKind::Sync | JobKind::Import => "Sync",
    };
    let elapsed = started.elapsed();
    info!("{title} complete: {words}, {}", format_elapsed(elapsed));
    if context.json() {
        let counts = synced.counts;
        let object = json!({"tenant_id": tenant.id.as_str(), "operation": job.as_str(), "imported": counts.imported,
            "updated": counts.updated, "skipped": counts.skipped, "rejected": counts.rejected,
            "withdrawn": synced.withdrawn, "elapsed_ms": elapsed.as_millis() as u64});
        result(context, &object, "")?;
    }
    Ok(())
}
