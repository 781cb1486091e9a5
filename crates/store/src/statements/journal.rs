//! Statements on the audit log and retired keys.

macro_rules! journal {
    ($connection:ty) => {
        pub(super) async fn audit(connection: &mut $connection, entry: &AuditEntry) -> Result<()> {
            sqlx::query(
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
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        /// The newest entries, of one tenant or of all.
        pub(super) async fn audit_entries(
            connection: &mut $connection,
            tenant: Option<&TenantId>,
            after: Option<&AuditEntry>,
            limit: u32,
        ) -> Result<Vec<AuditEntry>> {
            let rows: Vec<(
                String,
                String,
                DateTime<Utc>,
                String,
                String,
                String,
                String,
            )> = sqlx::query_as(
                "select tenant_id, entry_id, at, actor, origin, action, detail from audit_log
                 where ($1 = '' or tenant_id = $1) and ($3 is null or (at, entry_id) < ($3, $4))
                 order by at desc, entry_id desc limit $2",
            )
            .bind(tenant.map_or("", TenantId::as_str))
            .bind(i64::from(limit))
            .bind(after.map(|entry| entry.at))
            .bind(after.map(|entry| entry.id.to_string()))
            .fetch_all(&mut *connection)
            .await?;
            let entry = |(tenant, id, at, actor, origin, action, detail): (String, String, _, _, _, _, _)| {
                Ok(AuditEntry {
                    id: Uuid::parse_str(&id).map_err(|_| Error::Corrupt {
                        column: "audit_log.entry_id",
                    })?,
                    tenant: tenant.parse().ok(),
                    at,
                    actor,
                    origin,
                    action,
                    detail,
                })
            };
            rows.into_iter().map(entry).collect()
        }

        pub(super) async fn retire_key(
            connection: &mut $connection,
            key_id: &str,
            now: DateTime<Utc>,
        ) -> Result<()> {
            sqlx::query(
                "insert into retired_keys (key_id, retired_at) values ($1, $2) on conflict do nothing",
            )
            .bind(key_id)
            .bind(now)
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        pub(super) async fn is_key_retired(connection: &mut $connection, key_id: &str) -> Result<bool> {
            let row: Option<(String,)> = sqlx::query_as("select key_id from retired_keys where key_id = $1")
                .bind(key_id)
                .fetch_optional(&mut *connection)
                .await?;
            Ok(row.is_some())
        }
    };
}

pub(crate) use journal;
