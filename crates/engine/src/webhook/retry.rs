//! Schedules a webhook event again that could not be processed.

use chrono::TimeDelta;
use store::{Note, Store};
use ticket::TenantId;
use tracing::{error, info};

use crate::backoff::doubled;
use crate::source::client as source;
use crate::{Result, clock};

/// Delay after the first failure; it doubles after each further one.
const FIRST_DELAY: TimeDelta = TimeDelta::seconds(5);

/// Maximum delay.
const LONGEST_DELAY: TimeDelta = TimeDelta::hours(1);

/// Number of failures after which an event is dead-lettered.
const ATTEMPTS: u32 = 12;

/// Schedules an event for the end of a helpdesk's pause, or for the next process. The attempt does not count as a
/// failure.
pub(super) async fn after_interruption(
    store: &dyn Store,
    tenant: &TenantId,
    event: &Note,
    interruption: &source::Error,
) -> Result<()> {
    let due_at = match interruption {
        source::Error::Paused { until, .. } => *until,
        _ => clock::now(),
    };
    let event = Note {
        due_at,
        error: Some(interruption.to_string()),
        ..event.clone()
    };
    Ok(store.postpone_note(tenant, &event).await?)
}

/// Schedules a failed event again, or dead-letters it. A dead-lettered event waits for an operator.
pub(super) async fn after_failure(
    store: &dyn Store,
    tenant: &TenantId,
    event: &Note,
    reason: &str,
) -> Result<()> {
    let now = clock::now();
    let attempts = event.attempts + 1;
    let event = Note {
        due_at: now + doubled(FIRST_DELAY, LONGEST_DELAY, attempts),
        attempts,
        error: Some(reason.to_owned()),
        failed_at: (attempts >= ATTEMPTS).then_some(now),
        ..event.clone()
    };
    match event.failed_at {
        Some(_) => {
            error!(tenant_id = %tenant, event_id = event.id, "dead-lettered a webhook event after {attempts} attempts: {reason}")
        }
        None => {
            info!(tenant_id = %tenant, event_id = event.id, attempts, "failed to process a webhook event; retrying later: {reason}")
        }
    }
    Ok(store.postpone_note(tenant, &event).await?)
}
