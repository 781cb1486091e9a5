//! Statements on runs and their windows.

macro_rules! runs {
    ($connection:ty) => {
        pub(super) async fn unfinished_run(
            connection: &mut $connection,
            tenant: &TenantId,
            request: &str,
        ) -> Result<Option<Run>> {
            let row: Option<RunRow> = sqlx::query_as(
                "select * from import_runs
                 where tenant_id = $1 and request = $2
                 order by started_at desc, run_id desc limit 1",
            )
            .bind(tenant.as_str())
            .bind(request)
            .fetch_optional(&mut *connection)
            .await?;
            let row = row.filter(|row| !row.is_finished());
            with_windows(connection, tenant, row).await
        }

        pub(super) async fn run(connection: &mut $connection, tenant: &TenantId, id: Uuid) -> Result<Option<Run>> {
            let row: Option<RunRow> =
                sqlx::query_as("select * from import_runs where tenant_id = $1 and run_id = $2")
                    .bind(tenant.as_str())
                    .bind(id.to_string())
                    .fetch_optional(&mut *connection)
                    .await?;
            with_windows(connection, tenant, row).await
        }

        async fn with_windows(connection: &mut $connection, tenant: &TenantId, row: Option<RunRow>) -> Result<Option<Run>> {
            let Some(row) = row else { return Ok(None) };
            let windows: Vec<WindowRow> = sqlx::query_as(
                "select position, plan, cursor, done from import_windows
                 where tenant_id = $1 and run_id = $2 order by position",
            )
            .bind(tenant.as_str())
            .bind(&row.run_id)
            .fetch_all(&mut *connection)
            .await?;
            row.into_run(windows).map(Some)
        }

        pub(super) async fn runs(connection: &mut $connection, tenant: &TenantId, after: Option<&Run>, limit: u32) -> Result<Vec<Run>> {
            let rows: Vec<RunRow> = sqlx::query_as(
                "select * from import_runs
                 where tenant_id = $1 and ($3 is null or (started_at, run_id) < ($3, $4))
                 order by started_at desc, run_id desc limit $2",
            )
            .bind(tenant.as_str())
            .bind(i64::from(limit))
            .bind(after.map(|run| run.started_at))
            .bind(after.map(|run| run.id.to_string()))
            .fetch_all(&mut *connection)
            .await?;
            rows.into_iter().map(|row| row.into_run(Vec::new())).collect()
        }

        pub(super) async fn start_run(
            connection: &mut $connection,
            tenant: &TenantId,
            run: &NewRun,
            now: DateTime<Utc>,
        ) -> Result<Option<Run>> {
            prune_runs(connection, tenant, now).await?;
            sqlx::query(
                "insert into import_runs (tenant_id, run_id, request, range_from, range_to, state, started_at, kind)
                 values ($1, $2, $3, $4, $5, 'running', $6, $7)",
            )
            .bind(tenant.as_str())
            .bind(run.id.to_string())
            .bind(&run.request)
            .bind(run.from)
            .bind(run.to)
            .bind(now)
            .bind(run.kind.as_str())
            .execute(&mut *connection)
            .await?;
            for (position, window) in (0_i32..).zip(&run.windows) {
                sqlx::query(
                    "insert into import_windows (tenant_id, run_id, position, plan) values ($1, $2, $3, $4)",
                )
                .bind(tenant.as_str())
                .bind(run.id.to_string())
                .bind(position)
                .bind(&window.plan)
                .execute(&mut *connection)
                .await?;
            }
            self::run(connection, tenant, run.id).await
        }

        /// Deletes what ended long ago of runs that come again and again.
        async fn prune_runs(connection: &mut $connection, tenant: &TenantId, now: DateTime<Utc>) -> Result<()> {
            for prune in [
                "delete from import_windows where tenant_id = $1 and run_id in (
                     select run_id from import_runs
                     where tenant_id = $1 and kind <> 'import' and state <> 'running' and finished_at < case
                         when imported + updated + rejected + withdrawn = 0 then $3 else $2 end
                 )",
                "delete from import_runs
                 where tenant_id = $1 and kind <> 'import' and state <> 'running' and finished_at < case
                     when imported + updated + rejected + withdrawn = 0 then $3 else $2 end",
            ] {
                sqlx::query(prune)
                    .bind(tenant.as_str())
                    .bind(now - crate::run::RUNS_KEPT)
                    .bind(now - crate::run::IDLE_RUNS_KEPT)
                    .execute(&mut *connection)
                    .await?;
            }
            Ok(())
        }

        pub(super) async fn set_run_state(
            connection: &mut $connection,
            tenant: &TenantId,
            id: Uuid,
            state: RunState,
            error: Option<&str>,
            now: DateTime<Utc>,
        ) -> Result<()> {
            sqlx::query(
                "update import_runs set state = $3, error = $4, finished_at = $5
                 where tenant_id = $1 and run_id = $2",
            )
            .bind(tenant.as_str())
            .bind(id.to_string())
            .bind(state.as_str())
            .bind(error)
            .bind((state != RunState::Running).then_some(now))
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        /// Moves the checkpoint and adds the counts.
        pub(super) async fn note_progress(
            connection: &mut $connection,
            tenant: &TenantId,
            progress: &Progress,
            counts: &Counts,
            withdrawn: u64,
        ) -> Result<()> {
            let window: Option<(i32,)> = sqlx::query_as(
                "update import_windows set cursor = coalesce($4, cursor), done = (done or $5)
                 where tenant_id = $1 and run_id = $2 and position = $3
                 returning position",
            )
            .bind(tenant.as_str())
            .bind(progress.run.to_string())
            .bind(progress.window)
            .bind(&progress.cursor)
            .bind(progress.window_done)
            .fetch_optional(&mut *connection)
            .await?;
            window.ok_or(Error::UnknownWindow(progress.run))?;
            let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            sqlx::query(
                "update import_runs set imported = imported + $3, updated = updated + $4, skipped = skipped + $5,
                        rejected = rejected + $6, withdrawn = withdrawn + $7,
                        latest_change = case when latest_change >= $8 then latest_change
                                             else coalesce($8, latest_change) end
                 where tenant_id = $1 and run_id = $2",
            )
            .bind(tenant.as_str())
            .bind(progress.run.to_string())
            .bind(number(counts.imported))
            .bind(number(counts.updated))
            .bind(number(counts.skipped))
            .bind(number(counts.rejected))
            .bind(number(withdrawn))
            .bind(progress.latest_change)
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        /// Whether the batch's checkpoint is in the database: after a connection that broke while committing.
        pub(super) async fn is_applied(
            connection: &mut $connection,
            tenant: &TenantId,
            progress: &Progress,
        ) -> Result<bool> {
            let row: Option<(Option<String>, bool)> = sqlx::query_as(
                "select cursor, done from import_windows
                 where tenant_id = $1 and run_id = $2 and position = $3",
            )
            .bind(tenant.as_str())
            .bind(progress.run.to_string())
            .bind(progress.window)
            .fetch_optional(&mut *connection)
            .await?;
            Ok(row.is_some_and(|(cursor, done)| {
                (progress.cursor.is_none() || cursor == progress.cursor) && (done || !progress.window_done)
            }))
        }
    };
}

pub(crate) use runs;
