//! Selects the due jobs.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use store::{Freshness, Job, JobKind, Store};
use ticket::TenantId;

/// Longest time until a job is due again after its last turn, with a reserve: backoffs and pauses last an hour at most. A
/// job that is due later was stored while a clock was wrong, and counts as due.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(2);

/// Intervals of the jobs that a service starts itself; `None` for never.
#[derive(Clone, Copy, Debug)]
pub struct Intervals {
    /// Time between two syncs of a tenant.
    pub sync: Option<TimeDelta>,
    /// Time between two reconciliations of a tenant.
    pub reconcile: Option<TimeDelta>,
}

impl Intervals {
    /// Returns the due jobs of all tenants, longest waiting first. A tenant may have several.
    pub(super) async fn due(&self, store: &Store) -> store::Result<Vec<Job>> {
        let mut jobs: HashMap<TenantId, Vec<Job>> = HashMap::new();
        for job in store.jobs(None).await? {
            jobs.entry(job.tenant.clone()).or_default().push(job);
        }
        let now = store.now().await?;
        let mut due = Vec::new();
        for (tenant, freshness) in store.freshness_of_all().await? {
            let requested = jobs.remove(&tenant).unwrap_or_default();
            due.extend(self.due_at(&tenant, &freshness, requested, now));
        }
        due.sort_by_key(|job| job.due_at);
        Ok(due)
    }

    /// Returns the due jobs of a tenant.
    pub(super) async fn due_of(&self, store: &Store, tenant: &TenantId) -> store::Result<Vec<Job>> {
        let freshness = store.freshness(tenant).await?;
        let requested = store.jobs(Some(tenant)).await?;
        Ok(self.due_at(tenant, &freshness, requested, store.now().await?))
    }

    /// Returns the requested and failed jobs that are due, and the jobs that are due by their interval.
    fn due_at(
        &self,
        tenant: &TenantId,
        freshness: &Freshness,
        mut jobs: Vec<Job>,
        now: DateTime<Utc>,
    ) -> Vec<Job> {
        let mut by_interval = Vec::new();
        for kind in [JobKind::Sync, JobKind::Reconcile] {
            let since = self.since(kind, freshness, now);
            if let Some(since) = since.filter(|_| jobs.iter().all(|job| job.kind != kind)) {
                by_interval.push(Job::new(tenant.clone(), kind, None, since));
            }
        }
        by_interval.retain(|job| job.due_at <= now);
        let is_due = |due_at: DateTime<Utc>| due_at <= now || due_at > now + LONGEST_WAIT;
        jobs.retain(|job| job.failed_at.is_none() && is_due(job.due_at));
        jobs.append(&mut by_interval);
        jobs
    }

    /// Returns the time at which a job is due by its interval; `None` for never. Times in the future were stored while a
    /// clock was wrong: the job is due.
    fn since(&self, kind: JobKind, freshness: &Freshness, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (last, interval) = match kind {
            JobKind::Import => return None,
            JobKind::Sync => (freshness.synced_at, self.sync?),
            JobKind::Reconcile => (freshness.reconciled_at, self.reconcile?),
        };
        // Before the first import has finished there is no history to keep up to date.
        let begun = freshness.synced_at.or(freshness.imported_at)?;
        let last = last.filter(|last| *last <= now);
        Some(last.map_or(begun.min(now), |last| last + interval))
    }
}
