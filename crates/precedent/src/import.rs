//! The main job: what became final in a range of time is copied into `ticket_history`.
//!
//! Reading and writing run side by side, joined by a bounded channel: the reader walks the list and asks for
//! details, the writer stores what has arrived, in the order of the list, in one transaction together with
//! the place behind it. Whatever stops the program, the next import of the same request goes on from there.

mod range;
mod read;
mod write;

use std::sync::Arc;

use anyhow::Context as _;
use servicedesk::Client;
use store::{Counts, NewRun, NewWindow, Run, RunState, Store};
use ticket::TenantId;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info, info_span};
use uuid::Uuid;

pub(crate) use range::{Edge, Range};
pub(crate) use write::add;

use crate::clock;
use crate::progress::Progress;

/// Pages between reader and writer, beside the batch that is gathered while one is stored. A bound on memory.
const PAGES_AHEAD: usize = 10;

/// Everything an import works with.
pub(crate) struct Import<'a> {
    pub(crate) store: &'a Arc<dyn Store>,
    pub(crate) client: &'a Client,
    pub(crate) tenant: &'a TenantId,
    pub(crate) progress: &'a Progress,
    /// Of the lease on the tenant.
    pub(crate) epoch: i64,
    /// Set by a signal: take no more pages, store what is in hand.
    pub(crate) stop: &'a CancellationToken,
}

/// How an import ended without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Complete,
    Stopped,
}

impl Import<'_> {
    /// Imports a range, going on with an unfinished run of the same request if there is one and it is not to
    /// start over.
    pub(crate) async fn run(&self, range: &Range, fresh: bool) -> anyhow::Result<Ending> {
        let mut from = range.from;
        let unfinished = self.store.unfinished_run(self.tenant, &range.request).await?;
        if let Some(run) = unfinished.filter(|_| !fresh) {
            if self.resume(&run).await? == Ending::Stopped {
                return Ok(Ending::Stopped);
            }
            // The range may end at the present, which has moved on since: only the rest is left to read.
            from = run.to;
        }
        if from >= range.to {
            return Ok(Ending::Complete);
        }
        let run = self
            .start(&Range {
                from,
                ..range.clone()
            })
            .await?;
        self.follow(&run).await
    }

    /// Goes on with a run from its last stored batch.
    pub(crate) async fn resume(&self, run: &Run) -> anyhow::Result<Ending> {
        info!(run_id = %run.id, tickets = run.counts.total(), "going on with the run that was interrupted");
        self.store
            .set_run_state(self.tenant, run.id, RunState::Running, None, clock::now())
            .await?;
        self.follow(run).await
    }

    async fn start(&self, range: &Range) -> anyhow::Result<Run> {
        let windows = self
            .client
            .plan(range.from, range.to, clock::now())
            .await
            .context("plan what to read")?;
        let plans = windows
            .iter()
            .map(serde_json::to_string)
            .collect::<Result<Vec<_>, _>>()?;
        let run = NewRun {
            id: Uuid::now_v7(),
            request: range.request.clone(),
            from: range.from,
            to: range.to,
            windows: plans.into_iter().map(|plan| NewWindow { plan }).collect(),
        };
        Ok(self.store.start_run(self.tenant, &run, clock::now()).await?)
    }

    /// Works off a run's windows and notes how it ended.
    async fn follow(&self, run: &Run) -> anyhow::Result<Ending> {
        let span = info_span!("import", tenant_id = %self.tenant, run_id = %run.id, operation = "import");
        let ending = self.windows(run).instrument(span).await;
        let (state, error) = match &ending {
            Ok(Ending::Complete) => (RunState::Finished, None),
            Ok(Ending::Stopped) => (RunState::Interrupted, Some("stopped in good order".to_owned())),
            Err(error) => (RunState::Interrupted, Some(format!("{error:#}"))),
        };
        let noted = self
            .store
            .set_run_state(self.tenant, run.id, state, error.as_deref(), clock::now())
            .await;
        // What stopped the run says more than that the database, which may be what failed, cannot note it.
        let ending = ending?;
        noted.context("note the end of the run")?;
        Ok(ending)
    }

    async fn windows(&self, run: &Run) -> anyhow::Result<Ending> {
        info!(from = %run.from, to = %run.to, windows = run.windows.len(), "importing");
        self.progress.begin(run.counts, read::planned_total(run)?);
        let (pages, finished) = mpsc::channel(PAGES_AHEAD);
        let (read, written) = tokio::join!(self.read(run, pages), self.write(run.id, finished));
        // A writer that ends early makes the reader stop, so its ending is the cause.
        match written? {
            Ending::Complete => read,
            Ending::Stopped => Ok(Ending::Stopped),
        }
    }
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
