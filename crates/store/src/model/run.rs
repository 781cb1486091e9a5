//! An import run and its windows, as stored in `import_runs` and `import_windows`.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Counts, RunKind, RunState};

/// Settings of a new run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// Chosen by the caller, since log lines carry it before the row exists.
    pub id: Uuid,
    /// The work that it does.
    pub kind: RunKind,
    /// The request (`days=90`). A later call with the same request resumes an unfinished run.
    pub request: String,
    /// First instant of the range, included.
    pub from: DateTime<Utc>,
    /// Last instant of the range, included.
    pub to: DateTime<Utc>,
    /// The plan, in reading order.
    pub windows: Vec<NewRunWindow>,
}

/// One part of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRunWindow {
    /// The part of the source to read; opaque here.
    pub plan: String,
}

/// A stored run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Correlation id of every log line of the run.
    pub id: Uuid,
    /// See [`NewRun::kind`].
    pub kind: RunKind,
    /// See [`NewRun::request`].
    pub request: String,
    /// See [`NewRun::from`].
    pub from: DateTime<Utc>,
    /// See [`NewRun::to`].
    pub to: DateTime<Utc>,
    /// State of the run.
    pub state: RunState,
    /// Tickets of all its batches, including those before a resume.
    pub counts: Counts,
    /// Tickets that it withdrew or found deleted.
    pub withdrawn: u64,
    /// The latest change at the source that the run met, by the source's clock.
    pub latest_change: Option<DateTime<Utc>>,
    /// The error or signal that interrupted it.
    pub error: Option<String>,
    /// Time when it first started.
    pub started_at: DateTime<Utc>,
    /// Time when it finished or was interrupted.
    pub finished_at: Option<DateTime<Utc>>,
    /// Ordered by `position`.
    pub windows: Vec<RunWindow>,
}

impl Run {
    /// Returns the time, by the source's clock, up to which the run missed no change. A ticket that changed during the
    /// run may have been read before it changed. The latest change that the run met is not later than the source's time
    /// at the end of the run; less the duration of the run, it is not later than the source's time at the start. `None`
    /// if the run met no change, since only a change shows the source's time.
    pub fn proven_to(&self) -> Option<DateTime<Utc>> {
        let duration = self
            .finished_at
            .map_or(TimeDelta::zero(), |end| end - self.started_at);
        Some(self.latest_change? - duration.max(TimeDelta::zero()))
    }
}

/// One window of a run and its checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunWindow {
    /// Place in the plan, from 0.
    pub position: i32,
    /// See [`NewRunWindow::plan`].
    pub plan: String,
    /// Position to resume reading from; `None` at the start. It moves only in the transaction that stored the rows
    /// before it.
    pub cursor: Option<String>,
    /// The window was read to its end.
    pub done: bool,
}
