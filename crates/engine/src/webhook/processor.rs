//! Runs the processing of webhook events.
//!
//! The processor stores a whole ticket unless the stored row is newer. A change notification contains only an id: the
//! processor rereads the ticket through the API, and stores or withdraws it. Neither needs the tenant's lease, so
//! events do not wait for an import to end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use store::{DueEvents, EventKind, Store};
use ticket::TenantId;
use tokio::task::JoinSet;
use tracing::{error, warn};

use super::portion::Portions;
use crate::source::{SourcePool, Stop};

/// Interval between two polls for due events.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Maximum number of tenants at the same time, for each kind of event.
const TENANTS: usize = 8;

/// Processes the webhook events of all tenants.
pub struct Processor {
    store: Store,
    portions: Portions,
}

impl Processor {
    /// Creates a processor. It does nothing before [`Self::run`].
    pub fn new(store: Store, sources: Arc<SourcePool>) -> Self {
        let portions = Portions {
            store: store.clone(),
            sources,
        };
        Self { store, portions }
    }

    /// Processes events until `stop` is cancelled. Any number of processes may do so.
    pub async fn run(self: Arc<Self>, stop: Stop) {
        // Whole tickets need no request, so a slow helpdesk does not delay them.
        tokio::join!(
            self.clone().process(EventKind::Resolved, &stop),
            self.clone().process(EventKind::Changed, &stop)
        );
    }

    /// Processes events of one kind, a portion of each tenant in turn and several tenants at a time, so that neither a
    /// slow helpdesk nor a tenant with many events delays the others.
    async fn process(self: Arc<Self>, kind: EventKind, stop: &Stop) {
        let mut under_way = JoinSet::new();
        let mut taken = HashMap::new();
        // Number of the last portion of each tenant that still has due events.
        let mut served: HashMap<TenantId, u64> = HashMap::new();
        let mut portions = 0;
        while !stop.soft.is_cancelled() {
            let mut due = self.due(kind).await;
            served.retain(|tenant, _| due.iter().any(|due| due.tenant == *tenant));
            due.sort_by_key(|due| served.get(&due.tenant).copied().unwrap_or(0));
            for due in due {
                if under_way.len() < TENANTS && !taken.values().any(|busy| *busy == due.tenant) {
                    portions += 1;
                    served.insert(due.tenant.clone(), portions);
                    let (worker, stop, tenant) = (self.clone(), stop.clone(), due.tenant.clone());
                    let task = under_way.spawn(async move { worker.portions.process(&due, &stop).await });
                    taken.insert(task.id(), tenant);
                }
            }
            let ended = tokio::select! {
                ended = under_way.join_next_with_id(), if !under_way.is_empty() => ended,
                () = idle(stop) => None,
            };
            let id = match ended {
                Some(Ok((id, ()))) => id,
                Some(Err(error)) => {
                    error!("processing webhook events panicked: {error}");
                    error.id()
                }
                None => continue,
            };
            taken.remove(&id);
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Returns the tenants with due events of a kind.
    async fn due(&self, kind: EventKind) -> Vec<DueEvents> {
        let due = async { self.store.due_events(self.store.now().await?).await };
        let mut due = due.await.unwrap_or_else(|error| {
            warn!("failed to load due webhook events; retrying: {error}");
            Vec::new()
        });
        due.retain(|due| due.kind == kind);
        due
    }
}

/// Waits for the next poll, or until `stop` is cancelled.
async fn idle(stop: &Stop) {
    tokio::select! {
        () = stop.soft.cancelled() => {}
        () = tokio::time::sleep(POLL_INTERVAL) => {}
    }
}

/// Returns the time at which a change notification is due. Earlier, the API may not show the change yet.
pub fn readable_at(received_at: DateTime<Utc>) -> DateTime<Utc> {
    received_at + TimeDelta::seconds(3)
}
