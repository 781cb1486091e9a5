//! Keeping a history up to date: what changed since the last look.
//!
//! A sync reads every ticket, of whatever status, that changed since the watermark: final ones are stored, others
//! withdrawn. The watermark is the helpdesk's own time, never ours, less an overlap, since changes become visible out of
//! order. It moves only to what a run has proven, see [`store::Run::proven_to`]. What lists stop to show (trash, merge,
//! deletion) no sync can see: that is for a reconciliation.

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use store::{Counts, Freshness, Run, RunKind};

use crate::clock;
use crate::exit::{ExitCode, Failure};
use crate::pipeline::{Ending, Pipeline, Purpose};

/// How far before the watermark a sync begins: clocks of a cluster differ, and what was not visible at the time may be
/// older. Unchanged tickets cost no more than their place in a list.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// Names the runs.
const REQUEST: &str = "sync";

/// What a job did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Synced {
    pub(crate) counts: Counts,
    /// Tickets that were served and are not any more.
    pub(crate) withdrawn: u64,
}

impl std::fmt::Display for Synced {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { counts, withdrawn } = self;
        write!(
            formatter,
            "{} new, {} updated, {} unchanged, {} rejected, {withdrawn} withdrawn",
            counts.imported, counts.updated, counts.skipped, counts.rejected
        )
    }
}

/// Takes over what changed since the last sync, going on with one that was interrupted.
///
/// # Errors
/// `Usage` if nothing was imported yet, and those of every call. What was stored until then stays; the next sync goes on
/// from there.
pub(crate) async fn sync(pipeline: &Pipeline<'_>) -> anyhow::Result<Ending> {
    let (store, tenant) = (pipeline.store, pipeline.tenant);
    let freshness = store.freshness(tenant).await?;
    let seen = match freshness.synced_to {
        Some(seen) => Some(seen),
        None => store.imported_to(tenant).await?,
    };
    let seen = seen.ok_or_else(|| {
        let message = format!("no import of tenant {tenant} has finished yet");
        Failure::new(ExitCode::Usage, message).hint(format!("precedent import --tenant-id={tenant}"))
    })?;
    let unfinished = pipeline.unfinished(REQUEST).await?;
    let (run, since) = match unfinished {
        Some(run) => {
            pipeline.resume(&run).await?;
            let since = run.from;
            (run, since)
        }
        None => {
            let (since, now) = (seen - OVERLAP, clock::now());
            let windows = pipeline.client.changes(since, now).await;
            let windows = windows.context("ask what changed")?;
            let run = pipeline
                .start(RunKind::Sync, REQUEST.to_owned(), (since, now), &windows)
                .await?;
            (run, since)
        }
    };
    let pipeline = pipeline.with_purpose(Purpose::Sync { since });
    pipeline.follow(&run, note(&pipeline, &run, seen)).await
}

/// Moves the watermark to what the run has proven.
async fn note(pipeline: &Pipeline<'_>, run: &Run, seen: DateTime<Utc>) -> anyhow::Result<Ending> {
    let (store, tenant) = (pipeline.store, pipeline.tenant);
    let now = clock::now();
    let run = store.run(tenant, run.id).await?.context("read the run again")?;
    let ended = Run {
        finished_at: Some(now),
        ..run
    };
    let freshness = Freshness {
        synced_to: ended.proven_to().max(Some(seen)),
        synced_at: Some(now),
        ..store.freshness(tenant).await?
    };
    store.set_freshness(tenant, pipeline.epoch, &freshness).await?;
    Ok(Ending::Complete)
}
