//! Claims of due events.

use chrono::{DateTime, TimeDelta, Utc};
use ticket::TenantId;

use super::row::EventRow;
use crate::scope::Scope;
use crate::{Error, EventKind, Result, Store, WebhookEvent};

/// Longest time until an event is due again after its last attempt, with a reserve: backoffs and pauses last an hour at
/// most. An event that is due later was stored while a clock was wrong, and counts as due.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(2);

/// Longest claim, with a reserve.
const LONGEST_CLAIM: TimeDelta = TimeDelta::minutes(2);

/// Due events of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueEvents {
    /// Tenant of the events.
    pub tenant: TenantId,
    /// Content of the events.
    pub kind: EventKind,
    /// A process died during each of them.
    pub suspect: bool,
}

/// Events to claim, in the order in which they became due.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// Content of the events.
    pub kind: EventKind,
    /// Whether to claim events during which a process died, or others.
    pub suspect: bool,
    /// Maximum number.
    pub events: u32,
    /// Maximum size of their bodies in bytes; a single event may be larger.
    pub bytes: u64,
    /// Current time of the database's clock.
    pub now: DateTime<Utc>,
    /// End of the claim.
    pub until: DateTime<Utc>,
}

impl Store {
    /// Returns the tenants with due events, by kind and suspicion; those that wait longest come first.
    pub async fn due_events(&self, now: DateTime<Utc>) -> Result<Vec<DueEvents>> {
        self.transact(Scope::Lists, |connection| {
            Box::pin(async move {
                let rows: Vec<(String, String, bool)> = connection
                    .query(
                        "select tenant_id, kind, claims > 0 from inbox
                         where failed_at is null
                             and (due_at <= $1 or due_at > $2 or (claims > 0 and due_at > $3))
                         group by tenant_id, kind, claims > 0 order by min(due_at)",
                    )
                    .bind(now)
                    .bind(now + LONGEST_WAIT)
                    .bind(now + LONGEST_CLAIM)
                    .fetch_all()
                    .await?;
                let corrupt = |column| Error::Corrupt { column };
                let due = |(tenant, kind, suspect): (String, String, bool)| {
                    Ok(DueEvents {
                        tenant: tenant.parse().map_err(|_| corrupt("inbox.tenant_id"))?,
                        kind: EventKind::parse(&kind).ok_or_else(|| corrupt("inbox.kind"))?,
                        suspect,
                    })
                };
                rows.into_iter().map(due).collect()
            })
        })
        .await
    }

    /// Claims due events: for other callers they are not due before the end of the claim. Counts the claim before the
    /// work begins, so that the death of this process shows.
    pub async fn claim_events(&self, tenant: &TenantId, claim: Claim) -> Result<Vec<WebhookEvent>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<EventRow> = connection
                    .query(
                        "update inbox set due_at = $4, claims = claims + 1
                         where tenant_id = $1 and kind = $2 and failed_at is null
                             and (due_at <= $3 or due_at > $5 or (claims > 0 and due_at > $6))
                             and note_id in (
                                 select note_id from (
                                     select note_id, octet_length(body) as bytes,
                                         sum(octet_length(body)) over (order by due_at, note_id) as total
                                     from (
                                         select note_id, due_at, body from inbox
                                         where tenant_id = $1 and kind = $2 and failed_at is null
                                             and (due_at <= $3 or due_at > $5 or (claims > 0 and due_at > $6))
                                             and (claims > 0) = $7
                                         order by due_at, note_id limit $8
                                     ) as due
                                 ) as sized
                                 where total <= $9 or total = bytes
                             )
                         returning *",
                    )
                    .bind(tenant.as_str())
                    .bind(claim.kind.as_str())
                    .bind(claim.now)
                    .bind(claim.until)
                    .bind(claim.now + LONGEST_WAIT)
                    .bind(claim.now + LONGEST_CLAIM)
                    .bind(claim.suspect)
                    .bind(i64::from(claim.events))
                    .bind(i64::try_from(claim.bytes).unwrap_or(i64::MAX))
                    .fetch_all()
                    .await?;
                rows.into_iter().map(EventRow::into_event).collect()
            })
        })
        .await
    }
}
