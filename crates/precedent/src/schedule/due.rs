//! What is due, of all tenants.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use store::{Freshness, Job, JobKind};
use ticket::TenantId;

use super::{Intervals, Schedule};
use crate::clock;

impl Schedule {
    /// The job that waits longest first; several of a tenant may be due.
    pub(super) async fn due(&self) -> store::Result<Vec<Job>> {
        let mut jobs: HashMap<TenantId, Vec<Job>> = HashMap::new();
        for job in self.store.jobs(None).await? {
            jobs.entry(job.tenant.clone()).or_default().push(job);
        }
        let now = clock::now();
        let mut due = Vec::new();
        for (tenant, freshness) in self.store.freshness_of_all().await? {
            let asked_for = jobs.remove(&tenant).unwrap_or_default();
            due.extend(self.intervals.due(&tenant, &freshness, asked_for, now));
        }
        let mut held = self.held();
        held.retain(|_, until| *until > now);
        due.retain(|job| !held.contains_key(&job.tenant));
        due.sort_by_key(|job| job.due_at);
        Ok(due)
    }

    /// What is due of a tenant.
    pub(super) async fn due_of(&self, tenant: &TenantId) -> store::Result<Vec<Job>> {
        let freshness = self.store.freshness(tenant).await?;
        let asked_for = self.store.jobs(Some(tenant)).await?;
        Ok(self.intervals.due(tenant, &freshness, asked_for, clock::now()))
    }
}

impl Intervals {
    /// What was asked for or failed, and what is done from time to time.
    fn due(
        &self,
        tenant: &TenantId,
        freshness: &Freshness,
        mut jobs: Vec<Job>,
        now: DateTime<Utc>,
    ) -> Vec<Job> {
        for kind in [JobKind::Sync, JobKind::Reconcile] {
            let since = self.since(kind, freshness);
            if let Some(since) = since.filter(|_| jobs.iter().all(|job| job.kind != kind)) {
                jobs.push(Job::new(tenant.clone(), kind, None, since));
            }
        }
        jobs.retain(|job| job.failed_at.is_none() && job.due_at <= now);
        jobs
    }

    /// Since when a tenant waits for what is done from time to time, or when it will; `None` if it never does.
    fn since(&self, kind: JobKind, freshness: &Freshness) -> Option<DateTime<Utc>> {
        let (last, interval) = match kind {
            JobKind::Import => return None,
            JobKind::Sync => (freshness.synced_at, self.sync?),
            JobKind::Reconcile => (freshness.reconciled_at, self.reconcile?),
        };
        // Before a first import has finished there is nothing to keep true.
        let begun = freshness.synced_at.or(freshness.imported_at)?;
        Some(last.map_or(begun, |last| last + interval))
    }
}
