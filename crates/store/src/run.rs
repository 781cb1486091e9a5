//! An import run and its windows, as stored in `import_runs` and `import_windows`.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// Time for which runs that come again and again are kept after they ended.
pub(crate) const RUNS_KEPT: TimeDelta = TimeDelta::days(14);

/// Time for which they are kept if they changed nothing.
pub(crate) const IDLE_RUNS_KEPT: TimeDelta = TimeDelta::days(1);

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// Copies a range of the past.
    Import,
    /// Takes over what changed.
    Sync,
    /// Compares everything that is stored.
    Reconcile,
    /// Compares the content of a range.
    Verify,
}

impl RunKind {
    /// The value of the column, and the name of the command.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Sync => "sync",
            Self::Reconcile => "reconcile",
            Self::Verify => "verify",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Import, Self::Sync, Self::Reconcile, Self::Verify]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// At work, or killed without a word: the next import of the same request takes it up.
    Running,
    /// All windows done.
    Finished,
    /// Stopped by an error or a signal; resumable.
    Interrupted,
}

impl RunState {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Tickets counted once each by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New rows.
    pub imported: u64,
    /// Rows whose content changed.
    pub updated: u64,
    /// Tickets stored before and unchanged, or met twice.
    pub skipped: u64,
    /// Tickets set aside with a reason.
    pub rejected: u64,
}

impl Counts {
    /// All tickets counted.
    pub fn total(&self) -> u64 {
        self.imported + self.updated + self.skipped + self.rejected
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.imported += other.imported;
        self.updated += other.updated;
        self.skipped += other.skipped;
        self.rejected += other.rejected;
    }
}

/// What it takes to start a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// Chosen by the caller: it is in the log before the row is there.
    pub id: Uuid,
    /// What it does.
    pub kind: RunKind,
    /// What was asked for (`days=90`): an unfinished run of the same request is resumed.
    pub request: String,
    /// First instant of the range, included.
    pub from: DateTime<Utc>,
    /// Last instant of the range, included.
    pub to: DateTime<Utc>,
    /// The plan, in the order in which windows are read.
    pub windows: Vec<NewWindow>,
}

/// One part of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWindow {
    /// What to read; opaque here.
    pub plan: String,
}

/// A run as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Correlation id of everything the run logs.
    pub id: Uuid,
    /// See [`NewRun::kind`].
    pub kind: RunKind,
    /// See [`NewRun::request`].
    pub request: String,
    /// See [`NewRun::from`].
    pub from: DateTime<Utc>,
    /// See [`NewRun::to`].
    pub to: DateTime<Utc>,
    /// How far it has come.
    pub state: RunState,
    /// Counted over all of its batches, also those before a resume.
    pub counts: Counts,
    /// Tickets that it withdrew, or found to be gone.
    pub withdrawn: u64,
    /// The latest change at the source that it met, by the source's clock.
    pub latest_change: Option<DateTime<Utc>>,
    /// What stopped it, if it was interrupted.
    pub error: Option<String>,
    /// When it was first started.
    pub started_at: DateTime<Utc>,
    /// When it finished or was interrupted.
    pub finished_at: Option<DateTime<Utc>>,
    /// Ordered by `position`.
    pub windows: Vec<Window>,
}

/// A clock that is wrong by more than this is not the helpdesk's.
pub(crate) const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

impl Run {
    /// Up to when, by the source's clock, no change can have been missed: what changed while the run went on may have
    /// been read before it did. The latest change that it met is not later than the source's own time at its end, so
    /// that less the time that it took is not later than the source's time at its start. `None` where it met no change:
    /// nothing tells the source's time.
    pub fn proven_to(&self) -> Option<DateTime<Utc>> {
        let took = self
            .finished_at
            .map_or(TimeDelta::zero(), |end| end - self.started_at);
        Some(self.latest_change? - took.max(TimeDelta::zero()))
    }
}

/// One window of a run and its checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Place in the plan, from 0.
    pub position: i32,
    /// See [`NewWindow::plan`].
    pub plan: String,
    /// Where to go on reading; `None` at the start. Moves only in the transaction that stored the
    /// rows before it.
    pub cursor: Option<String>,
    /// Nothing is left to read.
    pub done: bool,
}
