//! `/v1/tenants/{tenant_id}/..`: searches and reads a tenant's tickets.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Path, State};
use search::{SearchRequest, SearchResponse, StoredTicket, get_ticket, search_similar_tickets};

use super::body::JsonBody;
use super::problem::{Problem, in_time};
use crate::api::state::Api;
use crate::api::token::{Caller, Scope};

/// Find resolved tickets that are like a new one
///
/// Paste the new ticket as it is; the answer holds the most useful precedents with how they were solved, best first, or
/// nothing if none is alike enough. It takes every ticket into account that was stored before the call.
#[utoipa::path(
    post,
    path = "/v1/tenants/{tenant_id}/search",
    operation_id = "search_similar_tickets",
    tag = "tickets",
    params(("tenant_id" = String, Path, description = "The tenant of the token")),
    request_body = SearchRequest,
    responses(
        (status = 200, description = "The precedents", body = SearchResponse),
        (status = 400, description = "The body is not JSON", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope `search`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such tenant for this token", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than 2 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not sent as JSON", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be used", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests; see Retry-After", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Not available now; see Retry-After", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(super) async fn search(
    State(api): State<Arc<Api>>,
    caller: Caller,
    JsonBody(request): JsonBody<SearchRequest>,
) -> Result<Json<SearchResponse>, Problem> {
    caller.may(Scope::Search)?;
    let query = request.check().map_err(Problem::invalid)?;
    let searched = search_similar_tickets(&api.store, &api.indexes, &caller.tenant, query);
    let started = Instant::now();
    let results = in_time(searched).await?;
    api.metrics.time_search(started.elapsed());
    Ok(Json(SearchResponse { results }))
}

/// Read one stored ticket
#[utoipa::path(
    get,
    path = "/v1/tenants/{tenant_id}/tickets/{ticket_id}",
    operation_id = "get_ticket",
    tag = "tickets",
    params(
        ("tenant_id" = String, Path, description = "The tenant of the token"),
        ("ticket_id" = String, Path, description = "The helpdesk's own id, as in an answer to a search")
    ),
    responses(
        (status = 200, description = "The ticket", body = StoredTicket),
        (status = 401, description = "No valid token", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope `tickets`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such ticket or tenant for this token", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests; see Retry-After", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Not available now; see Retry-After", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(super) async fn ticket(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
) -> Result<Json<StoredTicket>, Problem> {
    caller.may(Scope::Tickets)?;
    let found = in_time(get_ticket(&api.store, &caller.tenant, &path.1)).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("ticket"))
}
