//! The sync: stores the tickets that changed since the watermark.
//!
//! A sync reads every ticket, of any status, that changed since the watermark. It stores final tickets and withdraws
//! the others. The watermark is a time of the helpdesk's clock, never of this machine's. A sync starts before it by an
//! overlap, because changes become visible out of order. The watermark advances only to a time that a run has proven:
//! see [`store::Run::proven_to`]. A sync cannot see tickets that disappear from lists (trash, merge, deletion); a
//! reconciliation finds them.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Counts, Freshness, Run, RunKind};

use crate::clock;
use crate::error::AtStep as _;
use crate::import::{Ending, Purpose, RunContext};
use crate::{Error, Result};

/// Overlap before the watermark, because clocks of a cluster differ, and an older change may become visible later. An
/// unchanged ticket costs no more than its row in a list.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// Difference between the clocks of a helpdesk and of the database for which [`store::Run::proven_to`] makes no allowance.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

/// Request name of all syncs, which identifies an interrupted run.
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

/// Stores the tickets that changed since the last sync. Resumes an interrupted sync.
///
/// # Errors
/// `NeverImported`, and those of the helpdesk and the store. Tickets that were stored before the error stay.
pub async fn sync(context: &RunContext<'_>) -> Result<Ending> {
    let (store, tenant) = (context.store, context.tenant);
    let freshness = store.freshness(tenant).await?;
    let imported_to = store.import_watermark(tenant).await?;
    let imported_to = imported_to.ok_or_else(|| Error::NeverImported(tenant.clone()))?;
    let now = store.now().await?;
    let known = [freshness.synced_to, Some(imported_to)].into_iter().flatten();
    // Without a credible time the sync reads every change.
    let watermark = known
        .filter(|watermark| is_credible(*watermark, now))
        .max()
        .unwrap_or(DateTime::UNIX_EPOCH + OVERLAP);
    let start = async {
        let since = watermark - OVERLAP;
        let windows = context.client.changes(since, now).await;
        let windows = windows.at_step("plan the changes to read")?;
        context
            .start(RunKind::Sync, REQUEST.to_owned(), (since, now), &windows)
            .await
    };
    let run = context.resume_or_start(REQUEST, start).await?;
    let context = context.with_purpose(Purpose::Sync { since: run.from });
    let conclude = advance_watermark(&context, &run, watermark);
    context.follow(&run, conclude).await
}

/// Advances the watermark to the time that the run has proven.
async fn advance_watermark(context: &RunContext<'_>, run: &Run, watermark: DateTime<Utc>) -> Result<Ending> {
    let (store, tenant) = (context.store, context.tenant);
    let now = store.now().await?;
    let run = context.stored(run).await?;
    let ended = Run {
        finished_at: Some(clock::now()),
        ..run
    };
    let assumed = ended.started_at.min(now) - CLOCK_SKEW;
    let proven = ended.proven_to().map(|proven| match is_credible(proven, now) {
        true => proven,
        false => assumed,
    });
    let freshness = Freshness {
        synced_to: proven.max(Some(watermark)),
        synced_at: Some(now),
        ..store.freshness(tenant).await?
    };
    store.set_freshness(tenant, context.epoch, &freshness).await?;
    Ok(Ending::Complete)
}

/// Returns whether a sync from this watermark on hides no change. A later one was stored while a clock was wrong, or
/// comes from a ticket that claims to have changed in the future.
fn is_credible(watermark: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    watermark <= now + OVERLAP
}
