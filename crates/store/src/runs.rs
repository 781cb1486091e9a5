//! Runs, their windows and their checkpoints: `import_runs` and `import_windows`.

mod row;

use chrono::{DateTime, TimeDelta, Utc};
use ticket::TenantId;
use uuid::Uuid;

use crate::connection::Connection;
use crate::scope::Scope;
use crate::{Error, NewRun, Result, Run, RunState, Store};
pub(crate) use row::RunRow;
use row::WindowRow;

/// Retention of ended runs that are not imports.
const RUNS_KEPT: TimeDelta = TimeDelta::days(14);

/// Retention of such runs that changed nothing.
const IDLE_RUNS_KEPT: TimeDelta = TimeDelta::days(1);

impl Store {
    /// Returns the next `limit` runs after `after`, newest first, without their windows.
    pub async fn runs(&self, tenant: &TenantId, after: Option<&Run>, limit: u32) -> Result<Vec<Run>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let rows: Vec<RunRow> = connection
                    .query(
                        "select * from import_runs
                         where tenant_id = $1 and ($3 is null or (started_at, run_id) < ($3, $4))
                         order by started_at desc, run_id desc limit $2",
                    )
                    .bind(tenant.as_str())
                    .bind(i64::from(limit))
                    .bind(after.map(|run| run.started_at))
                    .bind(after.map(|run| run.id.to_string()))
                    .fetch_all()
                    .await?;
                rows.into_iter().map(|row| row.into_run(Vec::new())).collect()
            })
        })
        .await
    }

    /// Returns the newest run of the same request, `None` if that has finished.
    pub async fn unfinished_run(&self, tenant: &TenantId, request: &str) -> Result<Option<Run>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                let row: Option<RunRow> = connection
                    .query(
                        "select * from import_runs
                         where tenant_id = $1 and request = $2
                         order by started_at desc, run_id desc limit 1",
                    )
                    .bind(tenant.as_str())
                    .bind(request)
                    .fetch_optional()
                    .await?;
                let row = row.filter(|row| !row.is_finished());
                with_windows(connection, tenant, row).await
            })
        })
        .await
    }

    /// Stores a new run, state `Running`. Deletes runs that are past their retention.
    pub async fn start_run(&self, tenant: &TenantId, run: &NewRun, now: DateTime<Utc>) -> Result<Run> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                prune(connection, tenant, now).await?;
                insert(connection, tenant, run, now).await?;
                let started = find(connection, tenant, run.id).await?;
                started.ok_or(Error::UnknownWindow(run.id))
            })
        })
        .await
    }

    /// Returns the run, `None` if there is none of this id.
    pub async fn run(&self, tenant: &TenantId, id: Uuid) -> Result<Option<Run>> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(find(connection, tenant, id))
        })
        .await
    }

    /// Stores the state and, for `Interrupted`, the error.
    pub async fn set_run_state(
        &self,
        tenant: &TenantId,
        id: Uuid,
        state: RunState,
        error: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "update import_runs set state = $3, error = $4, finished_at = $5
                         where tenant_id = $1 and run_id = $2",
                    )
                    .bind(tenant.as_str())
                    .bind(id.to_string())
                    .bind(state.as_str())
                    .bind(error)
                    .bind((state != RunState::Running).then_some(now))
                    .execute()
                    .await
            })
        })
        .await
    }
}

async fn find(connection: &mut Connection, tenant: &TenantId, id: Uuid) -> Result<Option<Run>> {
    let row = connection
        .query("select * from import_runs where tenant_id = $1 and run_id = $2")
        .bind(tenant.as_str())
        .bind(id.to_string())
        .fetch_optional()
        .await?;
    with_windows(connection, tenant, row).await
}

async fn with_windows(
    connection: &mut Connection,
    tenant: &TenantId,
    row: Option<RunRow>,
) -> Result<Option<Run>> {
    let Some(row) = row else { return Ok(None) };
    let windows: Vec<WindowRow> = connection
        .query(
            "select position, plan, cursor, done from import_windows
             where tenant_id = $1 and run_id = $2 order by position",
        )
        .bind(tenant.as_str())
        .bind(row.run_id())
        .fetch_all()
        .await?;
    row.into_run(windows).map(Some)
}

async fn insert(
    connection: &mut Connection,
    tenant: &TenantId,
    run: &NewRun,
    now: DateTime<Utc>,
) -> Result<()> {
    connection
        .query(
            "insert into import_runs
                 (tenant_id, run_id, request, range_from, range_to, state, started_at, kind)
             values ($1, $2, $3, $4, $5, 'running', $6, $7)",
        )
        .bind(tenant.as_str())
        .bind(run.id.to_string())
        .bind(&run.request)
        .bind(run.from)
        .bind(run.to)
        .bind(now)
        .bind(run.kind.as_str())
        .execute()
        .await?;
    for (position, window) in (0_i32..).zip(&run.windows) {
        connection
            .query(
                "insert into import_windows (tenant_id, run_id, position, plan)
                 values ($1, $2, $3, $4)",
            )
            .bind(tenant.as_str())
            .bind(run.id.to_string())
            .bind(position)
            .bind(&window.plan)
            .execute()
            .await?;
    }
    Ok(())
}

/// Deletes ended runs that are not imports and past their retention.
async fn prune(connection: &mut Connection, tenant: &TenantId, now: DateTime<Utc>) -> Result<()> {
    for delete in [
        "delete from import_windows where tenant_id = $1 and run_id in (
             select run_id from import_runs
             where tenant_id = $1 and kind <> 'import' and state <> 'running' and finished_at < case
                 when imported + updated + rejected + withdrawn = 0 then $3 else $2 end
         )",
        "delete from import_runs
         where tenant_id = $1 and kind <> 'import' and state <> 'running' and finished_at < case
             when imported + updated + rejected + withdrawn = 0 then $3 else $2 end",
    ] {
        connection
            .query(delete)
            .bind(tenant.as_str())
            .bind(now - RUNS_KEPT)
            .bind(now - IDLE_RUNS_KEPT)
            .execute()
            .await?;
    }
    Ok(())
}
