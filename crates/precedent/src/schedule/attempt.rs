//! One job, or a turn of it.

use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use servicedesk::{Client, Stop};
use store::{Error, Job, JobKind, Tenant};

use super::Schedule;
use crate::hold::{give_back, hold_if_free};
use crate::import::import;
use crate::pipeline::{Ending, Pipeline, Purpose, ending_of};
use crate::progress::Progress;
use crate::range::Range;
use crate::reconcile::reconcile;
use crate::sync::{Synced, sync};
use crate::{clock, retention};

/// Time that a job goes on before others have their turn.
const TURN: Duration = Duration::from_secs(30);

/// Longest pause of a helpdesk that is waited out in a turn; for a longer one the place is given back.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How a job went.
pub(super) enum Done {
    /// Another process works on the tenant.
    Held,
    /// Another process has done it meanwhile.
    NotDue,
    /// Done, or as much of it as is done at a time.
    Worked(Synced),
    /// The helpdesk asked for a pause.
    Paused {
        until: DateTime<Utc>,
        reason: String,
        /// Something was stored before.
        stored: bool,
    },
}

impl Schedule {
    pub(super) async fn attempt(&self, job: &Job, stop: &Stop) -> anyhow::Result<Done> {
        let store = &*self.store;
        let lease = match hold_if_free(store, &job.tenant).await {
            Ok(lease) => lease,
            Err(Error::Held { .. }) => return Ok(Done::Held),
            Err(error) => return Err(error.into()),
        };
        // Whoever had it until now may have done it.
        if !self.due_of(&job.tenant).await?.contains(job) {
            store.release(&job.tenant, lease).await?;
            return Ok(Done::NotDue);
        }
        let (tenant, client) = self.desks.of(&job.tenant).await?;
        let progress = match job.kind {
            JobKind::Import => Progress::lines(),
            JobKind::Sync | JobKind::Reconcile => Progress::quiet(),
        };
        let work = (&tenant, &client);
        let ending = self.turn(job, work, lease.epoch, &progress, stop).await;
        progress.finish();
        let stored = progress.has_advanced();
        let ending = match ending_of(ending) {
            Ok(Ending::Stopped) if !stop.soft.is_cancelled() && !stored => Err(anyhow::anyhow!(
                "nothing could be stored within a turn of {} s: no request was answered in time",
                TURN.as_secs()
            )),
            ending => ending,
        };
        let ending = match ending {
            Ok(Ending::Complete) => {
                // Also that it failed before, or was asked for anew.
                let arguments = job.arguments.as_deref();
                store.end_job(&tenant.id, job.kind, arguments).await?;
                Ok(Ending::Complete)
            }
            Ok(Ending::Stopped) if !stop.soft.is_cancelled() => {
                // The rest goes to the end of the queue.
                let rest = Job::new(tenant.id.clone(), job.kind, job.arguments.clone(), clock::now());
                self.put_off(&rest).await;
                Ok(Ending::Stopped)
            }
            ending => ending,
        };
        let ending = give_back(store, (&tenant, &client), lease, ending).await?;
        if let Ending::Paused { until, reason } = ending {
            return Ok(Done::Paused {
                until,
                reason,
                stored,
            });
        }
        Ok(Done::Worked(Synced {
            counts: progress.counts_here(),
            withdrawn: progress.withdrawn_here(),
        }))
    }

    /// Works on a job for a while.
    async fn turn(
        &self,
        job: &Job,
        (tenant, client): (&Tenant, &Client),
        epoch: i64,
        progress: &Progress,
        stop: &Stop,
    ) -> anyhow::Result<Ending> {
        let stop = Stop {
            longest_pause: Some(LONGEST_PAUSE),
            ..stop.clone()
        };
        let work = (progress, Purpose::Import);
        let pipeline = Pipeline {
            turn: Some(TURN),
            ..Pipeline::new(&self.store, (&tenant.id, client), epoch, work, stop)
        };
        match job.kind {
            JobKind::Import => {
                let arguments = job.arguments.as_deref().unwrap_or_default();
                let range: Range = serde_json::from_str(arguments).context("read what is to be imported")?;
                let range = retention::clip(range, tenant, clock::now());
                import(&pipeline, &range, false).await
            }
            JobKind::Sync => sync(&pipeline).await,
            JobKind::Reconcile => reconcile(&pipeline).await,
        }
    }
}
