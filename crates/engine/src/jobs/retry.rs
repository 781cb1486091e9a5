//! Schedules a job again that failed, was paused or did not finish in its turn.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Job, JobKind, Store};
use tracing::{error, info, warn};

use crate::backoff::doubled;
use crate::{Error, clock};

/// Delay after the first failure; it doubles after each further one.
const FIRST_DELAY: TimeDelta = TimeDelta::seconds(5);

/// Maximum delay.
const LONGEST_DELAY: TimeDelta = TimeDelta::hours(1);

/// Number of failures after which a job is dead-lettered: about two days.
const ATTEMPTS: u32 = 56;

/// Schedules a failed job again, or dead-letters it. A dead-lettered job waits for an operator.
pub(super) async fn after_failure(store: &dyn Store, job: Job, error: &Error) {
    let (tenant, kind) = (job.tenant.clone(), job.kind.as_str());
    let (now, attempts) = (clock::now(), job.attempts + 1);
    let delay = doubled(FIRST_DELAY, LONGEST_DELAY, attempts);
    let error = error.in_full();
    let job = Job {
        due_at: now + delay,
        attempts,
        error: Some(error.clone()),
        failed_at: (attempts >= ATTEMPTS).then_some(now),
        ..job
    };
    if job.failed_at.is_some() {
        error!(
            tenant_id = %tenant,
            "{kind} failed {attempts} times in a row and is dead-lettered; fix the cause, then run \
             `precedent jobs retry --tenant-id={tenant}`: {error}"
        );
    } else {
        let seconds = delay.num_seconds();
        warn!(tenant_id = %tenant, "{kind} failed {attempts} times in a row; retrying in {seconds} s: {error}");
    }
    postpone(store, &job).await;
}

/// Schedules a job for the end of the helpdesk's pause. A pause is not a failure, but consecutive pauses with nothing
/// stored in between count as failures.
pub(super) async fn after_pause(
    store: &dyn Store,
    job: Job,
    until: DateTime<Utc>,
    reason: String,
    stored: bool,
) {
    let attempts = if stored { 0 } else { job.attempts + 1 };
    if attempts >= ATTEMPTS {
        return after_failure(store, job, &Error::AlwaysPaused(reason)).await;
    }
    let (tenant, kind) = (job.tenant.clone(), job.kind.as_str());
    info!(tenant_id = %tenant, "{kind} is paused until {}: {reason}", until.to_rfc3339());
    let job = Job {
        due_at: until,
        attempts,
        error: Some(format!("paused until {}: {reason}", until.to_rfc3339())),
        ..job
    };
    postpone(store, &job).await;
}

/// Schedules the rest of a job behind the waiting jobs.
pub(super) async fn after_turn(store: &dyn Store, job: &Job) {
    let rest = Job::new(job.tenant.clone(), job.kind, job.arguments.clone(), clock::now());
    postpone(store, &rest).await;
}

async fn postpone(store: &dyn Store, job: &Job) {
    let stored = match job.kind {
        JobKind::Import => store.put_off_job(job).await.map(|_| ()),
        JobKind::Sync | JobKind::Reconcile => store.ask_for(job).await,
    };
    if let Err(error) = stored {
        let kind = job.kind.as_str();
        warn!(tenant_id = %job.tenant, "failed to postpone the {kind}; retrying immediately: {error}");
    }
}
