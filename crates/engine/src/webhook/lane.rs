//! The lane of one tenant's webhook events into the database.
//!
//! A bulk edit causes many events at once, so a lane stores the events that wait in one transaction.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use store::{Added, EventKind, InboxLimits, Store, WebhookEvent};
use ticket::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tracing::warn;

/// Number of events that can wait for the writer before their callers wait too.
const WAITING: usize = 200;

/// Maximum size of the events that wait for the writer, in bytes; more than one event may have.
const WAITING_BYTES: usize = 8 << 20;

/// Number of events of a tenant in a minute, and at once; more are not stored one by one.
const EVENTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(3_000).expect("not zero");

/// Limits of a tenant's unprocessed events.
const LIMITS: InboxLimits = InboxLimits {
    resolved: 10_000,
    changed: 1_000,
    bytes: 256 << 20,
};

/// Outcome for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The event is stored, or a requested sync will read the change.
    Stored,
    /// The tenant's limits do not permit another event.
    Full,
    /// The database failed.
    Failed,
}

/// An event that waits for the writer.
pub(super) struct PendingEvent {
    event: WebhookEvent,
    within_rate: bool,
    stored: oneshot::Sender<Outcome>,
    /// Its share of the waiting bytes.
    _bytes: Option<OwnedSemaphorePermit>,
}

/// The end of a lane that takes events. Clones are the same lane.
#[derive(Clone)]
pub(super) struct Lane {
    events: mpsc::Sender<PendingEvent>,
    bytes: Arc<Semaphore>,
    rate: Arc<DefaultDirectRateLimiter>,
}

impl Lane {
    /// Creates a lane, and the end that a writer reads.
    pub(super) fn new() -> (Self, mpsc::Receiver<PendingEvent>) {
        let (events, receiver) = mpsc::channel(WAITING);
        let lane = Self {
            events,
            bytes: Arc::new(Semaphore::new(WAITING_BYTES)),
            rate: Arc::new(RateLimiter::direct(Quota::per_minute(EVENTS_PER_MINUTE))),
        };
        (lane, receiver)
    }

    /// Waits for a place in the lane, then until the event is stored.
    pub(super) async fn store(&self, event: WebhookEvent) -> Outcome {
        let within_rate = self.rate.check().is_ok();
        if !within_rate && event.kind == EventKind::Resolved {
            return Outcome::Full;
        }
        let bytes = event.body.len().min(WAITING_BYTES) as u32;
        let (stored, outcome) = oneshot::channel();
        let event = PendingEvent {
            _bytes: self.bytes.clone().acquire_many_owned(bytes).await.ok(),
            event,
            within_rate,
            stored,
        };
        if self.events.send(event).await.is_err() {
            return Outcome::Failed;
        }
        outcome.await.unwrap_or(Outcome::Failed)
    }
}

/// Stores the events of a lane.
pub(super) struct Writer {
    pub(super) store: Store,
    pub(super) tenant: TenantId,
    /// Shared by all lanes: each transaction takes one permit, in the order of the requests.
    pub(super) writers: Arc<Semaphore>,
}

impl Writer {
    /// Stores events until the lane is closed.
    pub(super) async fn write(self, mut lane: mpsc::Receiver<PendingEvent>) {
        let mut waiting = Vec::with_capacity(WAITING);
        while lane.recv_many(&mut waiting, WAITING).await > 0 {
            let _permit = self.writers.acquire().await;
            let (mut events, mut callers, mut late) = (Vec::new(), Vec::new(), Vec::new());
            for pending in waiting.drain(..) {
                if pending.within_rate {
                    events.push(pending.event);
                    callers.push(pending.stored);
                } else {
                    late.push((pending.event, pending.stored));
                }
            }
            let outcomes = self.add(&events).await;
            let mut answers: Vec<_> = callers.into_iter().zip(outcomes).collect();
            let changed = late.iter().map(|(event, _)| event);
            let outcome = self.coalesce(changed).await;
            answers.extend(late.into_iter().map(|(_, caller)| (caller, outcome)));
            for (caller, outcome) in answers {
                // A caller that no longer waits will send the event again.
                let _ = caller.send(outcome);
            }
        }
    }

    /// Adds events to the inbox; change notifications that do not fit request a sync.
    async fn add(&self, events: &[WebhookEvent]) -> Vec<Outcome> {
        if events.is_empty() {
            return Vec::new();
        }
        let tenant = &self.tenant;
        let added = match self.store.add_events(tenant, events, &LIMITS).await {
            Ok(added) => added,
            Err(error) => {
                warn!(tenant_id = %tenant, "failed to store {} webhook events: {error}", events.len());
                return vec![Outcome::Failed; events.len()];
            }
        };
        let added: Vec<_> = events.iter().zip(added).collect();
        let is_late = |(event, added): &&(&WebhookEvent, Added)| {
            *added == Added::Full && event.kind == EventKind::Changed
        };
        let late = added.iter().filter(is_late).map(|(event, _)| *event);
        let coalesced = self.coalesce(late).await;
        let outcome = |(event, added): (&WebhookEvent, Added)| match (added, event.kind) {
            (Added::Stored, _) => Outcome::Stored,
            (Added::Full, EventKind::Resolved) => Outcome::Full,
            (Added::Full, EventKind::Changed) => coalesced,
        };
        added.into_iter().map(outcome).collect()
    }

    /// Requests one sync in place of these change notifications.
    async fn coalesce<'e>(&self, events: impl Iterator<Item = &'e WebhookEvent>) -> Outcome {
        let Some(due_at) = events.map(|event| event.due_at).max() else {
            return Outcome::Stored;
        };
        match self.store.request_sync(&self.tenant, due_at).await {
            Ok(true) => Outcome::Stored,
            Ok(false) => Outcome::Full,
            Err(error) => {
                warn!(tenant_id = %self.tenant, "failed to request a sync for webhook events: {error}");
                Outcome::Failed
            }
        }
    }
}
