//! Bodies of authenticated requests: reads one into bounded memory, extracts its JSON, and reports what is wrong with an invalid one.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::problem::Problem;
use crate::api::state::{Api, BODY_BYTES};

/// Reads the body of an authenticated request into bounded memory, which stays taken until the response.
pub(super) async fn buffer(
    State(api): State<Arc<Api>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let (body, _lease) = api.bodies.read(&parts.headers, body, BODY_BYTES).await?;
    Ok(next.run(Request::from_parts(parts, body.into())).await)
}

pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Problem::media_type());
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|_| Problem::unreadable())?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| match error.classify() {
                Category::Data => Problem::wrong_shape(&error),
                _ => Problem::malformed(&error),
            })
    }
}
