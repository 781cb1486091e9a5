//! Comparing everything that is stored with the helpdesk, by id: what changed unnoticed is taken over, what is gone is
//! withdrawn.

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use store::{Freshness, Run, RunKind};

use crate::deletion::find_deleted;
use crate::pipeline::{Ending, Pipeline, Purpose, ending_of};
use crate::{clock, retention};

/// Names the runs.
const REQUEST: &str = "reconcile";

/// Forgets what is older than the tenant keeps, then walks every ticket that is stored, going on with a reconciliation
/// that was interrupted.
///
/// # Errors
/// `Incomplete` if more vanished at once than is plausible, with nothing withdrawn for it; those of every call.
pub(crate) async fn reconcile(pipeline: &Pipeline<'_>) -> anyhow::Result<Ending> {
    let (store, tenant) = (pipeline.store, pipeline.tenant);
    retention::expire(
        &**store,
        tenant,
        pipeline.epoch,
        clock::now(),
        &pipeline.stop.soft,
    )
    .await?;
    let run = match pipeline.unfinished(REQUEST).await? {
        Some(run) => {
            pipeline.resume(&run).await?;
            run
        }
        None => start(pipeline).await?,
    };
    let pipeline = pipeline.with_purpose(Purpose::Reconcile);
    pipeline.follow(&run, conclude(&pipeline, &run)).await
}

async fn start(pipeline: &Pipeline<'_>) -> anyhow::Result<Run> {
    let now = clock::now();
    let oldest = pipeline.store.oldest(pipeline.tenant).await?;
    let windows = match oldest {
        Some(oldest) => pipeline
            .client
            .plan(oldest, now, now)
            .await
            .context("plan what to read")?,
        None => Vec::new(),
    };
    let range = (oldest.unwrap_or(now), now);
    pipeline
        .start(RunKind::Reconcile, REQUEST.to_owned(), range, &windows)
        .await
}

/// Looks for what no list showed, once all were read.
async fn conclude(pipeline: &Pipeline<'_>, run: &Run) -> anyhow::Result<Ending> {
    let everything = (
        DateTime::<Utc>::UNIX_EPOCH,
        clock::now() + TimeDelta::days(36_500),
    );
    let (turn, _end_of_turn) = pipeline.begin_turn();
    let found = find_deleted(&turn, run, everything).await;
    let ending = ending_of(found.map(|_| Ending::Complete))?;
    if ending == Ending::Complete {
        let freshness = Freshness {
            reconciled_at: Some(clock::now()),
            ..pipeline.store.freshness(pipeline.tenant).await?
        };
        let (store, tenant) = (pipeline.store, pipeline.tenant);
        store.set_freshness(tenant, pipeline.epoch, &freshness).await?;
    }
    Ok(ending)
}
