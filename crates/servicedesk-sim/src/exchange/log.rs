//! The log of calls, from which tests learn how a client behaved.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde::Serialize;

use crate::exchange::call::{Call, CallKind};
use crate::synchronized::lock;

/// One call, logged when it ends.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LogEntry {
    /// Arrival by the desk's clock.
    pub at_ms: i64,
    /// Arrival in real milliseconds since the start of the desk.
    pub elapsed_ms: u64,
    /// Duration in milliseconds.
    pub took_ms: u64,
    /// `User-Agent` of the client.
    pub user_agent: String,
    /// HTTP method.
    pub method: String,
    /// Kind of call.
    pub kind: CallKind,
    /// Requested first row of a list.
    pub start_index: Option<u64>,
    /// Requested number of rows.
    pub row_count: Option<u64>,
    /// Number of rows in the answer.
    pub rows: Option<usize>,
    /// Id of the ticket that the path named.
    pub id: Option<String>,
    /// HTTP status; 0 if no answer was sent.
    pub status: u16,
    /// Whether the call presented valid credentials.
    pub authorised: bool,
    /// Whether it arrived during a lock or throttle that an earlier answer announced.
    pub during_lock: bool,
}

impl LogEntry {
    /// Creates the entry of a call that has just arrived.
    pub(crate) fn arrived(call: &Call, at_ms: i64, elapsed_ms: u64) -> Self {
        Self {
            at_ms,
            elapsed_ms,
            user_agent: call.header("user-agent").unwrap_or_default().to_owned(),
            method: call.method.to_string(),
            kind: call.kind(),
            id: call.id().map(str::to_owned),
            ..Self::default()
        }
    }
}

/// The log of a desk.
#[derive(Default)]
pub(crate) struct CallLog {
    entries: Mutex<Vec<LogEntry>>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

impl CallLog {
    /// Registers a call. The entry is logged when the visit is dropped, so a call that its client abandoned is logged
    /// too.
    pub(crate) fn arrive(&self, entry: LogEntry) -> Visit<'_> {
        let under_way = self.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_under_way.fetch_max(under_way, Ordering::Relaxed);
        Visit {
            log: self,
            arrived: Instant::now(),
            entry: Some(entry),
        }
    }

    /// Returns every entry in the order of arrival.
    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        let mut entries = lock(&self.entries).clone();
        entries.sort_by_key(|entry| entry.elapsed_ms);
        entries
    }

    /// Removes all entries.
    pub(crate) fn clear(&self) {
        lock(&self.entries).clear();
        let under_way = self.under_way.load(Ordering::Relaxed);
        self.most_under_way.store(under_way, Ordering::Relaxed);
    }

    /// Returns the maximum number of concurrent calls.
    pub(crate) fn most_concurrent(&self) -> usize {
        self.most_under_way.load(Ordering::Relaxed)
    }
}

/// A call under way.
pub(crate) struct Visit<'a> {
    log: &'a CallLog,
    arrived: Instant,
    entry: Option<LogEntry>,
}

impl Visit<'_> {
    /// Returns the time of arrival.
    pub(crate) fn arrived(&self) -> Instant {
        self.arrived
    }

    /// Changes the entry before it is logged.
    pub(crate) fn record(&mut self, change: impl FnOnce(&mut LogEntry)) {
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
            lock(&self.log.entries).push(entry);
        }
    }
}
