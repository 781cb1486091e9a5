//! The log of calls: what a test asks to know how a client behaved.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::call::CallKind;

const WINDOW_MS: u64 = 60_000;

/// One call, written when it ended.
#[derive(Clone, Debug, Serialize)]
pub struct LogEntry {
    /// When it arrived, by the desk's clock.
    pub at_ms: i64,
    /// When it arrived, in real milliseconds since the desk was started.
    pub elapsed_ms: u64,
    /// Milliseconds until it ended.
    pub took_ms: u64,
    /// What the client calls itself.
    pub user_agent: String,
    /// HTTP method.
    pub method: String,
    /// Kind of call.
    pub kind: CallKind,
    /// Where the list started, as asked for.
    pub start_index: Option<u64>,
    /// How many rows were asked for.
    pub row_count: Option<u64>,
    /// How many rows were answered.
    pub rows: Option<usize>,
    /// The ticket that the path named.
    pub id: Option<String>,
    /// HTTP status; 0 where no answer was sent.
    pub status: u16,
    /// Whether the call presented what it must.
    pub authorised: bool,
    /// Whether it arrived during a lock or throttle that an earlier call was told about.
    pub during_lock: bool,
}

/// The log in figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// All calls.
    pub calls: usize,
    /// Calls by kind and status.
    pub by_kind: BTreeMap<CallKind, BTreeMap<u16, usize>>,
    /// Most API calls that arrived within any 60 s, calls for tokens not counted.
    pub most_calls_in_60s: usize,
    /// Most details answered for one ticket.
    pub most_details_of_one_ticket: usize,
    /// Most calls under way at once.
    pub most_concurrent: usize,
    /// Calls during a lock or throttle that an earlier call was told about, which real desks hold against
    /// their callers.
    pub calls_during_lock: usize,
}

/// The log of a desk.
#[derive(Default)]
pub(crate) struct Log {
    entries: Mutex<Vec<LogEntry>>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

impl Log {
    /// Notes the arrival of a call. The entry is written when the visit is dropped, so that a call that its
    /// client gave up is logged too.
    pub(crate) fn arrive(&self, entry: LogEntry) -> Visit<'_> {
        let under_way = self.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_under_way.fetch_max(under_way, Ordering::Relaxed);
        Visit {
            log: self,
            arrived: Instant::now(),
            entry: Some(entry),
        }
    }

    /// Every entry in the order of arrival.
    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        let mut entries = self
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        entries.sort_by_key(|entry| entry.elapsed_ms);
        entries
    }

    /// Forgets all entries.
    pub(crate) fn clear(&self) {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.most_under_way
            .store(self.under_way.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// The log in figures.
    pub(crate) fn stats(&self) -> Stats {
        let most_concurrent = self.most_under_way.load(Ordering::Relaxed);
        Stats {
            most_concurrent,
            ..summarise(&self.entries())
        }
    }
}

/// A call under way.
pub(crate) struct Visit<'a> {
    log: &'a Log,
    arrived: Instant,
    entry: Option<LogEntry>,
}

impl Visit<'_> {
    /// When the call arrived.
    pub(crate) fn arrived(&self) -> Instant {
        self.arrived
    }

    /// Changes what will be written.
    pub(crate) fn note(&mut self, change: impl FnOnce(&mut LogEntry)) {
        if let Some(entry) = &mut self.entry {
            change(entry);
        }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.log.under_way.fetch_sub(1, Ordering::Relaxed);
        if let Some(mut entry) = self.entry.take() {
            entry.took_ms = self.arrived.elapsed().as_millis() as u64;
            self.log
                .entries
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(entry);
        }
    }
}

fn summarise(entries: &[LogEntry]) -> Stats {
    let mut stats = Stats {
        calls: entries.len(),
        ..Stats::default()
    };
    let mut details: HashMap<&str, usize> = HashMap::new();
    for entry in entries {
        *stats
            .by_kind
            .entry(entry.kind)
            .or_default()
            .entry(entry.status)
            .or_default() += 1;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(elapsed_ms: u64, kind: CallKind, id: Option<&str>) -> LogEntry {
        let (method, id) = ("GET".to_owned(), id.map(str::to_owned));
        LogEntry {
            at_ms: 0,
            elapsed_ms,
            took_ms: 0,
            user_agent: String::new(),
            method,
            kind,
            start_index: None,
            row_count: None,
            rows: None,
            id,
            status: 200,
            authorised: true,
            during_lock: false,
        }
    }

    #[test]
    fn figures_count_windows_and_repeats() {
        let log = Log::default();
        for (elapsed_ms, kind, id) in [
            (0, CallKind::List, None),
            (59_999, CallKind::Detail, Some("1")),
            (60_000, CallKind::Detail, Some("1")),
            (60_001, CallKind::Token, None),
            (119_998, CallKind::Detail, Some("2")),
        ] {
            drop(log.arrive(entry(elapsed_ms, kind, id)));
        }
        let stats = log.stats();
        assert_eq!((stats.calls, stats.most_calls_in_60s), (5, 3));
        assert_eq!((stats.most_details_of_one_ticket, stats.most_concurrent), (2, 1));
        assert_eq!(stats.by_kind[&CallKind::Detail][&200], 3);
    }
}
