//! Events that helpdesks send to webhooks, until they are processed.

use chrono::{DateTime, Utc};

use super::RetryPolicy;

/// Content of a webhook event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A whole resolved ticket: `resolved`.
    Resolved,
    /// The id of a ticket that changed in any way: `changed`.
    Changed,
}

impl EventKind {
    /// Returns the value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::Changed => "changed",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Resolved, Self::Changed]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// A webhook event, as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookEvent {
    /// Id of the event; an event that is sent again has the same id.
    pub id: String,
    /// Content of the event.
    pub kind: EventKind,
    /// Body of the request.
    pub body: String,
    /// Time when it was last received.
    pub received_at: DateTime<Utc>,
    /// Time of the next attempt to process it.
    pub due_at: DateTime<Utc>,
    /// Number of failed attempts.
    pub attempts: u32,
    /// Claims in a row without an outcome, with the current one. Each earlier one ended with the death of its process.
    pub claims: u32,
    /// Reason of the last failure.
    pub error: Option<String>,
    /// Time when it was dead-lettered.
    pub failed_at: Option<DateTime<Utc>>,
}

impl WebhookEvent {
    /// Returns an event without any attempt.
    pub fn new(
        id: String,
        kind: EventKind,
        body: String,
        received_at: DateTime<Utc>,
        due_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            kind,
            body,
            received_at,
            due_at,
            attempts: 0,
            claims: 0,
            error: None,
            failed_at: None,
        }
    }

    /// Returns the number of processes in a row that died during this event, once it is claimed.
    pub fn deaths(&self) -> u32 {
        self.claims.saturating_sub(1)
    }

    /// Returns whether it failed for the last time; only [`WebhookEvent::requeue`] processes it again.
    pub fn is_dead_lettered(&self) -> bool {
        self.failed_at.is_some()
    }

    /// Returns the event after a failed attempt: due again after the policy's backoff, or dead-lettered after the last
    /// attempt.
    #[must_use = "the caller stores the next state"]
    pub fn retry_after_failure(self, now: DateTime<Utc>, error: String, policy: &RetryPolicy) -> Self {
        let attempts = self.attempts + 1;
        Self {
            due_at: now + policy.backoff(attempts),
            attempts,
            claims: 0,
            error: Some(error),
            failed_at: policy.is_exhausted(attempts).then_some(now),
            ..self
        }
    }

    /// Returns the event after an interruption that was not its fault: due at `until`, with the same attempts.
    #[must_use = "the caller stores the next state"]
    pub fn pause_until(self, until: DateTime<Utc>, reason: String) -> Self {
        Self {
            due_at: until,
            claims: 0,
            error: Some(reason),
            ..self
        }
    }

    /// Returns the event as due now, without failed attempts. The reason of the last failure stays.
    #[must_use = "the caller stores the next state"]
    pub fn requeue(self, now: DateTime<Utc>) -> Self {
        Self {
            due_at: now,
            attempts: 0,
            claims: 0,
            failed_at: None,
            ..self
        }
    }

    /// Returns the event without further attempts. The claims stay, so that the same event received again has none.
    #[must_use = "the caller stores the next state"]
    pub fn dead_letter(self, now: DateTime<Utc>, reason: String) -> Self {
        Self {
            error: Some(reason),
            failed_at: Some(now),
            ..self
        }
    }
}

/// Unprocessed events of a tenant, without dead-lettered ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Id of the tenant.
    pub tenant: String,
    /// Number of events.
    pub events: u64,
    /// Time when the oldest event was received.
    pub oldest: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn an_event_is_retried_then_dead_lettered_then_requeued() {
        let policy = RetryPolicy {
            first: TimeDelta::seconds(5),
            longest: TimeDelta::hours(1),
            attempts: 2,
        };
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let event = WebhookEvent::new("1".into(), EventKind::Changed, "1".into(), now, now);
        let paused = event.pause_until(now + TimeDelta::hours(2), "busy".into());
        assert_eq!((paused.attempts, paused.is_dead_lettered()), (0, false));
        let retried = paused.retry_after_failure(now, "gone".into(), &policy);
        assert_eq!(retried.due_at, now + policy.first);
        assert!(!retried.is_dead_lettered());
        let failed = retried.retry_after_failure(now, "gone".into(), &policy);
        assert!(failed.is_dead_lettered());
        let requeued = failed.requeue(now);
        assert_eq!((requeued.attempts, requeued.failed_at), (0, None));
    }
}
