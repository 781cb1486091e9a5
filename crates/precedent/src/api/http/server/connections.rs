//! The table of open connections, and who has to leave when it is full.
//!
//! A new connection takes the place of the one that has waited longest for its client: for the head or the body of a
//! request, or for another request. An honest client is waited for only a moment, so a flood of silent connections
//! displaces itself. A connection that the server works for stays. Where no connection can leave, the new one is closed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::limits::Limits;
use crate::api::http::activity::Activity;
use crate::api::http::origin::Origin;
use crate::api::http::warning::WarningInterval;
use crate::setup::Metrics;

/// Time limit for the end of a connection that has to leave.
const LEAVING_TIME: Duration = Duration::from_secs(1);

/// Open connections to one address.
pub(super) struct Connections {
    /// Name of the address in the metrics.
    listener: &'static str,
    limits: Limits,
    table: Mutex<Table>,
    /// A connection has closed.
    closed: Notify,
    metrics: Arc<Metrics>,
    warning: WarningInterval,
}

#[derive(Default)]
struct Table {
    open: HashMap<u64, Entry>,
    next: u64,
}

#[derive(Clone)]
struct Entry {
    origin: Origin,
    activity: Activity,
    leave: CancellationToken,
}

/// Place of an open connection, which it gives back when it is dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    pub(super) activity: Activity,
    /// Cancelled when the connection has to leave.
    pub(super) leave: CancellationToken,
}

/// Result of the search for a place.
enum Found {
    Place(Entry, u64),
    /// A connection is about to leave.
    Soon,
    Nothing,
}

impl Connections {
    pub(super) fn new(listener: &'static str, limits: Limits, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            listener,
            limits,
            table: Mutex::default(),
            closed: Notify::new(),
            metrics,
            warning: WarningInterval::default(),
        })
    }

    /// Returns a place for a new connection; `None` if it has to be refused.
    pub(super) async fn place(self: &Arc<Self>, origin: Origin) -> Option<Place> {
        loop {
            let closed = self.closed.notified();
            let found = self.table().find(origin, &self.limits);
            match found {
                Found::Place(entry, number) => {
                    self.metrics.count_open_connections(self.listener, 1);
                    return Some(Place {
                        connections: self.clone(),
                        number,
                        activity: entry.activity,
                        leave: entry.leave,
                    });
                }
                Found::Soon if timeout(LEAVING_TIME, closed).await.is_ok() => {
                    self.metrics.count_displaced_connection(self.listener);
                    self.warn();
                }
                Found::Soon | Found::Nothing => {
                    self.metrics.count_refused_connection(self.listener);
                    self.warn();
                    return None;
                }
            }
        }
    }

    /// Closes the connection that has waited longest for its client, to free a file.
    pub(super) fn close_one(&self) {
        self.table().displace(|_| true);
    }

    fn warn(&self) {
        if self.warning.is_due() {
            warn!(
                listener = self.listener,
                limit = self.limits.all,
                "too many connections, in all or from one address; closing those that wait longest for their client. \
                 precedent_connections_displaced_total and precedent_connections_refused_total count them"
            );
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn find(&mut self, origin: Origin, limits: &Limits) -> Found {
        let same = self.open.values().filter(|entry| entry.origin == origin);
        let is_at_own_limit = same.count() >= limits.of_one(origin);
        if !is_at_own_limit && self.open.len() < limits.all {
            return self.add(origin);
        }
        let may_leave = |entry: &Entry| !is_at_own_limit || entry.origin == origin;
        match self.displace(may_leave) {
            true => Found::Soon,
            false => Found::Nothing,
        }
    }

    fn add(&mut self, origin: Origin) -> Found {
        let number = self.next;
        self.next += 1;
        let entry = Entry {
            origin,
            activity: Activity::new(),
            leave: CancellationToken::new(),
        };
        self.open.insert(number, entry.clone());
        Found::Place(entry, number)
    }

    /// Tells the connection that has waited longest for its client to leave, unless one is leaving already. Returns
    /// whether one leaves.
    fn displace(&self, may_leave: impl Fn(&Entry) -> bool) -> bool {
        let candidates = || self.open.values().filter(|entry| may_leave(entry));
        if candidates().any(|entry| entry.leave.is_cancelled()) {
            return true;
        }
        let waiting = candidates().filter_map(|entry| Some((entry.activity.waiting_since()?, entry)));
        let longest = waiting.min_by_key(|(since, _)| *since);
        if let Some((_, entry)) = longest {
            entry.leave.cancel();
        }
        longest.is_some()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let connections = &self.connections;
        connections.table().open.remove(&self.number);
        connections
            .metrics
            .count_open_connections(connections.listener, -1);
        connections.closed.notify_one();
    }
}
