//! Rows of `import_runs` and `import_windows`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Counts, Error, Result, Run, RunKind, RunState, RunWindow};

/// A row of `import_runs`.
#[derive(sqlx::FromRow)]
pub(crate) struct RunRow {
    run_id: String,
    kind: String,
    request: String,
    range_from: DateTime<Utc>,
    range_to: DateTime<Utc>,
    state: String,
    imported: i64,
    updated: i64,
    skipped: i64,
    rejected: i64,
    withdrawn: i64,
    latest_change: Option<DateTime<Utc>>,
    error: Option<String>,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

/// A row of `import_windows`.
#[derive(sqlx::FromRow)]
pub(crate) struct WindowRow {
    position: i32,
    plan: String,
    cursor: Option<String>,
    done: bool,
}

impl RunRow {
    pub(super) fn run_id(&self) -> &str {
        &self.run_id
    }

    pub(super) fn is_finished(&self) -> bool {
        self.state == RunState::Finished.as_str()
    }

    pub(crate) fn into_run(self, windows: Vec<WindowRow>) -> Result<Run> {
        let corrupt = |column| Error::Corrupt { column };
        let count = |number: i64| u64::try_from(number).map_err(|_| corrupt("import_runs.imported"));
        Ok(Run {
            id: Uuid::parse_str(&self.run_id).map_err(|_| corrupt("import_runs.run_id"))?,
            kind: RunKind::parse(&self.kind).ok_or_else(|| corrupt("import_runs.kind"))?,
            request: self.request,
            from: self.range_from,
            to: self.range_to,
            state: RunState::parse(&self.state).ok_or_else(|| corrupt("import_runs.state"))?,
            counts: Counts {
                imported: count(self.imported)?,
                updated: count(self.updated)?,
                skipped: count(self.skipped)?,
                rejected: count(self.rejected)?,
            },
            withdrawn: count(self.withdrawn)?,
            latest_change: self.latest_change,
            error: self.error,
            started_at: self.started_at,
            finished_at: self.finished_at,
            windows: windows.into_iter().map(WindowRow::into_window).collect(),
        })
    }
}

impl WindowRow {
    fn into_window(self) -> RunWindow {
        RunWindow {
            position: self.position,
            plan: self.plan,
            cursor: self.cursor,
            done: self.done,
        }
    }
}
