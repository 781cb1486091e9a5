//! The sync: stores what changed since the watermark.
//!
//! A sync reads every ticket, of any status, that changed since the watermark. It stores final tickets and withdraws the
//! others. The watermark is a time of the helpdesk's clock, never of ours, less an overlap, because changes become visible
//! out of order. It moves only to what a run has proven: see [`store::Run::proven_to`]. A sync cannot see tickets that lists
//! stop to show (trash, merge, deletion): a reconciliation does.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Counts, Freshness, Run, RunKind};

use crate::clock;
use crate::error::AtStep as _;
use crate::import::{Ending, Purpose, RunContext};
use crate::{Error, Result};

/// Overlap before the watermark: clocks of a cluster differ, and an older change may become visible later. An unchanged
/// ticket costs no more than its place in a list.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// Request of all syncs, by which an interrupted run is found.
const REQUEST: &str = "sync";

/// Outcome of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// Counts of the tickets that were read.
    pub counts: Counts,
    /// Number of tickets that were withdrawn.
    pub withdrawn: u64,
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

/// Stores what changed since the last sync. Resumes an interrupted sync.
///
/// # Errors
/// `NeverImported`, and those of the helpdesk and the store. What was stored until then stays.
pub async fn sync(context: &RunContext<'_>) -> Result<Ending> {
    let (store, tenant) = (context.store, context.tenant);
    let freshness = store.freshness(tenant).await?;
    let watermark = match freshness.synced_to {
        Some(watermark) => Some(watermark),
        None => store.import_watermark(tenant).await?,
    };
    let watermark = watermark.ok_or_else(|| Error::NeverImported(tenant.clone()))?;
    let start = async {
        let (since, now) = (watermark - OVERLAP, clock::now());
        let windows = context.client.changes(since, now).await;
        let windows = windows.at_step("ask what changed")?;
        context
            .start(RunKind::Sync, REQUEST.to_owned(), (since, now), &windows)
            .await
    };
    let run = context.resume_or_start(REQUEST, start).await?;
    let context = context.with_purpose(Purpose::Sync { since: run.from });
    let conclude = move_watermark(&context, &run, watermark);
    context.follow(&run, conclude).await
}

/// Moves the watermark to what the run has proven.
async fn move_watermark(context: &RunContext<'_>, run: &Run, watermark: DateTime<Utc>) -> Result<Ending> {
    let (store, tenant) = (context.store, context.tenant);
    let now = clock::now();
    let run = context.stored(run).await?;
    let ended = Run {
        finished_at: Some(now),
        ..run
    };
    let freshness = Freshness {
        synced_to: ended.proven_to().max(Some(watermark)),
        synced_at: Some(now),
        ..store.freshness(tenant).await?
    };
    store.set_freshness(tenant, context.epoch, &freshness).await?;
    Ok(Ending::Complete)
}
