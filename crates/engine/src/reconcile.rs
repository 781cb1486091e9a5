//! The reconciliation: compares every stored ticket with the helpdesk, by id. It stores the changes that syncs missed,
//! and withdraws the tickets that the helpdesk no longer has.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Freshness, Run, RunKind};

use crate::deletion::find_deleted;
use crate::error::AtStep as _;
use crate::import::{Ending, Purpose, RunContext, ending_of};
use crate::{Result, clock, retention};

/// Request name of all reconciliations, which identifies an interrupted run.
const REQUEST: &str = "reconcile";

/// Expires tickets past the retention period, then compares every stored ticket. Resumes an interrupted reconciliation.
///
/// # Errors
/// `ImplausibleDeletions`, with no ticket withdrawn, and those of the helpdesk and the store.
pub async fn reconcile(context: &RunContext<'_>) -> Result<Ending> {
    let (store, tenant) = (context.store, context.tenant);
    retention::expire(store, tenant, context.epoch, clock::now(), &context.stop.soft).await?;
    let run = context.resume_or_start(REQUEST, start(context)).await?;
    let context = context.with_purpose(Purpose::Reconcile);
    context.follow(&run, conclude(&context, &run)).await
}

async fn start(context: &RunContext<'_>) -> Result<Run> {
    let now = clock::now();
    let oldest = context.store.earliest_resolution(context.tenant).await?;
    let windows = match oldest {
        Some(oldest) => context
            .client
            .plan(oldest, now, now)
            .await
            .at_step("plan the windows to read")?,
        None => Vec::new(),
    };
    let range = (oldest.unwrap_or(now), now);
    context
        .start(RunKind::Reconcile, REQUEST.to_owned(), range, &windows)
        .await
}

/// Requests the tickets that no list showed, and records the end of the reconciliation.
async fn conclude(context: &RunContext<'_>, run: &Run) -> Result<Ending> {
    let everything = (
        DateTime::<Utc>::UNIX_EPOCH,
        clock::now() + TimeDelta::days(36_500),
    );
    let (turn, _end_of_turn) = context.begin_turn();
    let found = find_deleted(&turn, run, everything).await;
    let ending = ending_of(found.map(|_| Ending::Complete))?;
    if ending == Ending::Complete {
        let freshness = Freshness {
            reconciled_at: Some(context.store.now().await?),
            ..context.store.freshness(context.tenant).await?
        };
        let (store, tenant) = (context.store, context.tenant);
        store.set_freshness(tenant, context.epoch, &freshness).await?;
    }
    Ok(ending)
}
