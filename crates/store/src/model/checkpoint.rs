//! A checkpoint of a run.

use uuid::Uuid;

use chrono::{DateTime, Utc};

/// Position of a window after a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The run that read the batch.
    pub run: Uuid,
    /// Position of the window in the run's plan.
    pub window: i32,
    /// Position to resume reading from; `None` keeps the stored one.
    pub cursor: Option<String>,
    /// The window was read to its end.
    pub window_done: bool,
    /// The latest change at the source that the batch holds, by the source's clock.
    pub latest_change: Option<DateTime<Utc>>,
}
