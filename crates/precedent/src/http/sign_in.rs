//! Who is asking, and not too often.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::Api;
use super::problem::Problem;
use crate::clock;
use crate::token::{Caller, caller};

/// Requests of each token.
pub(crate) struct Pace(Option<DefaultKeyedRateLimiter<String>>);

impl Pace {
    /// Requests a minute, that many also at once; 0 means no limit.
    pub(crate) fn new(requests_per_minute: u32) -> Self {
        let limit = NonZeroU32::new(requests_per_minute);
        Self(limit.map(|limit| RateLimiter::keyed(Quota::per_minute(limit))))
    }

    fn check(&self, caller: &Caller) -> Result<(), Problem> {
        let Some(limiter) = &self.0 else {
            return Ok(());
        };
        limiter.check_key(&caller.token_id).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Problem::too_many(wait.as_secs() + 1)
        })
    }
}

/// Lets a request pass whose token is good, with the [`Caller`] among its extensions.
pub(super) async fn sign_in(
    State(api): State<Arc<Api>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let token = bearer(request.headers()).ok_or_else(Problem::unauthorized)?;
    let caller = api
        .in_time(caller(&*api.store, token, clock::now()))
        .await?
        .ok_or_else(Problem::unauthorized)?;
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
