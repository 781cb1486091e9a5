//! An outcome of a job, as the metrics count it. A worker process sends it to the process that serves the metrics.

use serde::{Deserialize, Serialize};

/// One outcome of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobReport {
    /// A turn of a job succeeded: numbers of tickets by their outcome.
    Worked {
        imported: u64,
        updated: u64,
        unchanged: u64,
        rejected: u64,
        withdrawn: u64,
    },
    /// A job of this kind failed.
    Failed { kind: String },
}
