//! The HTTP interface: search and tickets for agents, MCP, webhooks, health, metrics.
//!
//! Reading order: [`mod@server`] (connections and their limits), [`tickets`] (search and tickets), [`webhook`] (events of helpdesks), [`mod@sign_in`]
//! (authentication), [`brake`] (limit of failed sign-ins), [`problem`] (errors), [`body_pool`] and
//! [`drain`] (limits of bodies), [`metrics_address`] (metrics for operators).

mod activity;
mod body;
pub(super) mod body_pool;
pub(super) mod brake;
mod bucket;
mod drain;
pub(super) mod known_tokens;
pub(crate) mod metrics_address;
mod open_api;
mod origin;
pub(super) mod problem;
pub(super) mod rate_limit;
mod server;
mod sign_in;
mod tickets;
mod warning;
pub(crate) mod webhook;
pub(crate) mod webhook_cache;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use self::problem::{Problem, in_time};
use self::server::Server;
use self::sign_in::sign_in;
use super::hosts::Hosts;
use super::mcp;
use super::state::Api;

/// Role of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Role {
    /// Answer agents and accept webhook events
    Web,
    /// Process webhook events, sync and reconcile
    Worker,
    /// Both
    All,
}

/// Grace period of requests after a signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Listening sockets of the service.
pub(crate) struct Listeners {
    /// For agents and helpdesks.
    pub(crate) callers: TcpListener,
    /// For operators; `None` without metrics.
    pub(crate) metrics: Option<TcpListener>,
    /// Hosts under which callers reach the service.
    pub(crate) hosts: Hosts,
}

/// Answers requests until `stop` is cancelled, then finishes those in progress.
pub(crate) async fn serve(listeners: Listeners, api: Arc<Api>, role: Role, stop: CancellationToken) {
    let metrics = async {
        let Some(listener) = listeners.metrics else {
            return;
        };
        let server = Server::for_metrics(listener, api.metrics.clone());
        server.run(for_operators(api.clone()), stop.clone()).await;
    };
    let callers = Server::for_callers(listeners.callers, api.metrics.clone());
    let callers = callers.run(
        for_callers(api.clone(), &listeners.hosts, role, &stop),
        stop.clone(),
    );
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(callers, metrics) } => {}
        () = late => {}
    }
}

/// Routes for operators: metrics and health.
fn for_operators(api: Arc<Api>) -> Router {
    let routes = Router::new().route("/metrics", get(metrics));
    with_health(routes, api).layer(from_fn(refuse_body))
}

fn for_callers(api: Arc<Api>, hosts: &Hosts, role: Role, stop: &CancellationToken) -> Router {
    let signed_in = Router::new()
        .route("/v1/tenants/{tenant_id}/search", post(tickets::search))
        .route(
            "/v1/tenants/{tenant_id}/tickets/{ticket_id}",
            get(tickets::ticket),
        )
        .route_service("/mcp", mcp::over_http(&api, hosts, stop))
        .route_layer(from_fn_with_state(api.clone(), body::buffer))
        .route_layer(from_fn_with_state(api.clone(), sign_in));
    let reported = Router::new()
        .route(
            "/webhook/servicedesk/resolved-ticket",
            post(webhook::resolved_ticket),
        )
        .route(
            "/webhook/servicedesk/{tenant_id}/{webhook_id}",
            // The administrator of the helpdesk chooses the method.
            any(webhook::change_notification),
        );
    let answered = signed_in.merge(reported).route(
        "/openapi.json",
        get(async || ([(CONTENT_TYPE, "application/json")], open_api::document())),
    );
    let served = match role {
        Role::Worker => Router::new(),
        Role::Web | Role::All => answered,
    };
    with_health(served, api)
}

/// Adds the routes and layers that both addresses share.
fn with_health(served: Router<Arc<Api>>, api: Arc<Api>) -> Router {
    served
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .fallback(async || Problem::no_such_path())
        .method_not_allowed_fallback(async || Problem::method())
        .layer(CatchPanicLayer::custom(|_| Problem::internal().into_response()))
        .layer(from_fn_with_state(drain::Rests::default(), drain::limit_body))
        .with_state(api)
}

/// Refuses a request with a body: no operator sends one.
async fn refuse_body(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_empty = headers.get(CONTENT_LENGTH).is_none_or(|length| length == "0");
    match is_empty && !headers.contains_key(TRANSFER_ENCODING) {
        true => next.run(request).await,
        false => Problem::no_body().into_response(),
    }
}

async fn metrics(State(api): State<Arc<Api>>) -> Result<impl IntoResponse, Problem> {
    let text = in_time(api.metrics.text(&api.store)).await?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(CONTENT_TYPE, kind)], text))
}

/// Returns whether requests can be answered: the database is reachable and its schema is up to date.
async fn ready(State(api): State<Arc<Api>>) -> Result<(StatusCode, &'static str), Problem> {
    let schema = in_time(api.store.schema()).await?;
    if schema.current == schema.latest {
        Ok((StatusCode::OK, "ready\n"))
    } else {
        Err(Problem::unavailable(60))
    }
}
