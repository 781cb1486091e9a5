//! Who is asking, and not too often.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::Api;
use super::brake::{Origin, Shown};
use super::problem::Problem;
use crate::clock;
use crate::token::{Caller, caller, is_token};

/// Tokens in the table from which on those that asked for nothing lately are dropped.
const TOKENS: usize = 1_000;

/// Requests of each token. Only a token that is good gets here.
pub(crate) struct Pace(Option<Limiter>);

struct Limiter {
    by_token: DefaultKeyedRateLimiter<String>,
    /// Number of tokens at which the table is swept next.
    sweep_at: AtomicUsize,
}

impl Pace {
    /// Requests a minute, that many also at once; 0 means no limit.
    pub(crate) fn new(requests_per_minute: u32) -> Self {
        let limit = NonZeroU32::new(requests_per_minute);
        Self(limit.map(|limit| Limiter {
            by_token: RateLimiter::keyed(Quota::per_minute(limit)),
            sweep_at: AtomicUsize::new(TOKENS),
        }))
    }

    fn check(&self, caller: &Caller) -> Result<(), Problem> {
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
    /// Drops tokens that are as good as new, once there are twice as many as were left the last time.
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

/// Lets a request pass whose token is good, with the [`Caller`] among its extensions.
pub(super) async fn sign_in(
    State(api): State<Arc<Api>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let token = bearer(request.headers()).filter(|token| is_token(token));
    let origin = Origin::of(request.extensions());
    let mut attempt = api.brake.admit(origin, token.map(Shown::token)).await?;
    let found = match token {
        Some(token) => api.in_time(caller(&*api.store, token, clock::now())).await?,
        None => None,
    };
    attempt.looked_up();
    let Some(caller) = found else {
        return Err(attempt.failed(Problem::unauthorized()));
    };
    attempt.succeeded();
    api.pace.check(&caller)?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// The caller, who has asked for the path's tenant if it names one.
impl FromRequestParts<Arc<Api>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        let caller = caller.ok_or_else(Problem::unauthorized)?;
        // What is no UTF-8 names no tenant of ours.
        let path = RawPathParams::from_request_parts(parts, api)
            .await
            .map_err(|_| Problem::not_found("tenant"))?;
        let own = path
            .iter()
            .all(|(name, value)| name != "tenant_id" || value == caller.tenant.as_str());
        own.then_some(caller).ok_or_else(|| Problem::not_found("tenant"))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::token::{Scope, make};

    #[test]
    fn tokens_that_ask_no_more_are_dropped() {
        // Each is as good as new after a microsecond.
        let pace = Pace::new(60_000_000);
        let tenant = "acme".parse().expect("an id");
        for _ in 0..3 * TOKENS {
            let (token, _) = make(
                &tenant,
                "agent",
                &[Scope::Search],
                DateTime::UNIX_EPOCH,
                TimeDelta::days(1),
            );
            assert!(pace.check(&Caller::of(token)).is_ok());
        }
        let tokens = pace.0.map(|limiter| limiter.by_token.len());
        assert!(tokens.is_some_and(|tokens| tokens <= TOKENS), "{tokens:?}");
    }
}
