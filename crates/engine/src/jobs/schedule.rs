//! Runs due jobs of all tenants, longest waiting first.
//!
//! Any number of processes may run a schedule, on any machines: the process that holds a tenant's lease works on it,
//! and a lease ends with its process. Due jobs are in the database, so a crash loses no job, and no dispatcher is
//! needed. A long import runs in turns, each of which goes to the end of the queue, so that thousands of tenants make
//! progress.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use store::{Counts, Job, JobKind, JobState, Store};
use ticket::TenantId;
use tokio::task::JoinSet;
use tracing::{Instrument, debug, info, info_span, warn};

use super::attempt::{Attempts, Turn};
use super::due::Intervals;
use super::retry;
use crate::source::{SourcePool, Stop};
use crate::sync::Synced;
use crate::{Error, clock};

/// Interval between two polls for due jobs.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Maximum number of tenants at the same time. They run concurrently, so that a slow helpdesk does not delay the
/// others.
const TENANTS: usize = 8;

/// Maximum number of long jobs among them, so that short jobs always find a place.
const LONG_JOBS: usize = 4;

/// Delay before the next attempt to acquire a lease that another process holds.
const HELD_DELAY: TimeDelta = TimeDelta::seconds(2);

/// Receives the outcomes of jobs, for metrics.
pub trait JobObserver: Send + Sync {
    /// A turn of a job succeeded.
    fn worked(&self, synced: &Synced);
    /// A job failed.
    fn failed(&self, kind: JobKind);
}

/// Runs due jobs of all tenants.
pub struct Schedule {
    attempts: Attempts,
    observer: Arc<dyn JobObserver>,
    /// Tenants whose lease another process holds, with the time of the next attempt.
    held: Mutex<HashMap<TenantId, DateTime<Utc>>>,
}

impl Schedule {
    /// Creates a schedule. It does nothing before [`Self::run`].
    pub fn new(
        store: Store,
        sources: Arc<SourcePool>,
        observer: Arc<dyn JobObserver>,
        intervals: Intervals,
    ) -> Self {
        Self {
            attempts: Attempts {
                store,
                sources,
                intervals,
            },
            observer,
            held: Mutex::default(),
        }
    }

    /// Runs jobs until `stop` is cancelled, then waits for the running jobs to end.
    pub async fn run(self: Arc<Self>, stop: Stop) {
        // Jobs run as separate tasks, because they hold database connections for which the loop may wait.
        let mut under_way = JoinSet::new();
        let mut taken: HashMap<TenantId, JobKind> = HashMap::new();
        while !stop.soft.is_cancelled() {
            for job in self.due().await {
                let long = taken.values().filter(|kind| is_long(**kind)).count();
                if under_way.len() == TENANTS {
                    break;
                }
                if taken.contains_key(&job.tenant) || (is_long(job.kind) && long == LONG_JOBS) {
                    continue;
                }
                taken.insert(job.tenant.clone(), job.kind);
                under_way.spawn(self.clone().work(job, stop.clone()));
            }
            tokio::select! {
                () = stop.soft.cancelled() => {}
                () = tokio::time::sleep(POLL_INTERVAL) => {}
                Some(done) = under_way.join_next() => match done {
                    Ok(tenant) => {
                        taken.remove(&tenant);
                    }
                    Err(error) => {
                        warn!("job panicked: {error}");
                        // The tenant of the panicked job is unknown. Leases protect the running jobs.
                        taken.clear();
                    }
                },
            }
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Returns the due jobs, without those of tenants whose lease another process holds.
    async fn due(&self) -> Vec<Job> {
        let due = self.attempts.intervals.due(&self.attempts.store).await;
        let mut due = due.unwrap_or_else(|error| {
            warn!("failed to load due jobs; retrying: {error}");
            Vec::new()
        });
        let now = clock::now();
        let mut held = self.held();
        held.retain(|_, until| *until > now);
        due.retain(|job| !held.contains_key(&job.tenant));
        due
    }

    /// Works on a job for one turn and records its outcome.
    async fn work(self: Arc<Self>, job: Job, stop: Stop) -> TenantId {
        let (tenant, kind) = (job.tenant.clone(), job.kind.as_str());
        let store = &self.attempts.store;
        let span = info_span!("job", tenant_id = %tenant, operation = kind);
        match self.attempts.attempt(&job, &stop).instrument(span).await {
            Ok(Turn::Held) => {
                self.held().insert(tenant.clone(), clock::now() + HELD_DELAY);
            }
            Ok(Turn::NotDue) => {}
            Ok(Turn::Worked(synced)) => {
                self.observer.worked(&synced);
                log(&tenant, kind, &synced);
            }
            Ok(Turn::Paused {
                until,
                reason,
                stored,
            }) => {
                let kind = job.kind;
                let state = retry::after_pause(store, job, until, reason, stored).await;
                if state == JobState::DeadLettered {
                    self.observer.failed(kind);
                }
            }
            Err(error) if error.is_stopped() => {}
            Err(error) => self.failed(job, &error).await,
        }
        tenant
    }

    async fn failed(&self, job: Job, error: &Error) {
        self.observer.failed(job.kind);
        retry::after_failure(&self.attempts.store, job, error).await;
    }

    fn held(&self) -> MutexGuard<'_, HashMap<TenantId, DateTime<Utc>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logs a turn, at debug level if it changed nothing.
fn log(tenant: &TenantId, kind: &str, synced: &Synced) {
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

/// Returns whether a job takes long. A sync takes long only after a long interruption.
fn is_long(kind: JobKind) -> bool {
    kind != JobKind::Sync
}
