//! Runs one turn of a job.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use store::{Deaths, Job, JobKind, Lease, Store, Tenant};
use ticket::Range;
use tracing::warn;

use super::due::Intervals;
use super::retry;
use crate::import::{Ending, Purpose, RunContext, ending_of, import};
use crate::lease::{release_lease, try_acquire_lease};
use crate::progress::Progress;
use crate::reconcile::reconcile;
use crate::source::{Client, SourcePool, Stop};
use crate::sync::{Synced, sync};
use crate::{Error, Result, clock, retention};

/// Duration of a turn, after which other jobs have theirs.
const TURN: Duration = Duration::from_secs(30);

/// Maximum pause of a helpdesk that a turn waits for. For a longer one the job ends its turn.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Deaths in a row after which a job is dead-lettered: the first one in company, the others alone.
const MAX_DEATHS: u32 = 3;

/// Outcome of a turn.
pub(super) enum Turn {
    /// Another process holds the tenant's lease.
    Held,
    /// Another process has completed the job meanwhile, or this one is stopping.
    NotDue,
    /// The process of the last attempt died: the next attempt must be alone.
    Suspect,
    /// The processes of the last attempts died, and the job is dead-lettered.
    Parked,
    /// The job is complete, or its turn is over.
    Worked(Synced),
    /// The helpdesk asked for a pause.
    Paused {
        until: DateTime<Utc>,
        reason: String,
        /// Whether the turn stored anything before the pause.
        stored: bool,
    },
}

/// Context that all attempts share.
pub(super) struct Attempts {
    pub(super) store: Store,
    pub(super) sources: Arc<SourcePool>,
    pub(super) intervals: Intervals,
}

impl Attempts {
    /// Works on a job under the tenant's lease, for at most one turn. A suspect is alone in this process.
    pub(super) async fn attempt(&self, job: &Job, suspect: bool, stop: &Stop) -> Result<Turn> {
        let (store, company) = (&self.store, self.sources.company());
        let _together = if suspect { None } else { company.place(false).await };
        let lease = match try_acquire_lease(store, &job.tenant).await {
            Ok(lease) => lease,
            Err(store::Error::Held { .. }) => return Ok(Turn::Held),
            Err(error) => return Err(error.into()),
        };
        // With the lease, so that others do not wait in vain if another process works on this tenant.
        let _alone = if suspect { company.place(true).await } else { None };
        // The previous holder may have completed the job.
        let due = self.intervals.due_of(store, &job.tenant).await?;
        let is_same = |due: &Job| due.kind == job.kind && due.arguments == job.arguments;
        if !due.iter().any(is_same) || stop.soft.is_cancelled() {
            store.release_lease(&job.tenant, lease).await?;
            return Ok(Turn::NotDue);
        }
        let (attempt, now) = ((&job.tenant, job.kind), store.now().await?);
        let limits = (suspect, MAX_DEATHS);
        let deaths = store.begin_attempt(attempt, lease.epoch, limits, now).await?;
        match deaths {
            Deaths { count: 0, .. } => self.with_lease(job, (lease, now), stop).await,
            deaths if deaths.count >= MAX_DEATHS => {
                retry::after_deaths(store, job, deaths).await?;
                store.end_attempt(&job.tenant, job.kind, lease.epoch).await?;
                store.release_lease(&job.tenant, lease).await?;
                Ok(Turn::Parked)
            }
            _ if suspect => self.with_lease(job, (lease, now), stop).await,
            _ => {
                store.release_lease(&job.tenant, lease).await?;
                Ok(Turn::Suspect)
            }
        }
    }

    async fn with_lease(
        &self,
        job: &Job,
        (lease, begun_at): (Lease, DateTime<Utc>),
        stop: &Stop,
    ) -> Result<Turn> {
        let store = &self.store;
        let source = self.sources.client_of(&job.tenant).await;
        let (tenant, client) = match source {
            Ok(source) => source,
            Err(error) => {
                self.end(job, &lease).await;
                return Err(error);
            }
        };
        let progress = match job.kind {
            JobKind::Import => Progress::lines(),
            JobKind::Sync | JobKind::Reconcile => Progress::quiet(),
        };
        let worked = self
            .turn(job, (&tenant, &client), lease.epoch, &progress, stop)
            .await;
        let stored = progress.has_advanced();
        let ending = match ending_of(worked) {
            Ok(Ending::Complete) => {
                // Also deletes the record of earlier failures and a repeated request, but no request of a later sync.
                let arguments = job.arguments.as_deref();
                let due_by = (job.kind != JobKind::Import).then_some(begun_at.max(job.due_at));
                let completed = store.complete_job(&tenant.id, job.kind, arguments, due_by).await;
                completed.map(|_| Ending::Complete).map_err(Error::from)
            }
            Ok(Ending::Stopped) if !stop.soft.is_cancelled() && !stored => Err(Error::EmptyTurn {
                seconds: TURN.as_secs(),
            }),
            Ok(Ending::Stopped) if !stop.soft.is_cancelled() => {
                retry::after_turn(store, job).await;
                Ok(Ending::Stopped)
            }
            ending => ending,
        };
        self.end(job, &lease).await;
        match release_lease(store, (&tenant, &client), lease, ending).await? {
            Ending::Paused { until, reason } => Ok(Turn::Paused {
                until,
                reason,
                stored,
            }),
            Ending::Complete | Ending::Stopped => Ok(Turn::Worked(Synced {
                counts: progress.counts_here(),
                withdrawn: progress.withdrawn_here(),
            })),
        }
    }

    /// Deletes the note of an attempt that its process survived.
    async fn end(&self, job: &Job, lease: &Lease) {
        let ended = self.store.end_attempt(&job.tenant, job.kind, lease.epoch).await;
        if let Err(error) = ended {
            let kind = job.kind.as_str();
            warn!(tenant_id = %job.tenant, "failed to note the end of the {kind}; its next turn runs alone: {error}");
        }
    }

    async fn turn(
        &self,
        job: &Job,
        (tenant, client): (&Tenant, &Client),
        epoch: i64,
        progress: &Progress,
        stop: &Stop,
    ) -> Result<Ending> {
        let stop = Stop {
            longest_pause: Some(LONGEST_PAUSE),
            ..stop.clone()
        };
        let work = (progress, Purpose::Import);
        let context = RunContext {
            turn: Some(TURN),
            ..RunContext::new(&self.store, (&tenant.id, client), epoch, work, stop)
        };
        match job.kind {
            JobKind::Import => {
                let arguments = job.arguments.as_deref().unwrap_or_default();
                let range: Range = serde_json::from_str(arguments).map_err(|source| Error::Form {
                    what: "read the range of the import",
                    source,
                })?;
                let range = retention::clip(range, tenant, clock::now());
                import(&context, &range, false).await
            }
            JobKind::Sync => sync(&context).await,
            JobKind::Reconcile => reconcile(&context).await,
        }
    }
}
