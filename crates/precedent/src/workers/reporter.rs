//! Reports the outcomes of jobs to the service: one JSON object per line on the standard output of a worker process.

use std::io::Write;

use engine::jobs::JobObserver;
use engine::sync::Synced;
use store::JobKind;
use tracing::warn;

use crate::setup::JobReport;

/// Writes the reports of this process.
pub(super) struct Reporter;

fn write(report: &JobReport) {
    let written = serde_json::to_string(report)
        .map_err(std::io::Error::from)
        .and_then(|line| writeln!(std::io::stdout().lock(), "{line}"));
    if let Err(error) = written {
        warn!("the metrics miss the outcome of a job: {error}");
    }
}

impl JobObserver for Reporter {
    fn worked(&self, synced: &Synced) {
        let counts = &synced.counts;
        write(&JobReport::Worked {
            imported: counts.imported,
            updated: counts.updated,
            unchanged: counts.skipped,
            rejected: counts.rejected,
            withdrawn: synced.withdrawn,
        });
    }

    fn failed(&self, kind: JobKind) {
        write(&JobReport::Failed {
            kind: kind.as_str().to_owned(),
        });
    }
}
