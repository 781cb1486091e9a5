//! Backoff between attempts and the limit of attempts.

use backon::{BackoffBuilder, ExponentialBuilder};
use chrono::TimeDelta;

/// Number of doublings after which any backoff is the longest one.
const MAX_DOUBLINGS: u32 = 32;

/// Retry policy of jobs or of webhook events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Backoff after the first failure; it doubles with each further failure.
    pub first: TimeDelta,
    /// Longest backoff.
    pub longest: TimeDelta,
    /// Number of failures in a row after which there is no further attempt.
    pub attempts: u32,
}

impl RetryPolicy {
    /// Returns the backoff after this many failures in a row.
    pub fn backoff(&self, failures: u32) -> TimeDelta {
        let delay = |delay: TimeDelta| delay.to_std().unwrap_or_default();
        let mut delays = ExponentialBuilder::default()
            .with_min_delay(delay(self.first))
            .with_max_delay(delay(self.longest))
            .without_max_times()
            .build();
        let doublings = failures.saturating_sub(1).min(MAX_DOUBLINGS);
        let backoff = delays.nth(doublings as usize).unwrap_or_default();
        TimeDelta::from_std(backoff).unwrap_or(self.longest)
    }

    /// Returns whether this many failures in a row are too many.
    pub fn is_exhausted(&self, failures: u32) -> bool {
        failures >= self.attempts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backoff_doubles_up_to_the_longest() {
        let policy = RetryPolicy {
            first: TimeDelta::seconds(5),
            longest: TimeDelta::hours(1),
            attempts: 12,
        };
        let backoffs: Vec<_> = (1..=12).map(|failures| policy.backoff(failures)).collect();
        assert_eq!((backoffs[0], backoffs[1]), (policy.first, policy.first * 2));
        assert!(
            backoffs.is_sorted() && backoffs.last() == Some(&policy.longest),
            "{backoffs:?}"
        );
        assert_eq!(policy.backoff(u32::MAX), policy.longest);
        assert_eq!((policy.is_exhausted(11), policy.is_exhausted(12)), (false, true));
    }
}
