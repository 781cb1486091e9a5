//! The audit log: `audit_log`.

use chrono::{DateTime, Utc};
use ticket::TenantId;
use uuid::Uuid;

use crate::scope::Scope;
use crate::{AuditEntry, Error, Result, Store};

#[derive(sqlx::FromRow)]
struct AuditRow {
    tenant_id: String,
    entry_id: String,
    at: DateTime<Utc>,
    actor: String,
    origin: String,
    action: String,
    detail: String,
}

impl AuditRow {
    fn into_entry(self) -> Result<AuditEntry> {
        Ok(AuditEntry {
            id: Uuid::parse_str(&self.entry_id).map_err(|_| Error::Corrupt {
                column: "audit_log.entry_id",
            })?,
            tenant: self.tenant_id.parse().ok(),
            at: self.at,
            actor: self.actor,
            origin: self.origin,
            action: self.action,
            detail: self.detail,
        })
    }
}

impl Store {
    /// Adds an entry to the audit log; an entry that is added again is stored once.
    pub async fn audit(&self, entry: &AuditEntry) -> Result<()> {
        let scope = entry.tenant.as_ref().map_or(Scope::Operator, Scope::Tenant);
        self.transact(scope, |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "insert into audit_log (tenant_id, entry_id, at, actor, origin, action, detail)
                         values ($1, $2, $3, $4, $5, $6, $7)
                         on conflict do nothing",
                    )
                    .bind(entry.tenant.as_ref().map_or("", TenantId::as_str))
                    .bind(entry.id.to_string())
                    .bind(entry.at)
                    .bind(&entry.actor)
                    .bind(&entry.origin)
                    .bind(&entry.action)
                    .bind(&entry.detail)
                    .execute()
                    .await
            })
        })
        .await
    }

    /// Returns the next `limit` entries after `after`, newest first: of one tenant, or of all and of the installation.
    pub async fn audit_entries(
        &self,
        tenant: Option<&TenantId>,
        after: Option<&AuditEntry>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>> {
        let scope = tenant.map_or(Scope::Operator, Scope::Tenant);
        self.transact(scope, |connection| {
            Box::pin(async move {
                let rows: Vec<AuditRow> = connection
                    .query(
                        "select tenant_id, entry_id, at, actor, origin, action, detail from audit_log
                         where ($1 = '' or tenant_id = $1) and ($3 is null or (at, entry_id) < ($3, $4))
                         order by at desc, entry_id desc limit $2",
                    )
                    .bind(tenant.map_or("", TenantId::as_str))
                    .bind(i64::from(limit))
                    .bind(after.map(|entry| entry.at))
                    .bind(after.map(|entry| entry.id.to_string()))
                    .fetch_all()
                    .await?;
                rows.into_iter().map(AuditRow::into_entry).collect()
            })
        })
        .await
    }
}
