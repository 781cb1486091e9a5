//! Is the table what the helpdesk says? Ids and contents of a range, compared one by one.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use store::RunKind;

use crate::clock;
use crate::deletion::find_deleted;
use crate::pipeline::{Ending, Pipeline, Purpose, ending_of};
use crate::range::Range;

/// How a comparison ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) same: u64,
    pub(crate) missing: u64,
    pub(crate) stale: u64,
    pub(crate) gone: u64,
    /// Rejected at the source's fault: neither missing nor there.
    pub(crate) rejected: u64,
}

impl Comparison {
    pub(crate) fn faults(&self) -> u64 {
        self.missing + self.stale + self.gone
    }
}

/// Compares a range, going on with a comparison of the same range that was interrupted.
///
/// # Errors
/// `Incomplete` if more vanished at once than is plausible, with nothing withdrawn for it; those of every call.
pub(crate) async fn verify(pipeline: &Pipeline<'_>, range: &Range) -> anyhow::Result<(Ending, Comparison)> {
    let (store, tenant) = (pipeline.store, pipeline.tenant);
    if range.from >= range.to {
        return Ok((Ending::Complete, Comparison::default()));
    }
    let repair = matches!(pipeline.purpose, Purpose::Verify { repair: true, .. });
    let request = format!("verify {}{}", range.request, if repair { " repair" } else { "" });
    let run = match pipeline.unfinished(&request).await? {
        Some(run) => {
            pipeline.resume(&run).await?;
            run
        }
        None => {
            let windows = pipeline.client.plan(range.from, range.to, clock::now()).await;
            let windows = windows.context("plan what to read")?;
            let range = (range.from, range.to);
            pipeline.start(RunKind::Verify, request, range, &windows).await?
        }
    };
    let gone = AtomicU64::new(0);
    let conclude = async {
        let found = find_deleted(pipeline, &run, (run.from, run.to)).await;
        ending_of(found.map(|count| {
            gone.store(count, Ordering::Relaxed);
            Ending::Complete
        }))
    };
    let ending = pipeline.follow(&run, conclude).await?;
    let counts = store
        .run(tenant, run.id)
        .await?
        .context("read the run again")?
        .counts;
    let comparison = Comparison {
        same: counts.skipped,
        missing: counts.imported,
        stale: counts.updated,
        gone: gone.into_inner(),
        rejected: counts.rejected,
    };
    Ok((ending, comparison))
}
