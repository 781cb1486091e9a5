//! Statements on what is to be done.

macro_rules! jobs {
    ($connection:ty) => {
        /// Asks for a job, in place of one of the same kind.
        pub(super) async fn ask_for(connection: &mut $connection, job: &Job) -> Result<()> {
            sqlx::query(
                "insert into jobs (tenant_id, kind, arguments, due_at, attempts, error, failed_at)
                 values ($1, $2, $3, $4, $5, $6, $7)
                 on conflict (tenant_id, kind) do update
                 set arguments = excluded.arguments, due_at = excluded.due_at, attempts = excluded.attempts,
                     error = excluded.error, failed_at = excluded.failed_at",
            )
            .bind(job.tenant.as_str())
            .bind(job.kind.as_str())
            .bind(&job.arguments)
            .bind(job.due_at)
            .bind(i64::from(job.attempts))
            .bind(&job.error)
            .bind(job.failed_at)
            .execute(&mut *connection)
            .await?;
            Ok(())
        }

        /// Whether the job was still as it was taken, and is put off now.
        pub(super) async fn put_off_job(connection: &mut $connection, job: &Job) -> Result<bool> {
            let row: Option<(String,)> = sqlx::query_as(
                "update jobs set due_at = $4, attempts = $5, error = $6, failed_at = $7
                 where tenant_id = $1 and kind = $2 and arguments = $3
                 returning kind",
            )
            .bind(job.tenant.as_str())
            .bind(job.kind.as_str())
            .bind(&job.arguments)
            .bind(job.due_at)
            .bind(i64::from(job.attempts))
            .bind(&job.error)
            .bind(job.failed_at)
            .fetch_optional(&mut *connection)
            .await?;
            Ok(row.is_some())
        }

        /// Takes a job off that is done, or not wanted any more; whether it was there.
        pub(super) async fn end_job(
            connection: &mut $connection,
            tenant: &TenantId,
            kind: JobKind,
            arguments: Option<&str>,
        ) -> Result<bool> {
            let row: Option<(String,)> = sqlx::query_as(
                "delete from jobs where tenant_id = $1 and kind = $2 and ($3 is null or arguments = $3)
                 returning kind",
            )
            .bind(tenant.as_str())
            .bind(kind.as_str())
            .bind(arguments)
            .fetch_optional(&mut *connection)
            .await?;
            Ok(row.is_some())
        }

        /// Those of one tenant or of all, the one that waits longest first.
        pub(super) async fn jobs(connection: &mut $connection, tenant: Option<&TenantId>) -> Result<Vec<Job>> {
            let select = "select * from jobs where $1 is null or tenant_id = $1 order by due_at, tenant_id, kind";
            let rows: Vec<JobRow> = sqlx::query_as(select)
                .bind(tenant.map(TenantId::as_str))
                .fetch_all(&mut *connection)
                .await?;
            rows.into_iter().map(JobRow::into_job).collect()
        }
    };
}

pub(crate) use jobs;
