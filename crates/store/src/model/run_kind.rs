//! Kinds and states of a run.

/// The work that a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// Copies the tickets of a range.
    Import,
    /// Copies the tickets that changed.
    Sync,
    /// Compares every stored ticket with the source.
    Reconcile,
    /// Compares the content of a range.
    Verify,
}

impl RunKind {
    /// Returns the value of the column, which is also the name of the command.
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

/// State of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// At work, or killed: the next import of the same request resumes it.
    Running,
    /// Every window is done.
    Finished,
    /// Stopped by an error or a signal; resumable.
    Interrupted,
}

impl RunState {
    /// Returns the value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Running, Self::Finished, Self::Interrupted]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}
