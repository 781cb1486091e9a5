//! Authenticates requests by their token.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use engine::clock;

use super::brake::Shown;
use super::origin::Origin;
use super::problem::{Problem, in_time};
use crate::api::state::Api;
use crate::api::token::{Caller, caller, is_token, named};

/// Passes requests with a valid token and adds the [`Caller`] to their extensions.
pub(super) async fn sign_in(
    State(api): State<Arc<Api>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let token = bearer(request.headers()).filter(|token| is_token(token));
    let origin = Origin::of(request.extensions());
    let mut attempt = match api.brake.admit(origin, token.map(Shown::token)).await {
        Err(refusal) => match token {
            Some(token) if is_known(&api, token).await? => {
                api.brake.admit_known(origin, Shown::token(token)).await?
            }
            _ => return Err(refusal),
        },
        admitted => admitted?,
    };
    let found = match token {
        Some(token) => in_time(caller(&api.store, token, clock::now())).await?,
        None => None,
    };
    attempt.looked_up();
    let Some(caller) = found else {
        return Err(attempt.failed(Problem::unauthorized()));
    };
    attempt.succeeded();
    api.rate_limit.check(&caller)?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// Returns whether a token has the id of a valid one.
async fn is_known(api: &Api, token: &str) -> Result<bool, Problem> {
    match named(token) {
        Some((tenant, id)) => api.known_tokens.take(tenant, id).await,
        None => Ok(false),
    }
}

/// Extracts the caller. If the path names a tenant, it must be the caller's.
impl FromRequestParts<Arc<Api>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        let caller = caller.ok_or_else(Problem::unauthorized)?;
        // No tenant id contains invalid UTF-8.
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
