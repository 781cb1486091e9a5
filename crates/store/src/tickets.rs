//! Stored tickets: `ticket_history`.

mod sql;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ticket::{TenantId, Ticket, TicketId};

use crate::connection::Connection;
use crate::query::Sql;
use crate::scope::Scope;
use crate::ticket_row::TicketRow;
use crate::{Error, Known, KnownTicket, Result, Store, StoredDigest};

/// The part of a row that [`KnownTicket`] needs.
#[derive(sqlx::FromRow)]
struct KnownRow {
    ticket_id: String,
    source_updated_at: Option<DateTime<Utc>>,
    source_digest: Option<Vec<u8>>,
    /// Null if the resolution is.
    resolved: Option<bool>,
}

impl KnownRow {
    fn into_known(self) -> Option<(TicketId, KnownTicket)> {
        let known = KnownTicket {
            changed_at: self.source_updated_at,
            source_digest: self.source_digest,
            resolved: self.resolved.unwrap_or(false),
        };
        Some((TicketId::new(&self.ticket_id)?, known))
    }
}

impl Store {
    /// Returns those of these tickets that are stored and served, as far as a comparison with the source needs them.
    pub async fn known(&self, tenant: &TenantId, ids: &[TicketId]) -> Result<Known> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<KnownRow> = connection
                    .query(sql::KNOWN)
                    .bind(tenant.as_str())
                    .bind_list(ids.iter().map(TicketId::as_str))
                    .fetch_all()
                    .await?;
                Ok(rows.into_iter().filter_map(KnownRow::into_known).collect())
            })
        })
        .await
    }

    /// Returns the content digests of those of these tickets that are stored and served; `None` on rows that another
    /// program wrote.
    pub async fn content_digests(
        &self,
        tenant: &TenantId,
        ids: &[TicketId],
    ) -> Result<HashMap<TicketId, Option<Vec<u8>>>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<(String, Option<Vec<u8>>)> = connection
                    .query(sql::CONTENT_DIGESTS)
                    .bind(tenant.as_str())
                    .bind_list(ids.iter().map(TicketId::as_str))
                    .fetch_all()
                    .await?;
                let digest = |(id, digest): (String, _)| Some((TicketId::new(&id)?, digest));
                Ok(rows.into_iter().filter_map(digest).collect())
            })
        })
        .await
    }

    /// Returns the served tickets with these ids, in any order.
    pub async fn tickets(&self, tenant: &TenantId, ids: &[TicketId]) -> Result<Vec<Ticket>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(fetch_by_id(connection, sql::tickets(), tenant, ids))
        })
        .await
    }

    /// Returns the served tickets with these ids for the search, in any order and bounded in size: description and
    /// resolution are cut after 100,000 characters, the subject after 10,000, names after 1,000. More than 100,000
    /// characters of tags, and HTML, are left out.
    pub async fn excerpts(&self, tenant: &TenantId, ids: &[TicketId]) -> Result<Vec<Ticket>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(fetch_by_id(connection, sql::excerpts(), tenant, ids))
        })
        .await
    }

    /// Returns at most `limit` tickets, the last resolved first.
    pub async fn newest_tickets(&self, tenant: &TenantId, limit: u32) -> Result<Vec<Ticket>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<TicketRow> = connection
                    .query(sql::NEWEST.as_str())
                    .bind(tenant.as_str())
                    .bind(i64::from(limit))
                    .fetch_all()
                    .await?;
                rows.into_iter().map(TicketRow::into_ticket).collect()
            })
        })
        .await
    }

    /// Returns the served tickets that were resolved in a range, both ends included, with their digests: the next `limit`
    /// by id after `after`.
    pub async fn digests(
        &self,
        tenant: &TenantId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<StoredDigest>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<(String, Option<Vec<u8>>)> = connection
                    .query(
                        "select ticket_id, content_digest from ticket_history
                         where tenant_id = $1 and resolved_date >= $2 and resolved_date <= $3
                             and ticket_id > $4 and withdrawn_at is null
                         order by ticket_id limit $5",
                    )
                    .bind(tenant.as_str())
                    .bind(from)
                    .bind(to)
                    .bind(after)
                    .bind(i64::from(limit))
                    .fetch_all()
                    .await?;
                let digest = |(id, digest): (String, _)| {
                    let id = TicketId::new(&id).ok_or(Error::Corrupt {
                        column: "ticket_history.ticket_id",
                    })?;
                    Ok(StoredDigest { id, digest })
                };
                rows.into_iter().map(digest).collect()
            })
        })
        .await
    }
}

async fn fetch_by_id(
    connection: &mut Connection,
    sql: Sql,
    tenant: &TenantId,
    ids: &[TicketId],
) -> Result<Vec<Ticket>> {
    let rows: Vec<TicketRow> = connection
        .query(sql)
        .bind(tenant.as_str())
        .bind_list(ids.iter().map(TicketId::as_str))
        .fetch_all()
        .await?;
    rows.into_iter().map(TicketRow::into_ticket).collect()
}
