//! A pace limit and the ways in which ServiceDesk Plus refuses a call beyond it.

use std::time::Duration;

use clap::ValueEnum;

/// A pace limit over a sliding window.
#[derive(Clone, Debug)]
pub struct Limit {
    /// API calls that one window admits; refused calls do not count.
    pub calls: usize,
    /// Length of the window.
    pub window: Duration,
    /// Form of the refusal.
    pub answer: LimitAnswer,
    /// Wait in `Retry-After` and "again after"; without it, the true wait, rounded up.
    pub retry_after: Option<Duration>,
    /// Lock after a call beyond the limit; each call during the lock restarts it.
    pub lock: Option<Duration>,
}

impl Limit {
    /// Admits this many calls in any 60 s; refuses others with 429 and a true `Retry-After`.
    pub fn per_minute(calls: usize) -> Self {
        Self {
            calls,
            window: Duration::from_secs(60),
            answer: LimitAnswer::default(),
            retry_after: None,
            lock: None,
        }
    }
}

/// The form in which ServiceDesk Plus refuses a call beyond the limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LimitAnswer {
    /// 429 with `Retry-After` in seconds.
    #[default]
    RetryAfter,
    /// 429 with `Retry-After` as an HTTP date.
    RetryAfterDate,
    /// 429 without `Retry-After`.
    NoHeader,
    /// 400 with code 4015 among the messages.
    #[value(name = "4015")]
    Code4015,
    /// 400 with code 4015 at the top.
    #[value(name = "4015-top")]
    TopCode4015,
    /// 400 with the on-premises text about a blocked URL.
    Blocked,
    /// 400 with "Try again after N minutes" in the text.
    Rolling,
}
