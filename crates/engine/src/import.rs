//! The import: copies the tickets that were resolved in a time range into `ticket_history`.

mod batches;
mod context;
mod divide;
mod ending;
mod hydrate;
mod in_hand;
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
/// Those of the helpdesk and the store. Tickets that were stored before the error stay.
pub async fn import(context: &RunContext<'_>, range: &Range, fresh: bool) -> Result<Ending> {
    let mut from = range.from;
    let unfinished = context.unfinished(&range.request).await?;
    if let Some(run) = unfinished.filter(|_| !fresh) {
        context.resume(&run).await?;
        let ending = context.follow(&run, complete()).await?;
        if ending != Ending::Complete {
            return Ok(ending);
        }
        // A range that ends now may have grown since the run started, so the next run reads the rest.
        from = run.to;
    }
    if from >= range.to {
        return Ok(Ending::Complete);
    }
    let windows = context.client.plan(from, range.to, clock::now()).await;
    let windows = windows.at_step("plan the windows to read")?;
    let request = range.request.clone();
    let run = context
        .start(RunKind::Import, request, (from, range.to), &windows)
        .await?;
    context.follow(&run, complete()).await
}

/// Concludes an import, which has no work after its windows.
///
/// # Errors
/// Never. The return type is the one that [`RunContext::follow`] expects.
pub async fn complete() -> Result<Ending> {
    Ok(Ending::Complete)
}
