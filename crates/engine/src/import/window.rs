//! Reads a stored window of a run: its plan and its checkpoint, both opaque to the store.

use store::Run;

use crate::source::{Cursor, Window};
use crate::{Error, Result};

/// A window that is not fully read.
pub(super) struct OpenWindow {
    /// Position among the windows of the run.
    pub(super) position: i32,
    pub(super) plan: Window,
    /// Checkpoint to resume from; `None` at the start of the window.
    pub(super) cursor: Option<Cursor>,
}

impl OpenWindow {
    pub(super) fn new(window: &store::RunWindow) -> Result<Self> {
        Ok(Self {
            position: window.position,
            plan: plan(&window.plan)?,
            cursor: cursor(window.cursor.as_deref())?,
        })
    }
}

/// Returns the number of tickets in all windows of a run, if the server sent it.
pub(super) fn planned_total(run: &Run) -> Result<Option<u64>> {
    run.windows
        .iter()
        .map(|window| Ok(plan(&window.plan)?.total))
        .sum()
}

/// Checks that this version can resume a run.
pub(super) fn check_plans(run: &Run) -> Result<()> {
    for window in &run.windows {
        OpenWindow::new(window)?;
    }
    Ok(())
}

fn plan(plan: &str) -> Result<Window> {
    serde_json::from_str(plan).map_err(|source| Error::Form {
        what: "read the plan of the run",
        source,
    })
}

fn cursor(cursor: Option<&str>) -> Result<Option<Cursor>> {
    let cursor = cursor.map(serde_json::from_str).transpose();
    cursor.map_err(|source| Error::Form {
        what: "read the checkpoint",
        source,
    })
}
