//! Every tenant in time: what was asked for, a sync often, a reconciliation now and then, the one that waits longest
//! first.
//!
//! Any number of processes may do this, on any machines: whoever has a tenant's lease works on it, and a lease ends with
//! its process. What is due stands in the database, so nothing is lost with a process, and nobody hands work out. A long
//! import is done in slices, each of which goes to the end of the queue: thousands of tenants take turns.

mod attempt;
mod due;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use servicedesk::Stop;
use store::{Counts, Job, JobKind, Store};
use ticket::TenantId;
use tokio::task::JoinSet;
use tracing::{Instrument, debug, error, info, info_span, warn};

use crate::clock;
use crate::desks::Desks;
use crate::exit::{self, ExitCode};
use crate::metrics::Metrics;
use crate::waits::doubled;
use attempt::Done;

/// Between two looks for what is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Tenants that are worked on at the same time: the others' helpdesks wait no longer for one that is slow.
const TENANTS: usize = 8;

/// Of these, with jobs that take long: short ones always find a place.
const LONG: usize = 4;

/// Until a tenant that another process has is looked at again: that process may be gone.
const HELD_WAIT: TimeDelta = TimeDelta::seconds(2);

/// First and longest wait after a failure, doubled in between, and the failures after which a job is given up: in two
/// days.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(5);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
const ATTEMPTS: u32 = 56;

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
    /// Tenants that another process has, and until when they are left to it.
    held: Mutex<HashMap<TenantId, DateTime<Utc>>>,
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
            held: Mutex::default(),
        }
    }

    /// Works until told to stop; what is under way stops in good order.
    pub(crate) async fn run(self: Arc<Self>, stop: Stop) {
        // Tasks of their own: each goes on while this one waits for the database, whose connections they have.
        let mut under_way = JoinSet::new();
        let mut taken: HashMap<TenantId, JobKind> = HashMap::new();
        while !stop.soft.is_cancelled() {
            let due = self.due().await.unwrap_or_else(|error| {
                warn!("what is due cannot be read: {error}");
                Vec::new()
            });
            for job in due {
                let long = taken.values().filter(|kind| is_long(**kind)).count();
                if under_way.len() == TENANTS {
                    break;
                }
                if taken.contains_key(&job.tenant) || (is_long(job.kind) && long == LONG) {
                    continue;
                }
                taken.insert(job.tenant.clone(), job.kind);
                under_way.spawn(self.clone().work(job, stop.clone()));
            }
            tokio::select! {
                () = stop.soft.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                Some(done) = under_way.join_next() => match done {
                    Ok(tenant) => {
                        taken.remove(&tenant);
                    }
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

    /// Does a job, or a slice of it, and notes how it went.
    async fn work(self: Arc<Self>, job: Job, stop: Stop) -> TenantId {
        let (tenant, kind) = (job.tenant.clone(), job.kind.as_str());
        let span = info_span!("job", tenant_id = %tenant, operation = kind);
        match self.attempt(&job, &stop).instrument(span).await {
            Ok(Done::Held) => {
                self.held().insert(tenant.clone(), clock::now() + HELD_WAIT);
            }
            Ok(Done::NotDue) => {}
            Ok(Done::Worked(synced)) => {
                self.metrics.count_tickets(&synced);
                let Counts {
                    imported,
                    updated,
                    rejected,
                    ..
                } = synced.counts;
                match imported + updated + rejected + synced.withdrawn {
                    0 => debug!(tenant_id = %tenant, "{kind}: {synced}"),
                    _ => info!(tenant_id = %tenant, "{kind}: {synced}"),
                }
            }
            Ok(Done::Paused {
                until,
                reason,
                stored,
            }) => self.paused(job, until, reason, stored).await,
            Err(error) if exit::code(&error) == ExitCode::Interrupted => {}
            Err(error) => self.failed(job, &error).await,
        }
        tenant
    }

    /// Has the job tried again later, or gives it up.
    async fn failed(&self, job: Job, error: &anyhow::Error) {
        self.metrics.count_failure(job.kind.as_str());
        let (tenant, kind) = (job.tenant.clone(), job.kind.as_str());
        let (now, attempts) = (clock::now(), job.attempts + 1);
        let wait = doubled(FIRST_WAIT, LONGEST_WAIT, attempts);
        let job = Job {
            due_at: now + wait,
            attempts,
            error: Some(format!("{error:#}")),
            failed_at: (attempts >= ATTEMPTS).then_some(now),
            ..job
        };
        if job.failed_at.is_some() {
            error!(
                tenant_id = %tenant,
                "{kind} failed {attempts} times in a row and is given up; see to it, then \
                 `precedent jobs retry --tenant-id={tenant}`: {error:#}"
            );
        } else {
            let seconds = wait.num_seconds();
            warn!(tenant_id = %tenant, "{kind} failed {attempts} times in a row, again in {seconds} s: {error:#}");
        }
        self.put_off(&job).await;
    }

    /// Has the job go on when the helpdesk's pause ends. A pause is no failure, but one after the other with nothing
    /// stored in between is.
    async fn paused(&self, job: Job, until: DateTime<Utc>, reason: String, stored: bool) {
        let attempts = if stored { 0 } else { job.attempts + 1 };
        if attempts >= ATTEMPTS {
            return self.failed(job, &anyhow::anyhow!("{reason}")).await;
        }
        let (tenant, kind) = (job.tenant.clone(), job.kind.as_str());
        info!(tenant_id = %tenant, "{kind} goes on at {}: {reason}", until.to_rfc3339());
        let job = Job {
            due_at: until,
            attempts,
            error: Some(format!("paused until {}: {reason}", until.to_rfc3339())),
            ..job
        };
        self.put_off(&job).await;
    }

    /// Stores when a job is due again.
    async fn put_off(&self, job: &Job) {
        let noted = match job.kind {
            JobKind::Import => self.store.put_off_job(job).await.map(|_| ()),
            JobKind::Sync | JobKind::Reconcile => self.store.ask_for(job).await,
        };
        if let Err(error) = noted {
            let kind = job.kind.as_str();
            warn!(tenant_id = %job.tenant, "failed to put the {kind} off; it is tried again at once: {error}");
        }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<TenantId, DateTime<Utc>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sync takes long only after a long silence.
fn is_long(kind: JobKind) -> bool {
    kind != JobKind::Sync
}
