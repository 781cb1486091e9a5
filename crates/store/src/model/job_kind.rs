//! Kinds of jobs.

/// The work that a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Copies the tickets of a range: `import`.
    Import,
    /// Copies the tickets that changed since the last sync: `sync`.
    Sync,
    /// Compares every stored ticket with the source: `reconcile`.
    Reconcile,
}

impl JobKind {
    /// Returns the value of the column, which is also the name of the command.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Sync => "sync",
            Self::Reconcile => "reconcile",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Import, Self::Sync, Self::Reconcile]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}
