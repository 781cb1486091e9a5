//! Rereads the tickets that change notifications name.

use std::time::Duration;

use futures::future::join_all;
use store::{Batch, Store, TicketOrigin, WebhookEvent, Withdrawal};
use ticket::{TenantId, TicketId};
use tracing::debug;

use super::retry;
use crate::import::add;
use crate::source::client as source;
use crate::source::{Client, RemoteState, SourcePool, Stop, Window};
use crate::{Result, clock};

/// Maximum pause of a helpdesk that the processor waits for. During a longer one the events stay in the database.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Rereads changed tickets: stores the final ones and withdraws the others.
pub(super) async fn read_again(
    store: &Store,
    sources: &SourcePool,
    (tenant, events): (&TenantId, &[WebhookEvent]),
    stop: &Stop,
) -> Result<()> {
    let stop = Stop {
        longest_pause: Some(LONGEST_PAUSE),
        ..stop.clone()
    };
    let client = match sources.client_of(tenant).await {
        Ok((_, client)) => client.stopped_by(stop),
        Err(error) => {
            let reason = error.in_full();
            for event in events {
                retry::after_failure(store, tenant, event, &reason).await?;
            }
            return Ok(());
        }
    };
    let large = read_together(store, &client.reading_ahead(), tenant, events).await?;
    for event in large {
        read_together(store, &client, tenant, &[event]).await?;
    }
    Ok(())
}

/// Rereads changed tickets together, with one request per claimed event. Returns the events whose tickets are too large
/// for that client.
async fn read_together(
    store: &Store,
    client: &Client,
    tenant: &TenantId,
    events: &[WebhookEvent],
) -> Result<Vec<WebhookEvent>> {
    let window = Window::anything(clock::now());
    let read_at = clock::now();
    let mut lookups = Vec::new();
    for event in events {
        lookups.push(look_up(client, &window, event));
    }
    let found = events.iter().zip(join_all(lookups).await);
    let mut batch = Batch {
        read_at,
        ..Batch::new(None, TicketOrigin::WebhookResolved, clock::now())
    };
    let (mut done, mut large) = (Vec::new(), Vec::new());
    for (event, found) in found {
        let withdrawal = match found {
            Ok((_, RemoteState::Final(outcome))) => {
                add(&mut batch, outcome);
                None
            }
            Ok((_, RemoteState::NotFinal(ticket))) => Some((ticket.id, ticket.changed_at)),
            Ok((id, RemoteState::Gone(_))) => Some((id, None)),
            Ok((_, RemoteState::Archived | RemoteState::Hidden)) => None,
            Err(source::Error::TooLong { .. }) if client.reads_ahead() => {
                large.push(event.clone());
                continue;
            }
            Err(error) => {
                retry::after_error(store, tenant, event, &error).await?;
                continue;
            }
        };
        let withdrawal = withdrawal.map(|(id, changed_at)| Withdrawal { id, changed_at });
        batch.withdrawals.extend(withdrawal);
        done.push(event.clone());
    }
    let applied = match store.apply(tenant, &batch).await {
        Ok(applied) => applied,
        Err(error) => {
            retry::after_full_quota(store, tenant, &done, error).await?;
            return Ok(large);
        }
    };
    debug!(tenant_id = %tenant, events = done.len(), withdrawn = applied.withdrawn, "reread changed tickets");
    store.ack_events(tenant, &done, clock::of(store).await).await?;
    Ok(large)
}

/// Looks up the ticket that an event names by its id or, if no ticket has that id, by its number.
async fn look_up(
    client: &Client,
    window: &Window,
    event: &WebhookEvent,
) -> source::Result<(TicketId, RemoteState)> {
    let Some(id) = TicketId::new(&event.body) else {
        return Err(source::Error::NotFound("the event names no ticket".to_owned()));
    };
    match client.look_up(window, &id).await? {
        RemoteState::Gone(reason) => match client.by_display_id(&id).await? {
            Some(id) => Ok((id.clone(), client.look_up(window, &id).await?)),
            None => Ok((id, RemoteState::Gone(reason))),
        },
        found => Ok((id, found)),
    }
}
