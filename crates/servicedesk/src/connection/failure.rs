//! The reasons why one exchange gave no answer.

use std::time::Duration;

use crate::Error;

/// The reason why one exchange gave no answer. The request loop decides by it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server throttles: wait as long as it asks, else the default, then send again.
    Throttled {
        wait: Option<Duration>,
        /// The server refuses everything for minutes, and requests during that time prolong it.
        locked: bool,
        reason: String,
    },
    /// The answer is unusable: send again a little later, a few times.
    Transient {
        reason: String,
        source: Option<reqwest::Error>,
    },
    /// The server does not accept the token: a fresh access token may help, once.
    Unauthorised(String),
    /// No retry will help.
    Final(Error),
}
