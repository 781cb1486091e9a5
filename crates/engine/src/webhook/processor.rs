//! Processes webhook events.
//!
//! The processor stores a whole ticket unless the stored row is newer. A change notification contains only an id: the
//! processor rereads the ticket through the API, and stores or withdraws it. Neither needs the tenant's lease, so
//! events do not wait for an import to end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use store::{Batch, EventKind, Incoming, Rejection, Store, TicketOrigin, WebhookEvent};
use ticket::{FieldError, TenantId, Ticket};
use tokio::task::JoinSet;
use tracing::{error, warn};

use super::changed::read_again;
use super::resolved::ticket_of;
use super::retry;
use crate::source::{SourcePool, Stop};
use crate::{Result, clock};

/// Interval between two polls for due events.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Maximum number of tenants whose changed tickets are read at the same time.
const TENANTS: usize = 8;

/// Maximum number of whole tickets per claim.
const RESOLVED: u32 = 500;

/// Maximum number of change notifications per claim; each takes at least one request.
const CHANGED: u32 = 16;

/// Claim duration of whole tickets; an expired claim can be retaken.
const RESOLVED_CLAIM: TimeDelta = TimeDelta::seconds(5);

/// Claim duration of change notifications.
const CHANGED_CLAIM: TimeDelta = TimeDelta::seconds(60);

/// Processes the webhook events of all tenants.
pub struct Processor {
    store: Store,
    sources: Arc<SourcePool>,
}

impl Processor {
    /// Creates a processor. It does nothing before [`Self::run`].
    pub fn new(store: Store, sources: Arc<SourcePool>) -> Self {
        Self { store, sources }
    }

    /// Processes events until `stop` is cancelled. Any number of processes may do so.
    pub async fn run(self: Arc<Self>, stop: Stop) {
        tokio::join!(self.store_whole(&stop), self.clone().read_changed(&stop));
    }

    /// Stores whole tickets. A slow helpdesk cannot delay this, because it needs no request.
    async fn store_whole(&self, stop: &Stop) {
        while !stop.soft.is_cancelled() {
            let mut worked = 0;
            for tenant in self.due().await {
                worked += self.whole(&tenant).await.unwrap_or_else(|error| {
                    error!(tenant_id = %tenant, "failed to store tickets of webhook events; retrying: {error}");
                    0
                });
            }
            if worked == 0 {
                idle(stop).await;
            }
        }
    }

    /// Rereads changed tickets, several tenants at a time, so that a slow helpdesk does not delay the others.
    async fn read_changed(self: Arc<Self>, stop: &Stop) {
        let mut under_way = JoinSet::new();
        let mut taken = HashMap::new();
        while !stop.soft.is_cancelled() {
            for tenant in self.due().await {
                if under_way.len() < TENANTS && !taken.values().any(|busy| *busy == tenant) {
                    let (worker, stop, of) = (self.clone(), stop.clone(), tenant.clone());
                    let task = under_way.spawn(async move { worker.changed_of(&of, &stop).await });
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
                    error!("reading changed tickets panicked: {error}");
                    error.id()
                }
                None => continue,
            };
            taken.remove(&id);
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Returns the tenants with due events.
    async fn due(&self) -> Vec<TenantId> {
        let now = clock::now();
        let backlogs = self.store.backlogs().await.unwrap_or_else(|error| {
            warn!("failed to load due webhook events; retrying: {error}");
            Vec::new()
        });
        let due = backlogs.into_iter().filter(|backlog| backlog.due_at <= now);
        due.filter_map(|backlog| backlog.tenant.parse().ok()).collect()
    }

    /// Stores whole tickets of a tenant and returns the number of events.
    async fn whole(&self, tenant: &TenantId) -> Result<usize> {
        let mut notes = self.claim(tenant, EventKind::Resolved, RESOLVED).await?;
        if !notes.is_empty() {
            // If two events have the same time, the one received later wins.
            notes.sort_by_key(|note| note.received_at);
            let batch = self.resolved(tenant, &notes).await?;
            match self.store.apply(tenant, &batch).await {
                Ok(_) => self.store.ack_events(tenant, &notes, clock::now()).await?,
                Err(error) => retry::after_full_quota(&self.store, tenant, &notes, error).await?,
            }
        }
        Ok(notes.len())
    }

    /// Rereads changed tickets of a tenant.
    async fn changed_of(&self, tenant: &TenantId, stop: &Stop) {
        let read = async {
            let events = self.claim(tenant, EventKind::Changed, CHANGED).await?;
            if !events.is_empty() {
                read_again(&self.store, &self.sources, (tenant, &events), stop).await?;
            }
            Ok::<_, crate::Error>(())
        };
        if let Err(error) = read.await {
            error!(tenant_id = %tenant, "failed to read changed tickets; retrying: {error}");
        }
    }

    async fn claim(&self, tenant: &TenantId, kind: EventKind, limit: u32) -> Result<Vec<WebhookEvent>> {
        let now = clock::now();
        let claim = match kind {
            EventKind::Resolved => RESOLVED_CLAIM,
            EventKind::Changed => CHANGED_CLAIM,
        };
        let until = now + claim;
        Ok(self.store.claim_events(tenant, kind, now, until, limit).await?)
    }

    /// Returns a batch with the tickets of the events. Fields that events lack come from the stored rows.
    async fn resolved(&self, tenant: &TenantId, notes: &[WebhookEvent]) -> Result<Batch> {
        let mut batch = Batch {
            reported: true,
            ..Batch::new(None, TicketOrigin::WebhookResolved, clock::now())
        };
        for note in notes {
            match read_ticket(note) {
                Ok(ticket) => batch.tickets.push(Incoming {
                    ticket,
                    raw: Arc::new(note.body.clone()),
                    source_digest: None,
                }),
                Err(reason) => batch.rejections.push(Rejection {
                    ticket_id: None,
                    reason,
                    raw: note.body.clone(),
                }),
            }
        }
        // The last event of a ticket in the batch wins, so the newest one comes last.
        batch
            .tickets
            .sort_by_key(|incoming| incoming.ticket.source_updated_at);
        let ids: Vec<_> = batch
            .tickets
            .iter()
            .map(|incoming| incoming.ticket.id.clone())
            .collect();
        let stored = self.store.tickets(tenant, &ids).await?;
        let stored: HashMap<_, _> = stored.iter().map(|ticket| (&ticket.id, ticket)).collect();
        for Incoming { ticket, .. } in &mut batch.tickets {
            if let Some(before) = stored.get(&ticket.id) {
                ticket.display_id.clone_from(&before.display_id);
                ticket.status.clone_from(&before.status);
                ticket.category.clone_from(&before.category);
                ticket.url.clone_from(&before.url);
            }
        }
        Ok(batch)
    }
}

/// Waits for the next poll, or until `stop` is cancelled.
async fn idle(stop: &Stop) {
    tokio::select! {
        () = stop.soft.cancelled() => {}
        () = tokio::time::sleep(POLL_INTERVAL) => {}
    }
}

/// Reads the ticket of an event. The event was validated when it was accepted.
fn read_ticket(note: &WebhookEvent) -> Result<Ticket, String> {
    let event: Map<String, Value> = serde_json::from_str(&note.body).map_err(|error| error.to_string())?;
    ticket_of(&event, note.received_at).map_err(|errors| FieldError::join(&errors))
}

/// Returns the time at which a change notification is due. Earlier, the API may not show the change yet.
pub fn readable_at(received_at: DateTime<Utc>) -> DateTime<Utc> {
    received_at + TimeDelta::seconds(3)
}
