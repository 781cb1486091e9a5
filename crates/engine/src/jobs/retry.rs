//! Stores the next state of a job that failed, was paused or was not finished in its turn.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Deaths, Job, JobKind, JobState, RetryPolicy, Store};
use tracing::{error, info, warn};

use crate::{Error, clock};

/// Retry policy of jobs: a job is dead-lettered after two days of failures.
const POLICY: RetryPolicy = RetryPolicy {
    first: TimeDelta::seconds(5),
    longest: TimeDelta::hours(1),
    attempts: 56,
};

/// Schedules a failed job again, or dead-letters it: then it waits for an operator.
pub(super) async fn after_failure(store: &Store, job: Job, error: &Error) {
    let now = clock::of(store).await;
    reschedule_failed(store, job.retry_after_failure(now, error.in_full(), &POLICY), now).await;
}

/// Schedules a job for the end of the helpdesk's pause, and returns its state. A pause is not a failure, but consecutive
/// pauses with nothing stored in between count as failures.
pub(super) async fn after_pause(
    store: &Store,
    job: Job,
    until: DateTime<Utc>,
    reason: String,
    stored: bool,
) -> JobState {
    let now = clock::of(store).await;
    let job = job.pause_until(until, &reason, stored, now, &POLICY);
    let state = job.state();
    if state == JobState::DeadLettered {
        reschedule_failed(store, job, now).await;
    } else {
        let kind = job.kind.as_str();
        info!(tenant_id = %job.tenant, "{kind} continues at {}: {reason}", until.to_rfc3339());
        reschedule(store, &job).await;
    }
    state
}

/// Dead-letters a job during whose attempts the process died each time.
///
/// # Errors
/// Those of the store; the job is unchanged then.
pub(super) async fn after_deaths(store: &Store, job: &Job, deaths: Deaths) -> store::Result<()> {
    let (tenant, kind, count) = (&job.tenant, job.kind.as_str(), deaths.count);
    let last = deaths.last.map(|last| last.to_rfc3339()).unwrap_or_default();
    let reason = format!(
        "the worker process died {count} times during this job, last in the attempt that began at {last}; next: \
         precedent jobs retry --tenant-id={tenant}"
    );
    error!(tenant_id = %tenant, "{kind} is dead-lettered: {reason}");
    let parked = Job {
        error: Some(reason),
        ..job.clone().dead_letter(clock::of(store).await)
    };
    store_next(store, &parked).await
}

/// Schedules the rest of a job behind the jobs that wait.
pub(super) async fn after_turn(store: &Store, job: &Job) {
    reschedule(store, &job.clone().requeue(clock::of(store).await)).await;
}

/// Logs a failure and stores the job's next state.
async fn reschedule_failed(store: &Store, job: Job, now: DateTime<Utc>) {
    let (tenant, kind, attempts) = (&job.tenant, job.kind.as_str(), job.attempts);
    let error = job.error.as_deref().unwrap_or_default();
    if job.state() == JobState::DeadLettered {
        error!(
            tenant_id = %tenant,
            "{kind} failed {attempts} times in a row and is dead-lettered; correct the cause, then run \
             `precedent jobs retry --tenant-id={tenant}`: {error}"
        );
    } else {
        let seconds = (job.due_at - now).as_seconds_f64().round();
        warn!(tenant_id = %tenant, "{kind} failed {attempts} times in a row, retrying in {seconds} s: {error}");
    }
    reschedule(store, &job).await;
}

async fn reschedule(store: &Store, job: &Job) {
    if let Err(error) = store_next(store, job).await {
        let kind = job.kind.as_str();
        warn!(tenant_id = %job.tenant, "failed to reschedule the {kind}; trying it again at once: {error}");
    }
}

/// Stores the next state of a job. An import that was cancelled or replaced meanwhile stays as it is.
async fn store_next(store: &Store, job: &Job) -> store::Result<()> {
    match job.kind {
        JobKind::Import => store.reschedule_job(job).await.map(|_| ()),
        JobKind::Sync | JobKind::Reconcile => store.request_job(job).await,
    }
}
