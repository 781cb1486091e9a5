//! Delays between attempts. They double after each failure, up to a maximum.

use chrono::TimeDelta;

/// Returns the delay after the given number of failed attempts, at least one.
pub(crate) fn doubled(first: TimeDelta, longest: TimeDelta, attempts: u32) -> TimeDelta {
    let factor = 2_i32.saturating_pow(attempts.saturating_sub(1));
    first
        .checked_mul(factor)
        .map_or(longest, |delay| delay.min(longest))
}
