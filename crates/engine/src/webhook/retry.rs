//! Stores the next state of a webhook event that could not be processed.

use chrono::TimeDelta;
use store::{RetryPolicy, Store, WebhookEvent};
use ticket::TenantId;
use tracing::{error, info};

use crate::source::client as source;
use crate::{Result, clock};

/// Retry policy of webhook events.
const POLICY: RetryPolicy = RetryPolicy {
    first: TimeDelta::seconds(5),
    longest: TimeDelta::hours(1),
    attempts: 12,
};

/// Schedules an event again after an error of the helpdesk. An interruption does not count as a failure of the event.
pub(super) async fn after_error(
    store: &Store,
    tenant: &TenantId,
    event: &WebhookEvent,
    error: &source::Error,
) -> Result<()> {
    match error.is_interruption() {
        true => after_interruption(store, tenant, event, error).await,
        false => after_failure(store, tenant, event, &error.to_string()).await,
    }
}

/// Schedules an event for the end of a helpdesk's pause, or for the next process. The number of attempts stays.
async fn after_interruption(
    store: &Store,
    tenant: &TenantId,
    event: &WebhookEvent,
    interruption: &source::Error,
) -> Result<()> {
    let until = match interruption {
        source::Error::Paused { until, .. } => *until,
        _ => clock::of(store).await,
    };
    let event = event.clone().pause_until(until, interruption.to_string());
    Ok(store.postpone_event(tenant, &event).await?)
}

/// Schedules events again that could not be stored because the tenant has used its quota.
///
/// # Errors
/// Any other error of the store.
pub(super) async fn after_full_quota(
    store: &Store,
    tenant: &TenantId,
    events: &[WebhookEvent],
    error: store::Error,
) -> Result<()> {
    if !matches!(error, store::Error::QuotaFull { .. }) {
        return Err(error.into());
    }
    for event in events {
        after_failure(store, tenant, event, &error.to_string()).await?;
    }
    Ok(())
}

/// Schedules a failed event again, or dead-letters it: then it waits for an operator.
pub(super) async fn after_failure(
    store: &Store,
    tenant: &TenantId,
    event: &WebhookEvent,
    reason: &str,
) -> Result<()> {
    let event = event
        .clone()
        .retry_after_failure(clock::of(store).await, reason.to_owned(), &POLICY);
    let attempts = event.attempts;
    match event.is_dead_lettered() {
        true => {
            error!(tenant_id = %tenant, event_id = event.id, "dead-lettered a webhook event after {attempts} attempts: {reason}")
        }
        false => {
            info!(tenant_id = %tenant, event_id = event.id, attempts, "failed to process a webhook event; retrying later: {reason}")
        }
    }
    Ok(store.postpone_event(tenant, &event).await?)
}

/// Dead-letters an event during which the process died each time.
pub(super) async fn after_deaths(store: &Store, tenant: &TenantId, event: &WebhookEvent) -> Result<()> {
    let reason = format!(
        "the worker process died {} times during this event; next: precedent inbox retry --tenant-id={tenant}",
        event.deaths()
    );
    error!(tenant_id = %tenant, event_id = event.id, "dead-lettered a webhook event: {reason}");
    let event = event.clone().dead_letter(clock::of(store).await, reason);
    Ok(store.postpone_event(tenant, &event).await?)
}
