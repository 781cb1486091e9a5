//! An import run and its windows, as stored in `import_runs` and `import_windows`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

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
    /// What stopped it, if it was interrupted.
    pub error: Option<String>,
    /// When it was first started.
    pub started_at: DateTime<Utc>,
    /// When it finished or was interrupted.
    pub finished_at: Option<DateTime<Utc>>,
    /// Ordered by `position`.
    pub windows: Vec<Window>,
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
