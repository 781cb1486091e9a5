//! The import: copies the tickets that were resolved in a range of time into `ticket_history`.

mod batches;
mod context;
mod divide;
mod ending;
mod hydrate;
mod pages;
mod pipeline;
mod purpose;
mod runs;
mod stored;
mod window;

use store::RunKind;
use ticket::Range;

use crate::error::AtStep as _;
use crate::{Result, clock};

pub use context::RunContext;
pub use ending::{Ending, ending_of};
pub(crate) use purpose::add;
pub use purpose::{Difference, OnDifference, Purpose};

/// Imports a range. Resumes an interrupted run of the same request, unless `fresh` asks to start over.
///
/// # Errors
/// Those of the helpdesk and the store. What was stored until then stays.
pub async fn import(context: &RunContext<'_>, range: &Range, fresh: bool) -> Result<Ending> {
    let mut from = range.from;
    let unfinished = context.unfinished(&range.request).await?;
    if let Some(run) = unfinished.filter(|_| !fresh) {
        context.resume(&run).await?;
        let ending = context.follow(&run, complete()).await?;
        if ending != Ending::Complete {
            return Ok(ending);
        }
        // The range may end at the present, which has moved on since: only the rest is left to read.
        from = run.to;
    }
    if from >= range.to {
        return Ok(Ending::Complete);
    }
    let windows = context.client.plan(from, range.to, clock::now()).await;
    let windows = windows.at_step("plan what to read")?;
    let request = range.request.clone();
    let run = context
        .start(RunKind::Import, request, (from, range.to), &windows)
        .await?;
    context.follow(&run, complete()).await
}

/// Ends an import: nothing comes after its windows.
///
/// # Errors
/// Never; has the type of the conclusion of a run.
pub async fn complete() -> Result<Ending> {
    Ok(Ending::Complete)
}
