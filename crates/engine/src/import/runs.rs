//! The life cycle of a run: starts it with a plan, resumes it after an interruption, and records its end.

use chrono::{DateTime, Utc};
use store::{NewRun, NewRunWindow, Run, RunKind, RunState};
use tracing::{Instrument, info, info_span, warn};
use uuid::Uuid;

use super::context::RunContext;
use super::ending::{Ending, ending_of};
use super::pipeline::process_windows;
use super::window::check_plans;
use crate::error::AtStep as _;
use crate::quota::warn_if_nearly_full;
use crate::source::Window;
use crate::{Error, Result, clock};

impl RunContext<'_> {
    /// Stores a new run with its plan.
    pub(crate) async fn start(
        &self,
        kind: RunKind,
        request: String,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        windows: &[Window],
    ) -> Result<Run> {
        let plans = windows.iter().map(serde_json::to_string);
        let plans = plans.collect::<Result<Vec<_>, _>>();
        let plans = plans.map_err(|source| Error::Form {
            what: "write the plan of the run",
            source,
        })?;
        let run = NewRun {
            id: Uuid::now_v7(),
            kind,
            request,
            from,
            to,
            windows: plans.into_iter().map(|plan| NewRunWindow { plan }).collect(),
        };
        Ok(self.store.start_run(self.tenant, &run, clock::now()).await?)
    }

    /// Returns the newest run of a request if it was interrupted and can be resumed. Marks a run whose plan another
    /// version wrote as finished, so that the next run reads everything again.
    pub(crate) async fn unfinished(&self, request: &str) -> Result<Option<Run>> {
        let Some(run) = self.store.unfinished_run(self.tenant, request).await? else {
            return Ok(None);
        };
        let Err(error) = check_plans(&run) else {
            return Ok(Some(run));
        };
        let reason = error.in_full();
        warn!(run_id = %run.id, "cannot resume the interrupted run; starting over: {reason}");
        let now = clock::now();
        self.store
            .set_run_state(self.tenant, run.id, RunState::Finished, Some(&reason), now)
            .await?;
        Ok(None)
    }

    /// Resumes the newest run of a request, or starts one with `start`.
    pub(crate) async fn resume_or_start(
        &self,
        request: &str,
        start: impl Future<Output = Result<Run>>,
    ) -> Result<Run> {
        match self.unfinished(request).await? {
            Some(run) => {
                self.resume(&run).await?;
                Ok(run)
            }
            None => start.await,
        }
    }

    /// Marks an interrupted run as running again.
    ///
    /// # Errors
    /// Errors of the store.
    pub async fn resume(&self, run: &Run) -> Result<()> {
        info!(run_id = %run.id, tickets = run.counts.total(), "resuming the interrupted run");
        self.store
            .set_run_state(self.tenant, run.id, RunState::Running, None, clock::now())
            .await?;
        Ok(())
    }

    /// Reads a run and its counts from the store.
    pub(crate) async fn stored(&self, run: &Run) -> Result<Run> {
        let stored = self.store.run(self.tenant, run.id).await?;
        stored.ok_or_else(|| store::Error::UnknownWindow(run.id).into())
    }

    /// Processes the open windows of a run, runs `conclude` after them, and records how the run ended.
    ///
    /// # Errors
    /// Those of the store, the helpdesk and `conclude`. An interruption is an [`Ending`].
    pub async fn follow(&self, run: &Run, conclude: impl Future<Output = Result<Ending>>) -> Result<Ending> {
        let span =
            info_span!("run", tenant_id = %self.tenant, run_id = %run.id, operation = run.kind.as_str());
        warn_if_nearly_full(self.store, self.tenant).await?;
        let ending = async {
            match process_windows(self, run).await? {
                Ending::Complete => conclude.await,
                ending => Ok(ending),
            }
        };
        let ending = ending_of(ending.instrument(span).await);
        let (state, error) = state_after(&ending);
        let recorded = self
            .store
            .set_run_state(self.tenant, run.id, state, error.as_deref(), clock::now())
            .await;
        // The error of the run matters more than the failure to record it.
        let ending = ending?;
        recorded.at_step("record the end of the run")?;
        Ok(ending)
    }
}

fn state_after(ending: &Result<Ending>) -> (RunState, Option<String>) {
    match ending {
        Ok(Ending::Complete) => (RunState::Finished, None),
        Ok(Ending::Stopped) => (RunState::Interrupted, Some("stopped".to_owned())),
        Ok(Ending::Paused { reason, .. }) => (RunState::Interrupted, Some(reason.clone())),
        // There is nothing to resume: the next run asks for the tickets again.
        Err(error) if matches!(error.cause(), Error::ImplausibleDeletions { .. }) => {
            (RunState::Finished, Some(error.in_full()))
        }
        Err(error) => (RunState::Interrupted, Some(error.in_full())),
    }
}
