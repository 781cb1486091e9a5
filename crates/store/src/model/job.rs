//! A job as a state machine.
//!
//! A row of `jobs` is a job that was requested, or that failed and waits for its next attempt. Periodic work has no row
//! until it fails. The table has no column for the state: [`Job::state`] derives it from `failed_at`, `attempts` and
//! `error`. Each transition is a method that returns the next job; the caller stores it.

use chrono::{DateTime, Utc};
use ticket::TenantId;

use super::{JobKind, RetryPolicy};

/// One job; a tenant has at most one of each kind.
///
/// ```mermaid
/// stateDiagram-v2
///     [*] --> Pending: request_job
///     Pending --> Retrying: retry_after_failure
///     Pending --> Paused: pause_until, after progress
///     Paused --> Paused: pause_until, after progress
///     Paused --> Retrying: retry_after_failure
///     Retrying --> Retrying: retry_after_failure
///     Retrying --> Paused: pause_until, after progress
///     Retrying --> DeadLettered: retry_after_failure, last attempt
///     Paused --> Pending: requeue
///     Retrying --> Pending: requeue
///     DeadLettered --> Pending: requeue
///     Pending --> [*]: complete_job
///     Paused --> [*]: complete_job
///     Retrying --> [*]: complete_job
/// ```
///
/// A worker that holds the tenant's lease runs a job that is due, in any state but `DeadLettered`. The row does not
/// change while the job runs, so the job of a process that dies is still due. A pause without progress counts as a
/// failed attempt and leads to `Retrying`. [`Job::dead_letter`] leads from any state to `DeadLettered`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Tenant of the job.
    pub tenant: TenantId,
    /// The work that it does.
    pub kind: JobKind,
    /// Arguments of the request; opaque here.
    pub arguments: Option<String>,
    /// Time of the next attempt; jobs that are due longest run first.
    pub due_at: DateTime<Utc>,
    /// Number of failures in a row.
    pub attempts: u32,
    /// Reason of the last failure or pause.
    pub error: Option<String>,
    /// Time when it was dead-lettered.
    pub failed_at: Option<DateTime<Utc>>,
}

/// State of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Waits for its first attempt, or for the next slice.
    Pending,
    /// Made progress and waits for the end of the helpdesk's pause.
    Paused,
    /// Failed and waits for its next attempt.
    Retrying,
    /// Failed for the last time; only [`Job::requeue`] runs it again.
    DeadLettered,
}

impl JobState {
    /// Returns the name for people and programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paused => "paused",
            Self::Retrying => "retrying",
            Self::DeadLettered => "dead-lettered",
        }
    }
}

impl Job {
    /// Returns a pending job.
    pub fn new(tenant: TenantId, kind: JobKind, arguments: Option<String>, due_at: DateTime<Utc>) -> Self {
        Self {
            tenant,
            kind,
            arguments,
            due_at,
            attempts: 0,
            error: None,
            failed_at: None,
        }
    }

    /// Returns the state, as far as the stored columns show it.
    pub fn state(&self) -> JobState {
        match self {
            Self {
                failed_at: Some(_), ..
            } => JobState::DeadLettered,
            Self { attempts: 1.., .. } => JobState::Retrying,
            Self { error: Some(_), .. } => JobState::Paused,
            _ => JobState::Pending,
        }
    }

    /// Returns the job after a failed attempt: due again after the policy's backoff, or dead-lettered after the last
    /// attempt.
    #[must_use = "the caller stores the next state"]
    pub fn retry_after_failure(self, now: DateTime<Utc>, error: String, policy: &RetryPolicy) -> Self {
        let attempts = self.attempts + 1;
        let failed = Self {
            due_at: now + policy.backoff(attempts),
            attempts,
            error: Some(error),
            ..self
        };
        match policy.is_exhausted(attempts) {
            true => failed.dead_letter(now),
            false => failed,
        }
    }

    /// Returns the job after the helpdesk asked for a pause: due at its end. Progress resets the failures; a pause
    /// without progress counts as a failure, and may be the last one.
    #[must_use = "the caller stores the next state"]
    pub fn pause_until(
        self,
        until: DateTime<Utc>,
        reason: &str,
        progress: bool,
        now: DateTime<Utc>,
        policy: &RetryPolicy,
    ) -> Self {
        let attempts = if progress { 0 } else { self.attempts + 1 };
        if policy.is_exhausted(attempts) {
            return self.retry_after_failure(now, reason.to_owned(), policy);
        }
        Self {
            due_at: until,
            attempts,
            error: Some(format!("paused until {}: {reason}", until.to_rfc3339())),
            ..self
        }
    }

    /// Returns the job as pending and due now.
    #[must_use = "the caller stores the next state"]
    pub fn requeue(self, now: DateTime<Utc>) -> Self {
        Self::new(self.tenant, self.kind, self.arguments, now)
    }

    /// Returns the job without further attempts.
    #[must_use = "the caller stores the next state"]
    pub fn dead_letter(self, now: DateTime<Utc>) -> Self {
        Self {
            failed_at: Some(now),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        first: TimeDelta::seconds(5),
        longest: TimeDelta::hours(1),
        attempts: 3,
    };

    fn pending() -> Job {
        let tenant = "acme".parse().expect("an id");
        Job::new(
            tenant,
            JobKind::Import,
            Some("90 days".into()),
            DateTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn a_job_that_fails_is_retried_and_then_dead_lettered_until_it_is_requeued() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let mut job = pending();
        assert_eq!(job.state(), JobState::Pending);
        for (backoff, state) in [
            (5, JobState::Retrying),
            (10, JobState::Retrying),
            (20, JobState::DeadLettered),
        ] {
            job = job.retry_after_failure(now, "refused".into(), &POLICY);
            assert_eq!(
                (job.state(), job.due_at),
                (state, now + TimeDelta::seconds(backoff))
            );
        }
        assert_eq!((job.attempts, job.failed_at), (3, Some(now)));
        assert_eq!(
            job.requeue(now),
            Job {
                due_at: now,
                ..pending()
            }
        );
    }

    #[test]
    fn a_pause_resets_failures_after_progress_and_counts_as_one_without() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let until = now + TimeDelta::minutes(9);
        let failed = pending().retry_after_failure(now, "refused".into(), &POLICY);
        let paused = failed.clone().pause_until(until, "busy", true, now, &POLICY);
        assert_eq!(
            (paused.state(), paused.due_at, paused.attempts),
            (JobState::Paused, until, 0)
        );
        let mut idle = failed.pause_until(until, "busy", false, now, &POLICY);
        assert_eq!(
            (idle.state(), idle.due_at, idle.attempts),
            (JobState::Retrying, until, 2)
        );
        idle = idle.pause_until(until, "busy", false, now, &POLICY);
        assert_eq!(
            (idle.state(), idle.error.as_deref()),
            (JobState::DeadLettered, Some("busy"))
        );
    }
}
