//! Webhook events that wait to be processed: `inbox`.

mod claims;
mod intake;
mod row;

use chrono::{DateTime, Utc};
use ticket::TenantId;

use crate::scope::Scope;
use crate::{Backlog, Result, Store, WebhookEvent};
pub use claims::{Claim, DueEvents};
pub use intake::{Added, InboxLimits};
use row::EventRow;

impl Store {
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
                            .query(
                                "update inbox set due_at = $3, claims = 0
                                 where tenant_id = $1 and note_id = $2",
                            )
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

    /// Stores `due_at`, `attempts`, `claims`, `error` and `failed_at` of an event.
    pub async fn postpone_event(&self, tenant: &TenantId, event: &WebhookEvent) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "update inbox set due_at = $3, attempts = $4, error = $5, failed_at = $6, claims = $7
                         where tenant_id = $1 and note_id = $2",
                    )
                    .bind(tenant.as_str())
                    .bind(&event.id)
                    .bind(event.due_at)
                    .bind(i64::from(event.attempts))
                    .bind(&event.error)
                    .bind(event.failed_at)
                    .bind(i64::from(event.claims))
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
                let rows: Vec<(String, i64, DateTime<Utc>)> = connection
                    .query(
                        "select tenant_id, count(*), min(received_at) from inbox
                         where failed_at is null
                         group by tenant_id order by min(received_at)",
                    )
                    .fetch_all()
                    .await?;
                let backlog = |(tenant, events, oldest): (_, i64, _)| Backlog {
                    tenant,
                    events: events.unsigned_abs(),
                    oldest,
                };
                Ok(rows.into_iter().map(backlog).collect())
            })
        })
        .await
    }
}
