//! Adds events within the limits of their tenant, and requests a sync instead of many change notifications.

use chrono::{DateTime, Utc};
use ticket::TenantId;

use crate::connection::Connection;
use crate::scope::Scope;
use crate::{EventKind, Result, Store, WebhookEvent};

/// Limits of the stored events of one tenant, dead-lettered ones included.
#[derive(Clone, Copy, Debug)]
pub struct InboxLimits {
    /// Maximum number of whole tickets.
    pub resolved: u64,
    /// Maximum number of change notifications.
    pub changed: u64,
    /// Maximum size of the bodies of one kind in bytes.
    pub bytes: u64,
}

/// Outcome of adding an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// The event is stored.
    Stored,
    /// The tenant has as many events as its limits permit; the event is not stored.
    Full,
}

/// Stored events of one tenant and kind.
struct Usage {
    kind: EventKind,
    events: u64,
    bytes: u64,
}

impl Store {
    /// Adds events within the tenant's limits; returns the outcome of each. An event that is stored already is renewed,
    /// since its ticket may have changed once more: its attempts start again, and a dead-lettered one is due again. The
    /// claims without an outcome stay.
    pub async fn add_events(
        &self,
        tenant: &TenantId,
        events: &[WebhookEvent],
        limits: &InboxLimits,
    ) -> Result<Vec<Added>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let mut usages: Vec<Usage> = Vec::new();
                let mut added = Vec::with_capacity(events.len());
                for event in events {
                    let known = usages.iter().position(|usage| usage.kind == event.kind);
                    let known = match known {
                        Some(known) => known,
                        None => {
                            usages.push(usage(connection, tenant, event.kind).await?);
                            usages.len() - 1
                        }
                    };
                    let fits =
                        usages[known].take(event, limits) || is_stored(connection, tenant, event).await?;
                    added.push(match fits {
                        true => {
                            store_event(connection, tenant, event).await?;
                            Added::Stored
                        }
                        false => Added::Full,
                    });
                }
                Ok(added)
            })
        })
        .await
    }

    /// Requests a sync that reads the changes at this time, unless one is requested already. Returns `false` if no sync
    /// would read them: no import has finished yet, or the sync is dead-lettered.
    pub async fn request_sync(&self, tenant: &TenantId, due_at: DateTime<Utc>) -> Result<bool> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                // A sync that is under way may have read the tickets already, so its request moves behind it, once.
                connection
                    .query(
                        "insert into jobs (tenant_id, kind, due_at)
                         select $1, 'sync', $2 where exists (
                             select 1 from import_runs
                             where tenant_id = $1 and kind = 'import' and state = 'finished'
                         )
                         on conflict (tenant_id, kind) do update set due_at = excluded.due_at
                         where jobs.failed_at is null and exists (
                             select 1 from attempts
                             where attempts.tenant_id = jobs.tenant_id and attempts.kind = 'sync'
                                 and attempts.begun_at >= jobs.due_at
                         )",
                    )
                    .bind(tenant.as_str())
                    .bind(due_at)
                    .execute()
                    .await?;
                connection
                    .query(
                        "select 1 from jobs
                         where tenant_id = $1 and kind = 'sync' and failed_at is null",
                    )
                    .bind(tenant.as_str())
                    .has_row()
                    .await
            })
        })
        .await
    }
}

impl Usage {
    /// Counts an event if it fits.
    fn take(&mut self, event: &WebhookEvent, limits: &InboxLimits) -> bool {
        let events = match self.kind {
            EventKind::Resolved => limits.resolved,
            EventKind::Changed => limits.changed,
        };
        let bytes = self.bytes + event.body.len() as u64;
        let fits = self.events < events && bytes <= limits.bytes;
        if fits {
            self.events += 1;
            self.bytes = bytes;
        }
        fits
    }
}

async fn usage(connection: &mut Connection, tenant: &TenantId, kind: EventKind) -> Result<Usage> {
    let (events, bytes): (i64, i64) = connection
        .query(
            "select count(*), coalesce(sum(octet_length(body)), 0) from inbox
             where tenant_id = $1 and kind = $2",
        )
        .bind(tenant.as_str())
        .bind(kind.as_str())
        .fetch_one()
        .await?;
    let (events, bytes) = (events.unsigned_abs(), bytes.unsigned_abs());
    Ok(Usage { kind, events, bytes })
}

async fn is_stored(connection: &mut Connection, tenant: &TenantId, event: &WebhookEvent) -> Result<bool> {
    connection
        .query("select 1 from inbox where tenant_id = $1 and note_id = $2")
        .bind(tenant.as_str())
        .bind(&event.id)
        .has_row()
        .await
}

async fn store_event(connection: &mut Connection, tenant: &TenantId, event: &WebhookEvent) -> Result<()> {
    connection
        .query(
            "insert into inbox (tenant_id, note_id, kind, body, received_at, due_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, note_id) do update
             set received_at = excluded.received_at, attempts = 0, error = null,
                 due_at = case when inbox.failed_at is null then inbox.due_at else excluded.due_at end,
                 failed_at = null",
        )
        .bind(tenant.as_str())
        .bind(&event.id)
        .bind(event.kind.as_str())
        .bind(&event.body)
        .bind(event.received_at)
        .bind(event.due_at)
        .execute()
        .await
}
