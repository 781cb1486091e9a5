//! What every run does: windows of a plan are read page by page, completed, and stored with the checkpoint.
//!
//! Reading and writing run side by side, joined by a bounded channel: the reader walks the list and asks for details, the
//! writer stores what has arrived, in the order of the list, in one transaction together with the place behind it.
//! A run may end at any time: by a signal, at the end of a turn, at a pause that the helpdesk asks for, by an error. Then
//! no further request is sent, what was fetched is stored, and the checkpoint holds the rows whose details are still to
//! be read. The next run of the same request goes on from there.

mod purpose;
mod read;
mod write;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use servicedesk::{Client, Error, Stop, Window};
use store::{NewRun, NewWindow, Run, RunKind, RunState, Store};
use ticket::TenantId;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument, info, info_span, warn};
use uuid::Uuid;

use crate::clock;
use crate::exit::{self, ExitCode};
use crate::progress::Progress;

pub(crate) use purpose::{Fault, Purpose, add};

/// Parts of pages between reader and writer, beside the batch that is gathered while one is stored: bounds memory.
const PARTS_AHEAD: usize = 10;

/// Everything that a run works with.
#[derive(Clone)]
pub(crate) struct Pipeline<'a> {
    pub(crate) store: &'a Arc<dyn Store>,
    pub(crate) client: Client,
    pub(crate) tenant: &'a TenantId,
    pub(crate) progress: &'a Progress,
    /// Of the lease on the tenant.
    pub(crate) epoch: i64,
    pub(crate) purpose: Purpose<'a>,
    pub(crate) stop: Stop,
    /// Time after which others have their turn; `None` for a run that goes on to its end.
    pub(crate) turn: Option<Duration>,
}

/// How a run ended without an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Complete,
    /// Told to stop.
    Stopped,
    /// The helpdesk asked for a pause until then.
    Paused {
        until: DateTime<Utc>,
        reason: String,
    },
}

impl<'a> Pipeline<'a> {
    /// A client whose work ends with `stop`, and everything else that a run works with.
    pub(crate) fn new(
        store: &'a Arc<dyn Store>,
        (tenant, client): (&'a TenantId, &Client),
        epoch: i64,
        (progress, purpose): (&'a Progress, Purpose<'a>),
        stop: Stop,
    ) -> Self {
        Self {
            store,
            client: client.stopped_by(stop.clone()),
            tenant,
            progress,
            epoch,
            purpose,
            stop,
            turn: None,
        }
    }

    /// The same with another purpose.
    pub(crate) fn with_purpose(&self, purpose: Purpose<'a>) -> Self {
        Self {
            purpose,
            ..self.clone()
        }
    }

    /// The same with a client that stops at the end of a turn, which ends with the handle.
    pub(crate) fn begin_turn(&self) -> (Self, Option<AbortOnDropHandle<()>>) {
        let stop = self.stop.child();
        let end_of_turn = self.turn.map(|turn| {
            let soft = stop.soft.clone();
            AbortOnDropHandle::new(tokio::spawn(async move {
                tokio::time::sleep(turn).await;
                soft.cancel();
            }))
        });
        let bounded = Self {
            client: self.client.stopped_by(stop.clone()),
            stop,
            ..self.clone()
        };
        (bounded, end_of_turn)
    }

    /// Stores the plan of a new run.
    pub(crate) async fn start(
        &self,
        kind: RunKind,
        request: String,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        windows: &[Window],
    ) -> anyhow::Result<Run> {
        let plans = windows.iter().map(serde_json::to_string);
        let plans = plans.collect::<Result<Vec<_>, _>>()?;
        let run = NewRun {
            id: Uuid::now_v7(),
            kind,
            request,
            from,
            to,
            windows: plans.into_iter().map(|plan| NewWindow { plan }).collect(),
        };
        Ok(self.store.start_run(self.tenant, &run, clock::now()).await?)
    }

    /// The newest run of a request if it was interrupted and can be taken up. One whose plan another version wrote is
    /// over: the next run reads everything again.
    pub(crate) async fn unfinished(&self, request: &str) -> anyhow::Result<Option<Run>> {
        let Some(run) = self.store.unfinished_run(self.tenant, request).await? else {
            return Ok(None);
        };
        let Err(error) = read::check_plans(&run) else {
            return Ok(Some(run));
        };
        warn!(run_id = %run.id, "the interrupted run cannot be taken up; starting over: {error:#}");
        let words = format!("{error:#}");
        self.store
            .set_run_state(
                self.tenant,
                run.id,
                RunState::Finished,
                Some(&words),
                clock::now(),
            )
            .await?;
        Ok(None)
    }

    /// Takes up a run that was interrupted.
    pub(crate) async fn resume(&self, run: &Run) -> anyhow::Result<()> {
        info!(run_id = %run.id, tickets = run.counts.total(), "resuming the interrupted run");
        self.store
            .set_run_state(self.tenant, run.id, RunState::Running, None, clock::now())
            .await?;
        Ok(())
    }

    /// Reads what is left of a run's windows, does what comes after them, and notes how the run ended.
    pub(crate) async fn follow(
        &self,
        run: &Run,
        conclude: impl Future<Output = anyhow::Result<Ending>>,
    ) -> anyhow::Result<Ending> {
        let span =
            info_span!("run", tenant_id = %self.tenant, run_id = %run.id, operation = run.kind.as_str());
        let ending = async {
            match self.windows(run).await? {
                Ending::Complete => conclude.await,
                ending => Ok(ending),
            }
        }
        .instrument(span)
        .await;
        let ending = ending_of(ending);
        let (state, error) = match &ending {
            Ok(Ending::Complete) => (RunState::Finished, None),
            Ok(Ending::Stopped) => (RunState::Interrupted, Some("stopped".to_owned())),
            Ok(Ending::Paused { reason, .. }) => (RunState::Interrupted, Some(reason.clone())),
            // Nothing is left to go on with: the next run asks again.
            Err(error) if exit::code(error) == ExitCode::Incomplete => {
                (RunState::Finished, Some(format!("{error:#}")))
            }
            Err(error) => (RunState::Interrupted, Some(format!("{error:#}"))),
        };
        let now = clock::now();
        let noted = self
            .store
            .set_run_state(self.tenant, run.id, state, error.as_deref(), now);
        let noted = noted.await;
        // What stopped the run says more than that the database, which may be what failed, cannot note it.
        let ending = ending?;
        noted.context("note the end of the run")?;
        Ok(ending)
    }

    /// The main path: pages are read, completed and stored, side by side.
    async fn windows(&self, run: &Run) -> anyhow::Result<Ending> {
        info!(from = %run.from, to = %run.to, windows = run.windows.len(), "reading");
        self.progress.begin(run.counts, read::planned_total(run)?);
        let (turn, _end_of_turn) = self.begin_turn();
        let (parts, completed) = mpsc::channel(PARTS_AHEAD);
        let (read, written) = tokio::join!(turn.read(run, parts), turn.write(run.id, completed));
        worst(read, written)
    }
}

/// How two halves ended together: an error says more than a pause, and a pause more than a stop.
fn worst(read: anyhow::Result<()>, written: anyhow::Result<()>) -> anyhow::Result<Ending> {
    let endings = [written, read].map(|half| ending_of(half.map(|()| Ending::Complete)));
    let [written, read] = endings;
    let (written, read) = (written?, read?);
    Ok(match (written, read) {
        (paused @ Ending::Paused { .. }, _) | (_, paused @ Ending::Paused { .. }) => paused,
        (Ending::Complete, Ending::Complete) => Ending::Complete,
        _ => Ending::Stopped,
    })
}

/// An interruption is no error.
pub(crate) fn ending_of(ending: anyhow::Result<Ending>) -> anyhow::Result<Ending> {
    let Err(error) = ending else { return ending };
    match error.chain().find_map(|cause| cause.downcast_ref::<Error>()) {
        Some(Error::Stopped) => Ok(Ending::Stopped),
        Some(Error::Paused { until, reason }) => Ok(Ending::Paused {
            until: *until,
            reason: reason.clone(),
        }),
        _ => Err(error),
    }
}
