//! Working off what helpdesks reported.
//!
//! A whole ticket is stored as it was reported, unless what is stored is newer. A hint is an id: the ticket is read anew
//! and stored, or withdrawn. Nothing of this needs the tenant to itself, so reports do not wait for an import to end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use servicedesk::Stop;
use store::{Batch, Incoming, Note, NoteKind, Rejection, Source, Store};
use ticket::{TenantId, Ticket};
use tokio::task::JoinSet;
use tracing::{error, warn};

use crate::clock;
use crate::desks::Desks;
use crate::search::question::in_words;
use crate::webhook::resolved;

/// Between two looks for work where there was none.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Tenants that are worked on at the same time.
const TENANTS: usize = 8;

/// Notes taken at once: of whole tickets, and of hints, each of which is a call or more.
const RESOLVED: u32 = 500;
const CHANGED: u32 = 16;

/// For so long nobody else takes them: whoever did may be gone.
const RESOLVED_CLAIM: TimeDelta = TimeDelta::seconds(5);
const CHANGED_CLAIM: TimeDelta = TimeDelta::seconds(60);

pub(crate) struct Worker {
    pub(super) store: Arc<dyn Store>,
    pub(super) desks: Arc<Desks>,
}

impl Worker {
    pub(crate) fn new(store: Arc<dyn Store>, desks: Arc<Desks>) -> Self {
        Self { store, desks }
    }

    /// Works until told to stop. Several processes may.
    pub(crate) async fn run(self: Arc<Self>, stop: Stop) {
        tokio::join!(self.store_whole(&stop), self.clone().read_changed(&stop));
    }

    /// Stores whole tickets as they come: no helpdesk is asked, so none can hold this up.
    async fn store_whole(&self, stop: &Stop) {
        while !stop.soft.is_cancelled() {
            let mut worked = 0;
            for tenant in self.due().await {
                worked += self.whole(&tenant).await.unwrap_or_else(|error| {
                    error!(tenant_id = %tenant, "failed to store reported tickets; trying again: {error:#}");
                    0
                });
            }
            if worked == 0 {
                idle(stop).await;
            }
        }
    }

    /// Reads changed tickets anew, some tenants at a time: one whose helpdesk is slow keeps its own place only.
    async fn read_changed(self: Arc<Self>, stop: &Stop) {
        let mut under_way = JoinSet::new();
        let mut taken = HashMap::new();
        while !stop.soft.is_cancelled() {
            for tenant in self.due().await {
                if under_way.len() < TENANTS && !taken.values().any(|at_work| *at_work == tenant) {
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

    /// Tenants with something to do.
    async fn due(&self) -> Vec<TenantId> {
        let now = clock::now();
        let backlogs = self.store.backlogs().await.unwrap_or_else(|error| {
            warn!("failed to read the inbox; trying again: {error:#}");
            Vec::new()
        });
        let due = backlogs.into_iter().filter(|backlog| backlog.due_at <= now);
        due.filter_map(|backlog| backlog.tenant.parse().ok()).collect()
    }

    /// Stores some whole tickets of a tenant; how many events.
    async fn whole(&self, tenant: &TenantId) -> anyhow::Result<usize> {
        let mut notes = self.claim(tenant, NoteKind::Resolved, RESOLVED).await?;
        if !notes.is_empty() {
            // Of two of the same time the later one is the truth.
            notes.sort_by_key(|note| note.received_at);
            let batch = self.resolved(tenant, &notes).await?;
            self.store.apply(tenant, &batch).await?;
            self.store.settle_notes(tenant, &notes, clock::now()).await?;
        }
        Ok(notes.len())
    }

    /// Reads some changed tickets of a tenant.
    async fn changed_of(&self, tenant: &TenantId, stop: &Stop) {
        let read = async {
            let hints = self.claim(tenant, NoteKind::Changed, CHANGED).await?;
            if !hints.is_empty() {
                self.changed(tenant, &hints, stop).await?;
            }
            Ok::<_, anyhow::Error>(())
        };
        if let Err(error) = read.await {
            error!(tenant_id = %tenant, "failed to read changed tickets; trying again: {error:#}");
        }
    }

    async fn claim(&self, tenant: &TenantId, kind: NoteKind, limit: u32) -> anyhow::Result<Vec<Note>> {
        let now = clock::now();
        let claim = match kind {
            NoteKind::Resolved => RESOLVED_CLAIM,
            NoteKind::Changed => CHANGED_CLAIM,
        };
        let until = now + claim;
        Ok(self.store.claim_notes(tenant, kind, now, until, limit).await?)
    }

    /// Tickets as they were reported, with what only the helpdesk itself told before.
    async fn resolved(&self, tenant: &TenantId, notes: &[Note]) -> anyhow::Result<Batch> {
        let mut batch = Batch {
            reported: true,
            ..Batch::new(None, Source::WebhookResolved, clock::now())
        };
        for note in notes {
            match reported(note) {
                Ok(ticket) => batch.tickets.push(Incoming {
                    ticket,
                    raw: Arc::new(note.body.clone()),
                    source_digest: None,
                }),
                Err(reason) => batch.rejected.push(Rejection {
                    ticket_id: None,
                    reason,
                    raw: note.body.clone(),
                }),
            }
        }
        // Of two reports of one ticket the last in a batch counts: the newer one, whichever came later.
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

/// Waits a while, or until told to stop.
async fn idle(stop: &Stop) {
    tokio::select! {
        () = stop.soft.cancelled() => {}
        () = tokio::time::sleep(LOOK_EVERY) => {}
    }
}

/// The ticket that was reported; it was looked at when it was accepted.
fn reported(note: &Note) -> Result<Ticket, String> {
    let report: Map<String, Value> = serde_json::from_str(&note.body).map_err(|error| error.to_string())?;
    resolved::ticket(&report, note.received_at).map_err(|invalid| in_words(&invalid))
}

/// When a hint is worked on: what it tells of may not be readable through the API before.
pub(crate) fn readable_at(received_at: DateTime<Utc>) -> DateTime<Utc> {
    received_at + TimeDelta::seconds(3)
}
