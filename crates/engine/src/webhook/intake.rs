//! Stores webhook events before they are acknowledged.
//!
//! A bulk edit causes many events at once, so the intake stores events that wait for the database in one transaction.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use store::{Store, WebhookEvent};
use ticket::TenantId;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tracing::warn;

use crate::{Error, Result};

/// Number of writers. All events of a tenant go to the same writer.
const LANES: usize = 4;

/// Number of events that can wait for a writer before their callers wait too.
const WAITING: usize = 1_000;

/// Maximum number of events per transaction.
const TOGETHER: usize = 200;

/// Stores webhook events.
pub struct Intake {
    lanes: Vec<mpsc::Sender<PendingEvent>>,
    /// The writers. Each ends after the last event of its lane.
    _writers: JoinSet<()>,
}

struct PendingEvent {
    tenant: TenantId,
    event: WebhookEvent,
    stored: oneshot::Sender<bool>,
}

impl Intake {
    /// Starts the writers, which end with the intake.
    pub fn new(store: &Store) -> Self {
        let mut writers = JoinSet::new();
        let lane = |_| {
            let (sender, receiver) = mpsc::channel(WAITING);
            writers.spawn(write(store.clone(), receiver));
            sender
        };
        Self {
            lanes: (0..LANES).map(lane).collect(),
            _writers: writers,
        }
    }

    /// Stores an event and returns after its transaction is committed.
    ///
    /// # Errors
    /// `EventNotStored`; the log contains the reason.
    pub async fn accept(&self, tenant: &TenantId, event: WebhookEvent) -> Result<()> {
        let (stored, outcome) = oneshot::channel();
        let event = PendingEvent {
            tenant: tenant.clone(),
            event,
            stored,
        };
        let sent = self.lane(tenant).send(event).await;
        sent.map_err(|_| Error::EventNotStored)?;
        match outcome.await {
            Ok(true) => Ok(()),
            _ => Err(Error::EventNotStored),
        }
    }

    fn lane(&self, tenant: &TenantId) -> &mpsc::Sender<PendingEvent> {
        let mut hasher = DefaultHasher::new();
        tenant.as_str().hash(&mut hasher);
        &self.lanes[hasher.finish() as usize % self.lanes.len()]
    }
}

async fn write(store: Store, mut events: mpsc::Receiver<PendingEvent>) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while events.recv_many(&mut waiting, TOGETHER).await > 0 {
        let mut tenants: HashMap<TenantId, (Vec<WebhookEvent>, Vec<oneshot::Sender<bool>>)> = HashMap::new();
        for event in waiting.drain(..) {
            let (notes, callers) = tenants.entry(event.tenant).or_default();
            notes.push(event.event);
            callers.push(event.stored);
        }
        for (tenant, (notes, callers)) in tenants {
            let stored = store.add_events(&tenant, &notes).await;
            if let Err(error) = &stored {
                warn!(tenant_id = %tenant, "failed to store {} webhook events: {error}", notes.len());
            }
            for caller in callers {
                // A caller that no longer waits will send the event again.
                let _ = caller.send(stored.is_ok());
            }
        }
    }
}
