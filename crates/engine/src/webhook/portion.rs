//! Processes a portion of a tenant's webhook events.
//!
//! An event that was claimed before and has no outcome is a suspect: the process that claimed it died. Suspects are
//! processed one by one while nothing else is under way in this process, so that the next death convicts one event.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use store::{Claim, DueEvents, EventKind, Store, WebhookEvent};
use ticket::TenantId;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use tracing::error;

use super::changed::read_again;
use super::retry;
use super::whole::store_whole;
use crate::Result;
use crate::source::{SourcePool, Stop};

/// Maximum number of whole tickets per claim.
const RESOLVED: u32 = 500;

/// Maximum number of change notifications per claim; each takes at least one request.
const CHANGED: u32 = 16;

/// Maximum size of the events of a claim in memory.
const CLAIM_BYTES: u64 = 16 << 20;

/// Claim duration of whole tickets; an expired claim can be retaken.
const RESOLVED_CLAIM: TimeDelta = TimeDelta::seconds(30);

/// Claim duration of change notifications.
const CHANGED_CLAIM: TimeDelta = TimeDelta::seconds(60);

/// Time limit for the requests of a portion, shorter than its claim.
const CHANGED_TIME: Duration = Duration::from_secs(45);

/// Time for which suspects of one tenant have the process for themselves.
const ALONE_TIME: Duration = Duration::from_secs(10);

/// Deaths in a row after which an event is dead-lettered: the first one in company, the others alone.
const MAX_DEATHS: u32 = 3;

/// Context that all portions share.
pub(super) struct Portions {
    pub(super) store: Store,
    pub(super) sources: Arc<SourcePool>,
}

impl Portions {
    /// Processes a portion of a tenant's due events. Logs errors: the claim expires, and the events are retried.
    pub(super) async fn process(&self, due: &DueEvents, stop: &Stop) {
        let _place = self.sources.company().place(due.suspect).await;
        let begun = Instant::now();
        loop {
            match self.portion(due, stop).await {
                // Most suspects are innocent and take a moment.
                Ok(events) if events > 0 && due.suspect && begun.elapsed() < ALONE_TIME => {}
                Ok(_) => return,
                Err(error) => {
                    error!(tenant_id = %due.tenant, "failed to process webhook events; retrying: {error}");
                    return;
                }
            }
            if stop.soft.is_cancelled() {
                return;
            }
        }
    }

    /// Claims and processes events; returns their number.
    async fn portion(&self, due: &DueEvents, stop: &Stop) -> Result<usize> {
        let tenant = &due.tenant;
        let mut events = self.claim(due).await?;
        let claimed = events.len();
        for event in events.extract_if(.., |event| event.deaths() >= MAX_DEATHS) {
            retry::after_deaths(&self.store, tenant, &event).await?;
        }
        match due.kind {
            _ if events.is_empty() => {}
            EventKind::Resolved => store_whole(&self.store, tenant, events).await?,
            EventKind::Changed => self.changed(tenant, &events, stop).await?,
        }
        Ok(claimed)
    }

    async fn claim(&self, due: &DueEvents) -> Result<Vec<WebhookEvent>> {
        let (events, claim) = match due.kind {
            EventKind::Resolved => (RESOLVED, RESOLVED_CLAIM),
            EventKind::Changed => (CHANGED, CHANGED_CLAIM),
        };
        let now = self.store.now().await?;
        let claim = Claim {
            kind: due.kind,
            suspect: due.suspect,
            events: if due.suspect { 1 } else { events },
            bytes: CLAIM_BYTES,
            now,
            until: now + claim,
        };
        Ok(self.store.claim_events(&due.tenant, claim).await?)
    }

    /// Rereads changed tickets. What is not answered within the time limit is due again.
    async fn changed(&self, tenant: &TenantId, events: &[WebhookEvent], stop: &Stop) -> Result<()> {
        let bounded = Stop {
            hard: stop.hard.child_token(),
            ..stop.child()
        };
        let limit = bounded.clone();
        let _time_limit = AbortOnDropHandle::new(tokio::spawn(async move {
            tokio::time::sleep(CHANGED_TIME).await;
            limit.soft.cancel();
            limit.hard.cancel();
        }));
        read_again(&self.store, &self.sources, (tenant, events), &bounded).await
    }
}
