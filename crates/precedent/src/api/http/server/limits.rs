//! Limits of the open connections.

use rustix::process::{Resource, getrlimit};

use crate::api::http::origin::Origin;

/// Maximum number of connections of callers, however many files the process may open.
const MOST: usize = 2_000;

/// Number of files that are not connections of callers: the database, indexes, logs, the metrics' connections.
const OTHER_FILES: usize = 64;

/// Number of connections to the address of the metrics: Prometheus and health checks need one each.
const OF_METRICS: usize = 16;

/// Maximum numbers of open connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Of all origins together.
    pub(super) all: usize,
    /// Of one origin.
    of_origin: usize,
    /// Of an origin on this machine, which may be a proxy for all callers.
    of_loopback: usize,
}

impl Limits {
    /// Limits at the address for callers. They follow from the number of files that the process may open.
    pub(super) fn of_callers() -> Self {
        let files = getrlimit(Resource::Nofile).current;
        Self::with_files(files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX)))
    }

    /// Limits at the address of the metrics.
    pub(super) fn of_metrics() -> Self {
        Self::of(OF_METRICS)
    }

    fn with_files(files: usize) -> Self {
        Self::of((files.saturating_sub(OTHER_FILES) / 2).clamp(8, MOST))
    }

    fn of(all: usize) -> Self {
        Self {
            all,
            of_origin: all / 4,
            of_loopback: all / 4 * 3,
        }
    }

    /// Returns the limit of one origin.
    pub(super) fn of_one(&self, origin: Origin) -> usize {
        match origin.is_loopback() {
            true => self.of_loopback,
            false => self.of_origin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_half_of_the_files_are_left() {
        for (files, all) in [
            (0, 8),
            (256, 96),
            (1_024, 480),
            (1 << 20, 2_000),
            (usize::MAX, 2_000),
        ] {
            assert_eq!(Limits::with_files(files).all, all);
        }
    }
}
