//! Every tenant in time: a sync often, a reconciliation now and then, the one that waits longest first.
//!
//! Any number of processes may do this, on any machines: whoever has a tenant's lease works on it, and a lease ends with
//! its process. What is due stands in the table, so nothing is lost with a process, and nobody hands work out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use store::{Counts, Error, Freshness, Store};
use ticket::TenantId;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, debug, info, info_span, warn};

use crate::audit::origin;
use crate::clock;
use crate::desks::Desks;
use crate::exit::{self, ExitCode};
use crate::metrics::Metrics;
use crate::sync::{Job, Synced, has_begun, keep_true};
use crate::waits::doubled;

/// Between two looks for what is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Tenants that are worked on at the same time: the others' helpdesks wait no longer for one that is slow.
const TENANTS: usize = 8;

/// Until a tenant that another process has is looked at again.
const HELD_WAIT: TimeDelta = TimeDelta::seconds(10);

/// First and longest wait after a failure, doubled in between.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// How often; `None` for never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intervals {
    pub(crate) sync: Option<TimeDelta>,
    pub(crate) reconcile: Option<TimeDelta>,
}

pub(crate) struct Schedule {
    store: Arc<dyn Store>,
    desks: Arc<Desks>,
    metrics: Arc<Metrics>,
    intervals: Intervals,
    /// Tenants that are not looked at before a time, and failures in a row.
    put_off: Mutex<HashMap<TenantId, (DateTime<Utc>, u32)>>,
}

impl Schedule {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        desks: Arc<Desks>,
        metrics: Arc<Metrics>,
        intervals: Intervals,
    ) -> Self {
        Self {
            store,
            desks,
            metrics,
            intervals,
            put_off: Mutex::default(),
        }
    }

    /// Works until told to stop; what is under way stops in good order.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        // Tasks of their own: each goes on while this one waits for the database, whose connections they have.
        let mut under_way = JoinSet::new();
        let mut taken: Vec<TenantId> = Vec::new();
        while !stop.is_cancelled() {
            let due = self.due(&taken).await.unwrap_or_else(|error| {
                warn!("what is due cannot be read: {error}");
                Vec::new()
            });
            for (tenant, job) in due.into_iter().take(TENANTS - under_way.len()) {
                taken.push(tenant.clone());
                under_way.spawn(self.clone().work(tenant, job, stop.clone()));
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                Some(done) = under_way.join_next() => match done {
                    Ok(tenant) => taken.retain(|other| *other != tenant),
                    Err(error) => {
                        warn!("a job ended in a bug: {error}");
                        // Whose it was is not known; a tenant that is worked on is held by its lease.
                        taken.clear();
                    }
                },
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// The one that waits longest first.
    async fn due(&self, taken: &[TenantId]) -> store::Result<Vec<(TenantId, Job)>> {
        let all = self.store.freshness_of_all().await?;
        let now = clock::now();
        let put_off = self.put_off();
        let free = all.into_iter().filter(|(tenant, _)| {
            !taken.contains(tenant) && put_off.get(tenant).is_none_or(|(until, _)| *until <= now)
        });
        Ok(free
            .filter_map(|(tenant, freshness)| Some((tenant, self.job(&freshness, now)?)))
            .collect())
    }

    fn job(&self, freshness: &Freshness, now: DateTime<Utc>) -> Option<Job> {
        let is_due = |last: Option<DateTime<Utc>>, interval: Option<TimeDelta>| {
            interval.is_some_and(|interval| last.is_none_or(|last| now - last >= interval))
        };
        if is_due(freshness.synced_at, self.intervals.sync) {
            Some(Job::Sync)
        } else if is_due(freshness.reconciled_at, self.intervals.reconcile) {
            Some(Job::Reconcile)
        } else {
            None
        }
    }

    async fn work(self: Arc<Self>, tenant: TenantId, job: Job, stop: CancellationToken) -> TenantId {
        let span = info_span!("job", tenant_id = %tenant, operation = job.name());
        match self.attempt(&tenant, job, &stop).instrument(span).await {
            Ok(Some(synced)) => {
                self.put_off().remove(&tenant);
                self.metrics.count_tickets(&synced);
                let Counts {
                    imported,
                    updated,
                    rejected,
                    ..
                } = synced.counts;
                match imported + updated + rejected + synced.withdrawn {
                    0 => debug!(tenant_id = %tenant, "{}: {synced}", job.name()),
                    _ => info!(tenant_id = %tenant, "{}: {synced}", job.name()),
                }
            }
            // Somebody else works on it, or there is nothing yet to keep true.
            Ok(None) => self.wait(&tenant, HELD_WAIT, 0),
            Err(error) if exit::code(&error) == ExitCode::Interrupted => {}
            Err(error) => {
                self.metrics.count_failure(job.name());
                let failures = self.put_off().get(&tenant).map_or(0, |(_, failures)| *failures) + 1;
                let wait = doubled(FIRST_WAIT, LONGEST_WAIT, failures);
                warn!(
                    tenant_id = %tenant,
                    "{} failed {failures} times in a row, again in {} s: {error:#}",
                    job.name(),
                    wait.num_seconds()
                );
                self.wait(&tenant, wait, failures);
            }
        }
        tenant
    }

    /// `None` if the tenant is not free, was never imported, or is not due any more.
    async fn attempt(
        &self,
        tenant: &TenantId,
        job: Job,
        stop: &CancellationToken,
    ) -> anyhow::Result<Option<Synced>> {
        let store = &*self.store;
        if !has_begun(store, tenant).await? {
            return Ok(None);
        }
        let lease = match store.lease(tenant, &origin(), clock::now()).await {
            Ok(lease) => lease,
            Err(Error::Held { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Whoever had it until now may have done it.
        if self.job(&store.freshness(tenant).await?, clock::now()) != Some(job) {
            store.release(tenant, lease).await?;
            return Ok(None);
        }
        let (settings, client) = self.desks.of(tenant).await?;
        keep_true(job, store, (&settings, &client), lease, stop)
            .await
            .map(Some)
    }

    fn wait(&self, tenant: &TenantId, wait: TimeDelta, failures: u32) {
        self.put_off()
            .insert(tenant.clone(), (clock::now() + wait, failures));
    }

    fn put_off(&self) -> MutexGuard<'_, HashMap<TenantId, (DateTime<Utc>, u32)>> {
        self.put_off.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
