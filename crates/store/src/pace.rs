//! The pace of a tenant's requests, shared by all processes: `pace`.

use std::time::SystemTime;

use ticket::TenantId;

use crate::connection::Connection;
use crate::query::Sql;
use crate::scope::Scope;
use crate::{Result, Store};

/// Changes the state of a pace, `None` at first, at a time in milliseconds since the epoch. It may be called again.
pub type PaceChange<'a> = &'a (dyn Fn(Option<&str>, i64) -> String + Send + Sync);

/// The state, locked for the transaction.
#[derive(sqlx::FromRow)]
struct LockedPace {
    state: String,
    /// Time of the server; `None` on SQLite, which has no server.
    now_ms: Option<i64>,
}

impl Store {
    /// Changes the tenant's pace; `change` gets the time of the database's clock.
    pub async fn update_pace(&self, tenant: &TenantId, change: PaceChange<'_>) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let LockedPace { state, now_ms } = lock(connection, tenant).await?;
                let state = Some(state).filter(|state| !state.is_empty());
                let state = change(state.as_deref(), now_ms.unwrap_or_else(machine_now_ms));
                connection
                    .query("update pace set state = $2 where tenant_id = $1")
                    .bind(tenant.as_str())
                    .bind(state)
                    .execute()
                    .await
            })
        })
        .await
    }
}

async fn lock(connection: &mut Connection, tenant: &TenantId) -> Result<LockedPace> {
    connection
        .query(Sql {
            postgres: "
                insert into pace (tenant_id, state) values ($1, '')
                on conflict (tenant_id) do update set state = pace.state
                returning state, (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms",
            sqlite: "
                insert into pace (tenant_id, state) values ($1, '')
                on conflict (tenant_id) do update set state = pace.state
                returning state, null as now_ms",
        })
        .bind(tenant.as_str())
        .fetch_one()
        .await
}

/// Returns the time of this machine, on which the SQLite database is.
fn machine_now_ms() -> i64 {
    let since_epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(0)
}
