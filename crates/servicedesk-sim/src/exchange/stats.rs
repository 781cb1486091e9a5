//! The log of calls in figures.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::exchange::call::CallKind;
use crate::exchange::log::LogEntry;

const WINDOW_MS: u64 = 60_000;

/// The log in figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// Number of calls.
    pub calls: usize,
    /// Number of calls by kind and status.
    pub by_kind: BTreeMap<CallKind, BTreeMap<u16, usize>>,
    /// Maximum number of API calls within any 60 s, without calls for tokens.
    pub most_calls_in_60s: usize,
    /// Maximum number of details of one ticket.
    pub most_details_of_one_ticket: usize,
    /// Maximum number of concurrent calls.
    pub most_concurrent: usize,
    /// Number of calls during a lock or throttle that an earlier answer announced; real servers extend the lock.
    pub calls_during_lock: usize,
}

impl Stats {
    /// Computes the figures of a log in the order of arrival.
    pub(crate) fn of(entries: &[LogEntry], most_concurrent: usize) -> Self {
        let mut stats = Self {
            calls: entries.len(),
            most_concurrent,
            ..Self::default()
        };
        let mut details: HashMap<&str, usize> = HashMap::new();
        for entry in entries {
            let by_status = stats.by_kind.entry(entry.kind).or_default();
            *by_status.entry(entry.status).or_default() += 1;
            if let (CallKind::Detail, 200, Some(id)) = (entry.kind, entry.status, &entry.id) {
                *details.entry(id).or_default() += 1;
            }
        }
        stats.calls_during_lock = entries.iter().filter(|entry| entry.during_lock).count();
        stats.most_details_of_one_ticket = details.into_values().max().unwrap_or(0);
        let api_calls = entries.iter().filter(|entry| entry.kind != CallKind::Token);
        let times: Vec<u64> = api_calls.map(|entry| entry.elapsed_ms).collect();
        let in_window =
            |(at, start): (usize, &u64)| times[at..].partition_point(|time| *time < start + WINDOW_MS);
        stats.most_calls_in_60s = times.iter().enumerate().map(in_window).max().unwrap_or(0);
        stats
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(elapsed_ms: u64, kind: CallKind, id: Option<&str>) -> LogEntry {
        LogEntry {
            elapsed_ms,
            kind,
            id: id.map(str::to_owned),
            status: 200,
            ..LogEntry::default()
        }
    }

    #[test]
    fn figures_count_windows_and_repeats() {
        let entries: Vec<_> = [
            (0, CallKind::List, None),
            (59_999, CallKind::Detail, Some("1")),
            (60_000, CallKind::Detail, Some("1")),
            (60_001, CallKind::Token, None),
            (119_998, CallKind::Detail, Some("2")),
        ]
        .map(|(elapsed_ms, kind, id)| entry(elapsed_ms, kind, id))
        .into();
        let stats = Stats::of(&entries, 1);
        assert_eq!((stats.calls, stats.most_calls_in_60s), (5, 3));
        assert_eq!((stats.most_details_of_one_ticket, stats.most_concurrent), (2, 1));
        assert_eq!(stats.by_kind[&CallKind::Detail][&200], 3);
    }
}
