//! `precedent import`: copies a tenant's resolved tickets into the ticket history.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use engine::import::{Ending, Purpose, RunContext, ending_of};
use engine::lease::{IfHeld, acquire_lease, release_lease};
use engine::progress::{Progress, format_elapsed};
use engine::source::{self, Timeouts};
use engine::{audit, clock, retention};
use serde_json::{Value, json};
use store::{Counts, Job, JobKind, Run};
use ticket::{Edge, Range, TenantId};
use tracing::info;

use super::of_tenant::OfTenant;
use super::output::result;
use super::timeouts;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

/// Copy a tenant's closed and resolved tickets into ticket_history
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: OfTenant,
    #[command(flatten)]
    range: RangeArguments,
    /// Start over instead of resuming an interrupted run of the same request
    #[arg(long)]
    fresh: bool,
    /// For this import, search the notes of tickets without a resolution for one; takes at least two requests per
    /// ticket
    #[arg(long)]
    resolution_from_notes: bool,
    /// For this import, store the HTML of description and resolution in addition to the plain text
    #[arg(long)]
    keep_html: bool,
    /// Queue the import for a worker (`precedent serve`) and return immediately
    #[arg(long, conflicts_with_all = ["fresh", "resolution_from_notes", "keep_html"])]
    detach: bool,
    #[command(flatten)]
    timeouts: timeouts::TimeoutArguments,
}

/// Range of resolution times.
#[derive(Debug, clap::Args)]
pub(crate) struct RangeArguments {
    /// Number of days to go back from now or from the end date
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=36_500), conflicts_with = "start_date")]
    days: u32,
    /// First day (2026-01-01, UTC) or time (2026-01-01T12:00:00Z)
    #[arg(long, value_name = "DATE")]
    start_date: Option<Edge>,
    /// Last day (inclusive) or time [default: now]
    #[arg(long, value_name = "DATE")]
    end_date: Option<Edge>,
}

impl RangeArguments {
    pub(crate) fn range(&self) -> Result<Range, Failure> {
        Range::new(self.days, self.start_date, self.end_date, clock::now())
            .map_err(|message| Failure::new(ExitCode::Usage, message))
    }
}

/// Work of an import: a range, or a run to resume.
pub(crate) enum Work {
    Range { range: Range, fresh: bool },
    Resume(Run),
}

/// Settings that apply to one import only.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extras {
    pub(crate) resolution_from_notes: bool,
    pub(crate) keep_html: bool,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let range = arguments.range.range()?;
    if arguments.detach {
        return detach(context, &arguments.tenant.tenant_id, &range).await;
    }
    let work = Work::Range {
        range,
        fresh: arguments.fresh,
    };
    let extras = Extras {
        resolution_from_notes: arguments.resolution_from_notes,
        keep_html: arguments.keep_html,
    };
    let timeouts = arguments.timeouts.timeouts();
    import(context, &arguments.tenant.tenant_id, work, extras, timeouts).await
}

/// Queues the import; replaces a waiting one.
async fn detach(context: &Context, tenant: &TenantId, range: &Range) -> anyhow::Result<()> {
    let store = context.store().await?;
    let tenant = source::tenant(&store, tenant).await?.id;
    let arguments = serde_json::to_string(range).context("write the range")?;
    let job = Job::new(
        tenant.clone(),
        JobKind::Import,
        Some(arguments),
        store.now().await?,
    );
    store.request_job(&job).await?;
    audit::record(&store, Some(&tenant), "import --detach", range.request.clone()).await?;
    let object = json!({"tenant_id": tenant.as_str(), "detached": range.request});
    let words = format_args!(
        "queued the import of tenant {tenant} for a worker (`precedent serve`); `precedent jobs list` and \
         `precedent runs list --tenant-id={tenant}` show its progress"
    );
    result(context, &object, words)
}

/// Acquires the tenant lease, imports, and reports the result.
pub(crate) async fn import(
    context: &Context,
    tenant: &TenantId,
    work: Work,
    extras: Extras,
    timeouts: Timeouts,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let store = context.store().await?;
    let mut tenant = source::tenant(&store, tenant).await?;
    tenant.resolution_from_notes |= extras.resolution_from_notes;
    tenant.keep_html |= extras.keep_html;
    let client = context.connect(&store, &tenant, timeouts).await?;
    let (progress, bar) = super::progress::of_import(context);
    let stop = context.stop()?;
    let lease = acquire_lease(&store, &tenant.id, IfHeld::Wait, &stop.soft).await?;
    let request = match &work {
        Work::Range { range, .. } => range.request.clone(),
        Work::Resume(run) => format!("{} {}", run.request, run.id),
    };
    audit::record(&store, Some(&tenant.id), "import", request).await?;
    let of = (&tenant.id, &client);
    let purpose = (&progress, Purpose::Import);
    let run_context = RunContext::new(&store, of, lease.epoch, purpose, stop);
    let ending = match &work {
        Work::Range { range, fresh } => {
            let range = retention::clip(range.clone(), &tenant, clock::now());
            ending_of(engine::import::import(&run_context, &range, *fresh).await)
        }
        Work::Resume(run) => resume(&run_context, run).await,
    };
    drop(bar);
    match release_lease(&store, (&tenant, &client), lease, ending).await? {
        Ending::Stopped | Ending::Paused { .. } => {
            Err(Failure::new(ExitCode::Interrupted, "the import was stopped")
                .hint("run the same command again to continue where it stopped")
                .into())
        }
        Ending::Complete => report(context, &tenant.id, &progress, started.elapsed()),
    }
}

async fn resume(run_context: &RunContext<'_>, run: &Run) -> engine::Result<Ending> {
    run_context.resume(run).await?;
    run_context.follow(run, engine::import::complete()).await
}

/// Logs the summary; with `--json` also prints an object on stdout.
pub(super) fn report(
    context: &Context,
    tenant: &TenantId,
    progress: &Progress,
    elapsed: Duration,
) -> anyhow::Result<()> {
    let counts = progress.counts();
    info!(
        tenant_id = %tenant,
        operation = "import",
        imported = counts.imported,
        updated = counts.updated,
        skipped = counts.skipped,
        rejected = counts.rejected,
        elapsed_ms = elapsed.as_millis() as u64,
        "{}",
        summary(&counts, elapsed)
    );
    if context.json() {
        result(context, &import_counts(tenant, &counts, elapsed), "")?;
    }
    Ok(())
}

/// Returns the counts of a run as text.
fn summary(counts: &Counts, elapsed: Duration) -> String {
    let Counts {
        imported,
        updated,
        skipped,
        rejected,
    } = counts;
    let elapsed = format_elapsed(elapsed);
    format!(
        "Import complete: {imported} imported, {updated} updated, {skipped} skipped, {rejected} rejected, {elapsed}"
    )
}

/// Returns the counts of an import as a JSON object.
pub(super) fn import_counts(tenant: &TenantId, counts: &Counts, elapsed: Duration) -> Value {
    json!({
        "tenant_id": tenant.as_str(),
        "imported": counts.imported,
        "updated": counts.updated,
        "skipped": counts.skipped,
        "rejected": counts.rejected,
        "elapsed_ms": elapsed.as_millis() as u64,
    })
}
