//! Tickets that a reconciliation has met: `sightings`.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use ticket::{TenantId, TicketId};

use crate::connection::Connection;
use crate::query::Sql;
use crate::scope::Scope;
use crate::{Error, RemoteAnswer, Result, Store};

impl Store {
    /// Returns the served tickets of a range that the source has not shown since: the first `limit` by id. A list, an
    /// answer and a stored row count since the first instant, the answer that a ticket is archived since the second.
    pub async fn unseen_tickets(
        &self,
        tenant: &TenantId,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        (since, archived_since): (DateTime<Utc>, DateTime<Utc>),
        limit: u32,
    ) -> Result<Vec<TicketId>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<(String,)> = connection
                    .query(
                        "select ticket_id from ticket_history as stored
                         where tenant_id = $1 and resolved_date >= $2 and resolved_date <= $3
                             and withdrawn_at is null and (updated_at is null or updated_at < $4)
                             and not exists (
                                 select 1 from sightings
                                 where sightings.tenant_id = $1 and sightings.ticket_id = stored.ticket_id
                                     and (seen_at >= $4 or asked_at >= case answer
                                         when 'archived' then $5 else $4 end)
                             )
                         order by ticket_id limit $6",
                    )
                    .bind(tenant.as_str())
                    .bind(from)
                    .bind(to)
                    .bind(since)
                    .bind(archived_since)
                    .bind(i64::from(limit))
                    .fetch_all()
                    .await?;
                rows.iter().map(|(id,)| ticket_id(id)).collect()
            })
        })
        .await
    }

    /// Stores the helpdesk's answer about a ticket that no list shows.
    pub async fn record_answer(
        &self,
        tenant: &TenantId,
        id: &TicketId,
        answer: RemoteAnswer,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "insert into sightings (tenant_id, ticket_id, asked_at, answer)
                         values ($1, $2, $3, $4)
                         on conflict (tenant_id, ticket_id) do update
                         set asked_at = excluded.asked_at, answer = excluded.answer",
                    )
                    .bind(tenant.as_str())
                    .bind(id.as_str())
                    .bind(now)
                    .bind(answer.as_str())
                    .execute()
                    .await
            })
        })
        .await
    }

    /// Returns the served tickets whose answer since an instant was `Gone` or `Hidden`, ordered by id.
    pub async fn missing_tickets(
        &self,
        tenant: &TenantId,
        since: DateTime<Utc>,
    ) -> Result<Vec<(TicketId, RemoteAnswer)>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<(String, String)> = connection
                    .query(
                        "select ticket_id, answer from sightings
                         where tenant_id = $1 and asked_at >= $2 and answer in ('gone', 'hidden')
                             and exists (
                             select 1 from ticket_history as stored
                             where stored.tenant_id = $1 and stored.ticket_id = sightings.ticket_id
                                 and stored.withdrawn_at is null
                         )
                         order by ticket_id",
                    )
                    .bind(tenant.as_str())
                    .bind(since)
                    .fetch_all()
                    .await?;
                let missing = |(id, answer): &(String, String)| {
                    let answer = RemoteAnswer::parse(answer).ok_or(Error::Corrupt {
                        column: "sightings.answer",
                    })?;
                    Ok((ticket_id(id)?, answer))
                };
                rows.iter().map(missing).collect()
            })
        })
        .await
    }
}

fn ticket_id(id: &str) -> Result<TicketId> {
    TicketId::new(id).ok_or(Error::Corrupt {
        column: "sightings.ticket_id",
    })
}

/// Stores that lists showed these tickets.
pub(crate) async fn store(
    connection: &mut Connection,
    tenant: &TenantId,
    ids: &[TicketId],
    now: DateTime<Utc>,
) -> Result<()> {
    // Ordered, so that two transactions with the same tickets do not deadlock; each once, as one statement requires.
    let ids: BTreeSet<_> = ids.iter().map(TicketId::as_str).collect();
    connection
        .query(Sql {
            postgres: "
                insert into sightings (tenant_id, ticket_id, seen_at)
                select $1, id, $3 from unnest($2::text[]) as seen (id)
                on conflict (tenant_id, ticket_id) do update set seen_at = excluded.seen_at",
            // Without `where` the parser takes `on` for a join.
            sqlite: "
                insert into sightings (tenant_id, ticket_id, seen_at)
                select $1, value, $3 from json_each($2) where true
                on conflict (tenant_id, ticket_id) do update set seen_at = excluded.seen_at",
        })
        .bind(tenant.as_str())
        .bind_list(ids)
        .bind(now)
        .execute()
        .await
}
