//! What runs in a worker process: due jobs and webhook events of all tenants.

use std::io::Read;
use std::sync::Arc;

use anyhow::Context as _;
use engine::jobs::{Intervals, Schedule};
use engine::source::{SourcePool, Timeouts};
use engine::webhook::Processor;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::memory_limit;
use super::reporter::Reporter;
use crate::setup::Context;

/// Settings of a worker process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    /// Intervals of the jobs that the service starts itself.
    pub(crate) intervals: Intervals,
    /// Timeouts of the helpdesks.
    pub(crate) timeouts: Timeouts,
    /// Memory after which the process ends.
    pub(crate) memory_mib: u64,
}

/// Works until the service closes the standard input of this process, or a signal arrives.
pub(crate) async fn run(context: &Context, work: Work) -> anyhow::Result<()> {
    memory_limit::enforce(work.memory_mib)?;
    let stop = context.lifecycle().stop_with_parent(end_of_service()?)?;
    let store = context.store().await?;
    // The service has logged why there is none.
    let vault = context.opening_vault().ok().map(Arc::new);
    let sources = Arc::new(SourcePool::new(store.clone(), vault, work.timeouts));
    let processor = Arc::new(Processor::new(store.clone(), sources.clone()));
    let schedule = Schedule::new(store, sources, Arc::new(Reporter), work.intervals);
    let schedule = Arc::new(schedule);
    let over = context.lifecycle().over_token();
    tokio::select! {
        ((), ()) = async { tokio::join!(processor.run(stop.clone()), schedule.run(stop)) } => {}
        () = over.cancelled() => warn!("shutdown timed out; unfinished jobs will be retried"),
    }
    Ok(())
}

/// Returns a token that is cancelled at the end of the standard input: the service stops, or has ended.
fn end_of_service() -> anyhow::Result<CancellationToken> {
    let end = CancellationToken::new();
    let ended = end.clone();
    let wait = move || {
        // The service writes nothing. An error is an end too.
        let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
        ended.cancel();
    };
    std::thread::Builder::new()
        .name("service-end".to_owned())
        .spawn(wait)
        .context("start the thread that waits for the end of the service")?;
    Ok(end)
}
