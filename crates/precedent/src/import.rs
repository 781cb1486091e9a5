//! The main job: what became final in a range of time is copied into `ticket_history`.

use anyhow::Context as _;
use store::{Counts, RunKind};

use crate::clock;
use crate::pipeline::{Ending, Pipeline};
use crate::range::Range;

/// Imports a range, going on with an unfinished run of the same request if there is one and it is not to start over.
pub(crate) async fn import(pipeline: &Pipeline<'_>, range: &Range, fresh: bool) -> anyhow::Result<Ending> {
    let mut from = range.from;
    let unfinished = pipeline.unfinished(&range.request).await?;
    if let Some(run) = unfinished.filter(|_| !fresh) {
        pipeline.resume(&run).await?;
        let ending = pipeline.follow(&run, complete()).await?;
        if ending != Ending::Complete {
            return Ok(ending);
        }
        // The range may end at the present, which has moved on since: only the rest is left to read.
        from = run.to;
    }
    if from >= range.to {
        return Ok(Ending::Complete);
    }
    let windows = pipeline.client.plan(from, range.to, clock::now()).await;
    let windows = windows.context("plan what to read")?;
    let request = range.request.clone();
    let run = pipeline
        .start(RunKind::Import, request, (from, range.to), &windows)
        .await?;
    pipeline.follow(&run, complete()).await
}

/// Nothing comes after the windows of an import.
pub(crate) async fn complete() -> anyhow::Result<Ending> {
    Ok(Ending::Complete)
}

/// The counts of a run as an operator reads them.
pub(crate) fn summary(counts: &Counts, elapsed: std::time::Duration) -> String {
    let Counts {
        imported,
        updated,
        skipped,
        rejected,
    } = counts;
    let elapsed = crate::progress::elapsed(elapsed);
    format!(
        "Import complete: {imported} imported, {updated} updated, {skipped} skipped, {rejected} rejected, {elapsed}"
    )
}
