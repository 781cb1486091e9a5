//! Deaths of processes during a job.

use chrono::{DateTime, Utc};

/// Attempts in a row at a job that ended with the death of their process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deaths {
    /// Their number.
    pub count: u32,
    /// Begin of the last of these attempts.
    pub last: Option<DateTime<Utc>>,
}
