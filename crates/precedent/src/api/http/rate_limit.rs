//! Limits the requests of each token.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::problem::Problem;
use crate::api::token::Caller;

/// Number of tokens above which unused ones are dropped.
const TOKENS: usize = 1_000;

/// Rate limit of each token. Only valid tokens get here.
pub(crate) struct RateLimit(Option<Limiter>);

struct Limiter {
    by_token: DefaultKeyedRateLimiter<String>,
    /// Number of tokens at which the table is swept next.
    sweep_at: AtomicUsize,
}

impl RateLimit {
    /// Allows a number of requests per minute, also as one burst; 0 means no limit.
    pub(crate) fn new(requests_per_minute: u32) -> Self {
        let limit = NonZeroU32::new(requests_per_minute);
        Self(limit.map(|limit| Limiter {
            by_token: RateLimiter::keyed(Quota::per_minute(limit)),
            sweep_at: AtomicUsize::new(TOKENS),
        }))
    }

    pub(super) fn check(&self, caller: &Caller) -> Result<(), Problem> {
        let Some(limiter) = &self.0 else {
            return Ok(());
        };
        limiter.sweep();
        limiter.by_token.check_key(&caller.token_id).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Problem::too_many(wait.as_secs() + 1)
        })
    }
}

impl Limiter {
    /// Drops unused tokens once there are twice as many as the last sweep left.
    fn sweep(&self) {
        if self.by_token.len() < self.sweep_at.load(Ordering::Relaxed) {
            return;
        }
        self.by_token.retain_recent();
        self.by_token.shrink_to_fit();
        let left = self.by_token.len();
        self.sweep_at.store(TOKENS.max(2 * left), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::api::token::{Scope, make};

    #[test]
    fn unused_tokens_are_dropped() {
        // Each token is unused again after a microsecond.
        let limit = RateLimit::new(60_000_000);
        let tenant = "acme".parse().expect("an id");
        for _ in 0..3 * TOKENS {
            let (token, _) = make(
                &tenant,
                "agent",
                &[Scope::Search],
                DateTime::UNIX_EPOCH,
                TimeDelta::days(1),
            );
            assert!(limit.check(&Caller::of(token)).is_ok());
        }
        let tokens = limit.0.map(|limiter| limiter.by_token.len());
        assert!(tokens.is_some_and(|tokens| tokens <= TOKENS), "{tokens:?}");
    }
}
