//! A tenant's history, for readers that keep a copy of it.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use ticket::TenantId;

use crate::scope::Scope;
use crate::ticket_row::{EXCERPT_COLUMNS, TicketRow};
use crate::{Change, Error, History, Result, Store};

static CHANGES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {EXCERPT_COLUMNS}, revision, withdrawn_at is not null or resolved_date is null as withdrawn,
             expired_at is not null as expired
         from ticket_history
         where tenant_id = $1 and (revision, ticket_id) > ($2, $3)
         order by revision, ticket_id limit $4"
    )
});

/// A row of `ticket_history` with its revision.
#[derive(sqlx::FromRow)]
struct ChangeRow {
    #[sqlx(flatten)]
    ticket: TicketRow,
    revision: i64,
    withdrawn: bool,
    expired: bool,
}

impl ChangeRow {
    fn into_change(self) -> Result<Change> {
        Ok(Change {
            id: self.ticket.id()?,
            revision: self.revision,
            ticket: (!self.withdrawn).then(|| self.ticket.into_ticket()).transpose()?,
            expired: self.expired,
        })
    }
}

impl Store {
    /// Returns the state of the tenant's history, or fails with `TenantNotFound`.
    pub async fn history(&self, tenant: &TenantId) -> Result<History> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let row: Option<(i64, DateTime<Utc>, String, String)> = connection
                    .query(
                        "select revision, created_at, language, base_url from tenant_configs where tenant_id = $1",
                    )
                    .bind(tenant.as_str())
                    .fetch_optional()
                    .await?;
                let (revision, since, language, helpdesk_url) =
                    row.ok_or_else(|| Error::TenantNotFound(tenant.clone()))?;
                Ok(History {
                    revision,
                    since,
                    language,
                    helpdesk_url,
                })
            })
        })
        .await
    }

    /// Returns the next `limit` changed rows after a revision and an id, ordered by both, withdrawn tickets included. Their
    /// texts are cut as those of [`Store::excerpts`].
    pub async fn changes(&self, tenant: &TenantId, after: (i64, &str), limit: u32) -> Result<Vec<Change>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<ChangeRow> = connection
                    .query(CHANGES.as_str())
                    .bind(tenant.as_str())
                    .bind(after.0)
                    .bind(after.1)
                    .bind(i64::from(limit))
                    .fetch_all()
                    .await?;
                rows.into_iter().map(ChangeRow::into_change).collect()
            })
        })
        .await
    }
}
