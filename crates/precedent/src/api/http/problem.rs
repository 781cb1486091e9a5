//! Errors as callers see them: problem details, RFC 9457.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use ticket::FieldError;
use utoipa::ToSchema;

use super::drain::BODY_TIME;
use crate::api::time_limit::{self, Late, TRY_AGAIN_SECONDS};
use crate::api::token::ScopeMissing;

/// What went wrong, as `application/problem+json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem; the same whenever it occurs.
    #[serde(rename = "type")]
    #[schema(example = "urn:precedent:problem:invalid-fields")]
    kind: &'static str,
    /// The kind in words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What is wrong here, and what to do.
    detail: String,
    /// Fields that cannot be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// Seconds after which it may be tried again.
    #[serde(skip)]
    retry_after: Option<u64>,
}

/// A field that cannot be used.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct FieldProblem {
    /// Its name in the request.
    field: &'static str,
    /// What is wrong with it.
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "urn:precedent:problem:unauthorized",
            "No valid token",
            "send a token that is neither expired nor revoked as `Authorization: Bearer ..`; an operator creates one with \
             `precedent token create`",
        )
    }

    /// Used for unknown tenants too, so that the response does not reveal which tenants exist.
    pub(crate) fn unsigned() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "urn:precedent:problem:bad-signature",
            "Not signed with the tenant's secret",
            "an operator creates a secret with `precedent webhook create`; the signature covers the exact bytes of the body",
        )
    }

    /// An event without the id of a ticket.
    pub(crate) fn no_ticket() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "urn:precedent:problem:no-ticket",
            "The event names no ticket",
            "send the ticket's id, as `precedent webhook show` prints it for the form in ServiceDesk Plus",
        )
    }

    fn forbidden(scope: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "urn:precedent:problem:scope-missing",
            "The token may not do this",
            format!("it lacks the scope `{scope}`; an operator creates a token that has it"),
        )
    }

    /// Used for tenants of other tokens too, so that the response does not reveal which tenants exist.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "urn:precedent:problem:not-found",
            "Not found",
            format!("there is no such {what}, or the token is for another tenant"),
        )
    }

    pub(crate) fn no_such_path() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "urn:precedent:problem:not-found",
            "Not found",
            "nothing is served under this path; /openapi.json lists the paths",
        )
    }

    pub(crate) fn method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "urn:precedent:problem:method-not-allowed",
            "Method not allowed",
            "/openapi.json lists the methods of each path",
        )
    }

    pub(crate) fn too_large(limit_bytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "urn:precedent:problem:too-large",
            "The request is too large",
            format!("at most {limit_bytes} bytes; the beginning of a long text is enough"),
        )
    }

    /// The body did not arrive as a whole.
    pub(crate) fn unreadable() -> Self {
        let seconds = BODY_TIME.as_secs();
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "urn:precedent:problem:unreadable",
            "The body could not be read",
            format!("it ended early, or took longer than {seconds} s"),
        )
    }

    pub(crate) fn no_body() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "urn:precedent:problem:body",
            "The request has a body",
            "requests to this address have none",
        )
    }

    /// Bodies on their way take all the memory that they may.
    pub(crate) fn no_room() -> Self {
        Self {
            retry_after: Some(TRY_AGAIN_SECONDS),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "urn:precedent:problem:no-room",
                "Too many bodies at the same time",
                "this body was among those that took longest to arrive; send it again",
            )
        }
    }

    pub(crate) fn media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "urn:precedent:problem:media-type",
            "Not JSON by its header",
            "send `Content-Type: application/json`",
        )
    }

    pub(crate) fn malformed(error: &serde_json::Error) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "urn:precedent:problem:malformed-json",
            "The body is not JSON",
            error.to_string(),
        )
    }

    pub(crate) fn wrong_shape(error: &serde_json::Error) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "urn:precedent:problem:invalid-fields",
            "The request has a field that cannot be used",
            error.to_string(),
        )
    }

    pub(crate) fn invalid(invalid: Vec<FieldError>) -> Self {
        let all = FieldError::join(&invalid);
        let field = |FieldError { field, reason }| FieldProblem {
            field,
            detail: reason,
        };
        Self {
            errors: invalid.into_iter().map(field).collect(),
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "urn:precedent:problem:invalid-fields",
                "The request has a field that cannot be used",
                all,
            )
        }
    }

    pub(crate) fn too_many(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "urn:precedent:problem:too-many-requests",
                "Too many requests",
                format!("this token has sent too many requests; try again in {seconds} s"),
            )
        }
    }

    pub(crate) fn inbox_full(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "urn:precedent:problem:inbox-full",
                "Too many unprocessed events",
                format!("the tenant's earlier events are not processed yet; try again in {seconds} s"),
            )
        }
    }

    pub(crate) fn too_many_failures(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "urn:precedent:problem:too-many-failures",
                "Too many failed sign-ins",
                format!(
                    "too many requests from this address had no valid token, secret or signature; try again in {seconds} s"
                ),
            )
        }
    }

    /// The response omits the cause, which may name hosts and tables.
    pub(crate) fn unavailable(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "urn:precedent:problem:unavailable",
                "Not available now",
                "the database does not answer, or the search index is being built or cannot be written; try again later",
            )
        }
    }

    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "urn:precedent:problem:internal",
            "Something went wrong here",
            "the log of the service contains the error",
        )
    }
}

impl From<ScopeMissing> for Problem {
    fn from(ScopeMissing(scope): ScopeMissing) -> Self {
        Self::forbidden(scope)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Waits for an answer within the time limit. Logs the cause of a failure, which the caller does not see.
pub(crate) async fn in_time<T, E: Into<anyhow::Error>>(
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, Problem> {
    time_limit::in_time(answer).await.map_err(|error| {
        if error.is::<Late>() {
            tracing::warn!("a request was cancelled: {error:#}");
            return Problem::unavailable(TRY_AGAIN_SECONDS);
        }
        if error.is::<search::Unavailable>() {
            tracing::warn!("a search was refused: {error:#}");
            return Problem::unavailable(TRY_AGAIN_SECONDS);
        }
        let of_store = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<store::Error>());
        match of_store {
            Some(store::Error::TenantNotFound(_)) => Problem::not_found("tenant"),
            Some(_) => {
                tracing::warn!("the database failed: {error:#}");
                Problem::unavailable(5)
            }
            None => {
                tracing::error!("a request failed: {error:#}");
                Problem::internal()
            }
        }
    })
}
