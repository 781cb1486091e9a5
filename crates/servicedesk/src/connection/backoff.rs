//! Delays before the retries of one request.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// Longest pause that a throttle or a lock may cause; a server that asks for more is not believed.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// Retries of one request after an unusable answer.
const RETRIES: usize = 3;

/// Returns the delay before each retry after an unusable answer.
pub(super) fn delays() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(500))
        .with_jitter()
        .with_max_times(RETRIES)
        .build()
}
