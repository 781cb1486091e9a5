//! Stores the whole tickets of webhook events.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use store::{Batch, Incoming, Rejection, Store, TicketOrigin, WebhookEvent};
use ticket::{FieldError, TenantId, Ticket};

use super::resolved::ticket_of;
use super::retry;
use crate::{Result, clock};

/// Stores the tickets of claimed events, and deletes the events.
pub(super) async fn store_whole(
    store: &Store,
    tenant: &TenantId,
    mut notes: Vec<WebhookEvent>,
) -> Result<()> {
    // If two events have the same time, the one received later wins.
    notes.sort_by_key(|note| note.received_at);
    let batch = resolved(store, tenant, &notes).await?;
    match store.apply(tenant, &batch).await {
        Ok(_) => Ok(store.ack_events(tenant, &notes, clock::of(store).await).await?),
        Err(error) => retry::after_full_quota(store, tenant, &notes, error).await,
    }
}

/// Returns a batch with the tickets of the events. Fields that events lack come from the stored rows.
async fn resolved(store: &Store, tenant: &TenantId, notes: &[WebhookEvent]) -> Result<Batch> {
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
    let stored = store.tickets(tenant, &ids).await?;
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

/// Reads the ticket of an event. The event was validated when it was accepted.
fn read_ticket(note: &WebhookEvent) -> Result<Ticket, String> {
    let event: Map<String, Value> = serde_json::from_str(&note.body).map_err(|error| error.to_string())?;
    ticket_of(&event, note.received_at).map_err(|errors| FieldError::join(&errors))
}
