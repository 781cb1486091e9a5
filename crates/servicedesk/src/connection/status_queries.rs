//! The limit of queries for the list of statuses.
//!
//! The list of an earlier process may be out of date, and a server may invent names. So the client queries
//! the list once for each name that it lacks, and at most [`MOST_QUERIES`] times an hour. A refusal counts
//! as an answer. A failed call does not, so that the next caller queries again.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;

use super::statuses::{MOST_NAMES, NAME_BYTES};
use crate::wire::Status;

/// Period after which the client queries the same names again; an operator may have added the scope.
const PERIOD: Duration = Duration::from_hours(1);

/// Maximum queries in a period.
const MOST_QUERIES: u32 = 20;

/// The queries for the list of statuses in the current period.
#[derive(Debug, Default)]
pub(crate) struct StatusQueries {
    since: Option<Instant>,
    answered: u32,
    /// Names that were unknown at the time of a query.
    names: HashSet<String>,
}

impl StatusQueries {
    /// Returns whether a query for these statuses makes sense now. The caller reports it to [`Self::record`].
    pub(crate) fn may_query(&mut self, unknown: &[&Status], now: Instant) -> bool {
        if self.since.is_none_or(|since| now >= since + PERIOD) {
            *self = Self {
                since: Some(now),
                ..Self::default()
            };
        }
        let mut names = unknown.iter().filter_map(|status| status.name.as_ref());
        self.answered < MOST_QUERIES && names.any(|name| !self.names.contains(name))
    }

    /// Records a query that the server answered, whether its list has these statuses or not.
    pub(crate) fn record(&mut self, unknown: &[&Status]) {
        self.answered += 1;
        let names = unknown.iter().filter_map(|status| status.name.as_ref());
        let names = names.filter(|name| name.len() <= NAME_BYTES).take(MOST_NAMES);
        self.names.extend(names.cloned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Status {
        Status {
            name: Some(name.to_owned()),
            ..Status::default()
        }
    }

    #[test]
    fn a_name_is_queried_once_an_hour_and_all_names_twenty_times() {
        let (mut queries, start) = (StatusQueries::default(), Instant::now());
        let (first, second) = (named("Esperando"), named("Anulada"));
        assert!(!queries.may_query(&[], start));
        assert!(queries.may_query(&[&first], start));
        assert!(queries.may_query(&[&first], start), "the call failed");
        queries.record(&[&first]);
        assert!(!queries.may_query(&[&first], start));
        assert!(queries.may_query(&[&first, &second], start));
        for number in 0..MOST_QUERIES {
            queries.record(&[&named(&number.to_string())]);
        }
        assert!(!queries.may_query(&[&second], start));
        assert!(queries.may_query(&[&first], start + PERIOD));
    }
}
