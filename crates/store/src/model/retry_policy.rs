//! Backoff between attempts and the limit of attempts.

use chrono::TimeDelta;

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
        // 2 to the power of 16 is longer than any backoff that makes sense.
        let factor = 2_i32.pow(failures.saturating_sub(1).min(16));
        (self.first * factor).min(self.longest)
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
