//! Webhook events that wait to be processed: `inbox`.

mod row;

use chrono::{DateTime, Utc};
use ticket::TenantId;

use crate::scope::Scope;
use crate::{Backlog, EventKind, Result, Store, WebhookEvent};
use row::EventRow;

impl Store {
    /// Adds events. An event that is stored already is renewed, since its ticket may have changed once more: its attempts
    /// start again, and a dead-lettered one is due again.
    pub async fn add_events(&self, tenant: &TenantId, events: &[WebhookEvent]) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                for event in events {
                    connection
                        .query(
                            "insert into inbox (tenant_id, note_id, kind, body, received_at, due_at)
                             values ($1, $2, $3, $4, $5, $6)
                             on conflict (tenant_id, note_id) do update
                             set received_at = excluded.received_at, attempts = 0, error = null,
                                 due_at = case when inbox.failed_at is null then inbox.due_at
                                     else excluded.due_at end,
                                 failed_at = null",
                        )
                        .bind(tenant.as_str())
                        .bind(&event.id)
                        .bind(event.kind.as_str())
                        .bind(&event.body)
                        .bind(event.received_at)
                        .bind(event.due_at)
                        .execute()
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Claims at most `limit` due events of a kind: for other callers they are not due before `until`.
    pub async fn claim_events(
        &self,
        tenant: &TenantId,
        kind: EventKind,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<WebhookEvent>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<EventRow> = connection
                    .query(
                        "update inbox set due_at = $3
                         where tenant_id = $1 and kind = $5 and failed_at is null and due_at <= $2
                             and note_id in (
                                 select note_id from inbox
                                 where tenant_id = $1 and kind = $5 and failed_at is null and due_at <= $2
                                 order by due_at limit $4
                             )
                         returning *",
                    )
                    .bind(tenant.as_str())
                    .bind(now)
                    .bind(until)
                    .bind(i64::from(limit))
                    .bind(kind.as_str())
                    .fetch_all()
                    .await?;
                rows.into_iter().map(EventRow::into_event).collect()
            })
        })
        .await
    }

    /// Deletes processed events. An event that was received again meanwhile stays and is due now.
    pub async fn ack_events(
        &self,
        tenant: &TenantId,
        events: &[WebhookEvent],
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                for event in events {
                    let deleted = connection
                        .query(
                            "delete from inbox where tenant_id = $1 and note_id = $2 and received_at = $3
                             returning note_id",
                        )
                        .bind(tenant.as_str())
                        .bind(&event.id)
                        .bind(event.received_at)
                        .has_row()
                        .await?;
                    if !deleted {
                        connection
                            .query("update inbox set due_at = $3 where tenant_id = $1 and note_id = $2")
                            .bind(tenant.as_str())
                            .bind(&event.id)
                            .bind(now)
                            .execute()
                            .await?;
                    }
                }
                Ok(())
            })
        })
        .await
    }

    /// Stores `due_at`, `attempts`, `error` and `failed_at` of an event.
    pub async fn postpone_event(&self, tenant: &TenantId, event: &WebhookEvent) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "update inbox set due_at = $3, attempts = $4, error = $5, failed_at = $6
                         where tenant_id = $1 and note_id = $2",
                    )
                    .bind(tenant.as_str())
                    .bind(&event.id)
                    .bind(event.due_at)
                    .bind(i64::from(event.attempts))
                    .bind(&event.error)
                    .bind(event.failed_at)
                    .execute()
                    .await
            })
        })
        .await
    }

    /// Returns the next `limit` events after `after` in the order they were received, including dead-lettered ones.
    pub async fn events(
        &self,
        tenant: &TenantId,
        after: Option<&WebhookEvent>,
        limit: u32,
    ) -> Result<Vec<WebhookEvent>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<EventRow> = connection
                    .query(
                        "select * from inbox
                         where tenant_id = $1 and ($3 is null or (received_at, note_id) > ($3, $4))
                         order by received_at, note_id limit $2",
                    )
                    .bind(tenant.as_str())
                    .bind(i64::from(limit))
                    .bind(after.map(|event| event.received_at))
                    .bind(after.map(|event| &event.id))
                    .fetch_all()
                    .await?;
                rows.into_iter().map(EventRow::into_event).collect()
            })
        })
        .await
    }

    /// Returns the backlog of every tenant with unprocessed events; the tenant with the oldest event comes first.
    pub async fn backlogs(&self) -> Result<Vec<Backlog>> {
        self.transact(Scope::Lists, |connection| {
            Box::pin(async move {
                let rows: Vec<(String, i64, DateTime<Utc>, DateTime<Utc>)> = connection
                    .query(
                        "select tenant_id, count(*), min(received_at), min(due_at) from inbox
                         where failed_at is null
                         group by tenant_id order by min(received_at)",
                    )
                    .fetch_all()
                    .await?;
                let backlog = |(tenant, events, oldest, due_at): (_, i64, _, _)| Backlog {
                    tenant,
                    events: events.unsigned_abs(),
                    oldest,
                    due_at,
                };
                Ok(rows.into_iter().map(backlog).collect())
            })
        })
        .await
    }
}
