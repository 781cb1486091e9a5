//! Jobs: `jobs`.

use chrono::{DateTime, Utc};
use ticket::TenantId;

use crate::scope::Scope;
use crate::{Error, Job, JobKind, Result, Store};

#[derive(sqlx::FromRow)]
struct JobRow {
    tenant_id: String,
    kind: String,
    arguments: Option<String>,
    due_at: DateTime<Utc>,
    attempts: i32,
    error: Option<String>,
    failed_at: Option<DateTime<Utc>>,
}

impl JobRow {
    fn into_job(self) -> Result<Job> {
        let corrupt = |column| Error::Corrupt { column };
        Ok(Job {
            tenant: self.tenant_id.parse().map_err(|_| corrupt("jobs.tenant_id"))?,
            kind: JobKind::parse(&self.kind).ok_or_else(|| corrupt("jobs.kind"))?,
            arguments: self.arguments,
            due_at: self.due_at,
            attempts: self.attempts.unsigned_abs(),
            error: self.error,
            failed_at: self.failed_at,
        })
    }
}

impl Store {
    /// Stores a job; it replaces the tenant's job of the same kind.
    pub async fn request_job(&self, job: &Job) -> Result<()> {
        self.transact(Scope::Tenant(&job.tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "insert into jobs (tenant_id, kind, arguments, due_at, attempts, error, failed_at)
                         values ($1, $2, $3, $4, $5, $6, $7)
                         on conflict (tenant_id, kind) do update
                         set arguments = excluded.arguments, due_at = excluded.due_at,
                             attempts = excluded.attempts,
                             error = excluded.error, failed_at = excluded.failed_at",
                    )
                    .bind(job.tenant.as_str())
                    .bind(job.kind.as_str())
                    .bind(&job.arguments)
                    .bind(job.due_at)
                    .bind(i64::from(job.attempts))
                    .bind(&job.error)
                    .bind(job.failed_at)
                    .execute()
                    .await
            })
        })
        .await
    }

    /// Stores `due_at`, `attempts`, `error` and `failed_at` of a requested job. Returns `false` and changes nothing if the
    /// job is no longer requested with the same arguments.
    pub async fn reschedule_job(&self, job: &Job) -> Result<bool> {
        self.transact(Scope::Tenant(&job.tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
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
                    .has_row()
                    .await
            })
        })
        .await
    }

    /// Deletes a job that is done or cancelled, with these arguments if any are given. A job that is due later than
    /// `due_by`, if that is given, was requested meanwhile and stays. Returns whether a job was deleted.
    pub async fn complete_job(
        &self,
        tenant: &TenantId,
        kind: JobKind,
        arguments: Option<&str>,
        due_by: Option<DateTime<Utc>>,
    ) -> Result<bool> {
        self.transact(Scope::Tenant(tenant), |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "delete from jobs
                         where tenant_id = $1 and kind = $2 and ($3 is null or arguments = $3)
                             and ($4 is null or due_at <= $4)
                         returning kind",
                    )
                    .bind(tenant.as_str())
                    .bind(kind.as_str())
                    .bind(arguments)
                    .bind(due_by)
                    .has_row()
                    .await
            })
        })
        .await
    }

    /// Returns the jobs of one tenant or of all, including dead-lettered ones; the job that is due longest comes first.
    pub async fn jobs(&self, tenant: Option<&TenantId>) -> Result<Vec<Job>> {
        let scope = tenant.map_or(Scope::Lists, Scope::Tenant);
        self.transact(scope, |connection| {
            Box::pin(async move {
                let rows: Vec<JobRow> = connection
                    .query(
                        "select * from jobs where $1 is null or tenant_id = $1
                         order by due_at, tenant_id, kind",
                    )
                    .bind(tenant.map(TenantId::as_str))
                    .fetch_all()
                    .await?;
                rows.into_iter().map(JobRow::into_job).collect()
            })
        })
        .await
    }
}
