//! Imports and their summaries.

use servicedesk_sim::CallKind;

use super::bench::Bench;

impl Bench {
    /// Imports 90 days of acme, which must succeed; returns the summary without the time that it took.
    #[track_caller]
    pub(crate) fn import(&self) -> String {
        summary(&self.good(&["import", "--tenant-id=acme", "--days=90"]))
    }

    /// Returns how many calls of a kind the helpdesk has logged.
    pub(crate) fn calls(&self, kind: CallKind) -> usize {
        let log = self.simulator.desk().log();
        log.iter().filter(|call| call.kind == kind).count()
    }
}

/// Returns the counts of the line `Import complete: ..`.
#[track_caller]
pub(crate) fn summary(stderr: &str) -> String {
    let (_, line) = stderr.rsplit_once("Import complete: ").expect(stderr);
    line.split(" rejected").next().expect("never empty").to_owned()
}
