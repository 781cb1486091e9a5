//! Runs due jobs of all tenants, longest waiting first.
//!
//! Any number of processes may run a schedule, on any machines: the process that holds a tenant's lease works on it,
//! and a lease ends with its process. Due jobs are in the database, so a crash loses no job, and no dispatcher is
//! needed. A long import runs in turns, each of which goes to the end of the queue, so that thousands of tenants make
//! progress.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::{Counts, Job, JobKind, JobState, Store};
use ticket::TenantId;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use tracing::{Instrument, debug, info, info_span, warn};

use super::attempt::{Attempts, Turn};
use super::due::Intervals;
use super::retry;
use crate::Error;
use crate::source::{SourcePool, Stop};
use crate::sync::Synced;

/// Interval between two polls for due jobs.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Maximum number of tenants at the same time. They run concurrently, so that a slow helpdesk does not delay the
/// others.
const TENANTS: usize = 8;

/// Maximum number of long jobs among them, so that short jobs always find a place.
const LONG_JOBS: usize = 4;

/// Delay before the next attempt to acquire a lease that another process holds.
const HELD_DELAY: Duration = Duration::from_secs(2);

/// A tenant whose job is under way.
struct Taken {
    tenant: TenantId,
    long: bool,
}

impl Taken {
    fn new(job: &Job) -> Self {
        Self {
            tenant: job.tenant.clone(),
            // A sync takes long only after a long interruption.
            long: job.kind != JobKind::Sync,
        }
    }

    /// Returns whether there is a place for the job beside the others.
    fn fits(&self, others: &HashMap<Id, Self>) -> bool {
        let long = others.values().filter(|other| other.long).count();
        let is_taken = others.values().any(|other| other.tenant == self.tenant);
        !(is_taken || self.long && long == LONG_JOBS)
    }
}

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
    /// Tenants whose lease another process holds, with the time of the last attempt.
    held: Mutex<HashMap<TenantId, Instant>>,
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
        let mut taken: HashMap<Id, Taken> = HashMap::new();
        while !stop.soft.is_cancelled() {
            for (job, suspect) in self.due().await {
                if under_way.len() == TENANTS {
                    break;
                }
                let next = Taken::new(&job);
                if next.fits(&taken) {
                    let task = under_way.spawn(self.clone().work(job, suspect, stop.clone()));
                    taken.insert(task.id(), next);
                }
            }
            let ended = tokio::select! {
                () = stop.soft.cancelled() => None,
                () = tokio::time::sleep(POLL_INTERVAL) => None,
                ended = under_way.join_next_with_id(), if !under_way.is_empty() => ended,
            };
            match ended {
                Some(Ok((id, ()))) => taken.remove(&id),
                Some(Err(error)) => {
                    warn!("job panicked: {error}");
                    taken.remove(&error.id())
                }
                None => None,
            };
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Returns the due jobs, without those of tenants whose lease another process holds, and whether each is a suspect.
    async fn due(&self) -> Vec<(Job, bool)> {
        let store = &self.attempts.store;
        let due = async {
            let suspects: HashSet<_> = store.suspects().await?.into_iter().collect();
            let due = self.attempts.intervals.due(store).await?.into_iter();
            let judged = due.map(|job| {
                let suspect = suspects.contains(&(job.tenant.clone(), job.kind));
                (job, suspect)
            });
            Ok::<_, store::Error>(judged.collect())
        };
        let mut due: Vec<(Job, bool)> = due.await.unwrap_or_else(|error| {
            warn!("failed to load due jobs; retrying: {error}");
            Vec::new()
        });
        let mut held = self.held();
        held.retain(|_, since| since.elapsed() < HELD_DELAY);
        due.retain(|(job, _)| !held.contains_key(&job.tenant));
        // One after the other, so that this process becomes idle for all of them once.
        due.sort_by_key(|(_, suspect)| !suspect);
        due
    }

    /// Works on a job for one turn and records its outcome.
    async fn work(self: Arc<Self>, job: Job, suspect: bool, stop: Stop) {
        let (tenant, kind) = (job.tenant.clone(), job.kind.as_str());
        let store = &self.attempts.store;
        let span = info_span!("job", tenant_id = %tenant, operation = kind);
        let turn = self.attempts.attempt(&job, suspect, &stop).instrument(span);
        match turn.await {
            Ok(Turn::Held) => {
                self.held().insert(tenant, Instant::now());
            }
            Ok(Turn::NotDue) => {}
            Ok(Turn::Suspect) => {
                warn!(tenant_id = %tenant, "a worker process died during the {kind}; its next turn runs alone");
            }
            Ok(Turn::Parked) => self.observer.failed(job.kind),
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
    }

    async fn failed(&self, job: Job, error: &Error) {
        self.observer.failed(job.kind);
        retry::after_failure(&self.attempts.store, job, error).await;
    }

    fn held(&self) -> MutexGuard<'_, HashMap<TenantId, Instant>> {
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
