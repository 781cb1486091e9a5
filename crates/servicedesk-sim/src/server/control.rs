//! `/_sim/...`: what tests in another process read and change. Not part of ServiceDesk Plus, not logged.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{MethodRouter, delete, get, post};
use futures::stream;
use serde::Deserialize;
use serde_json::json;

use super::shared::Server;
use crate::credentials::Credentials;
use crate::desk::Desk;
use crate::webhook::Webhook;

/// Number of tickets whose truth is made at once: a million would not fit into memory beside the desk.
const TRUTH_CHUNK: usize = 1_000;

pub(super) fn routes() -> Router<Server> {
    let edits = Router::new()
        .route(
            "/_sim/edit",
            attempt(|desk, p| desk.edit_resolution(&p.id, &p.resolution)),
        )
        .route("/_sim/reopen", attempt(|desk, p| desk.reopen(&p.id)))
        .route("/_sim/close", attempt(|desk, p| desk.close(&p.id)))
        .route("/_sim/trash", attempt(|desk, p| desk.trash(&p.id)))
        .route("/_sim/archive", attempt(|desk, p| desk.archive(&p.id)))
        .route("/_sim/restore", attempt(|desk, p| desk.restore(&p.id)))
        .route("/_sim/delete", attempt(|desk, p| desk.delete(&p.id)))
        .route("/_sim/merge", attempt(|desk, p| desk.merge(&p.id, &p.into)))
        .route("/_sim/add", post(add));
    let faults = attempt(|desk, p| p.spec.parse().map(|fault| desk.add_fault(fault)));
    let set_changes = act(|desk, p| desk.set_changes_per_day(p.per_day));
    let no_webhook = undo(|desk| desk.report_to(None));
    Router::new()
        .merge(edits)
        .route("/_sim/truth", get(truth))
        .route("/_sim/log", get(log).merge(undo(Desk::clear_log)))
        .route("/_sim/stats", get(stats))
        .route("/_sim/fault", faults.merge(undo(Desk::clear_faults)))
        .route("/_sim/revoke", act(|desk, _| desk.revoke_access_tokens()))
        .route(
            "/_sim/credentials",
            act(accept).merge(undo(Desk::revoke_credentials)),
        )
        .route("/_sim/changes", get(changes).merge(set_changes))
        .route("/_sim/webhook", attempt(report).merge(no_webhook))
        .route("/_sim/throttle", act(throttle).merge(undo(Desk::end_throttle)))
}

/// Parameters of all routes; each uses some.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    id: String,
    into: String,
    resolution: String,
    spec: String,
    count: u32,
    span_s: u64,
    retry_after_s: Option<u64>,
    client_id: Option<String>,
    client_secret: Option<String>,
    refresh_token: Option<String>,
    api_key: Option<String>,
    authtoken: Option<String>,
    per_day: f64,
    url: String,
    /// `name: value`.
    header: Option<String>,
}

/// Routes POST to an action.
fn act(action: fn(&Desk, Parameters)) -> MethodRouter<Server> {
    post(
        async move |State(server): State<Server>, Query(parameters): Query<Parameters>| {
            action(&server.desk, parameters);
            done(Ok(()))
        },
    )
}

/// Routes POST to an action that may fail.
fn attempt(action: fn(&Desk, Parameters) -> anyhow::Result<()>) -> MethodRouter<Server> {
    post(
        async move |State(server): State<Server>, Query(parameters): Query<Parameters>| {
            done(action(&server.desk, parameters))
        },
    )
}

/// Routes DELETE to an action.
fn undo(action: fn(&Desk)) -> MethodRouter<Server> {
    delete(async move |State(server): State<Server>| {
        action(&server.desk);
        done(Ok(()))
    })
}

fn done(result: anyhow::Result<()>) -> Response {
    match result {
        Ok(()) => Json(json!({"done": true})).into_response(),
        Err(error) => {
            let body = json!({"error": format!("{error:#}")});
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    }
}

async fn truth(State(server): State<Server>) -> Response {
    let desk = server.desk;
    let chunks = (0..desk.ticket_count())
        .step_by(TRUTH_CHUNK)
        .map(move |from| truth_lines(&desk, from));
    Body::from_stream(stream::iter(chunks)).into_response()
}

fn truth_lines(desk: &Arc<Desk>, from: usize) -> serde_json::Result<String> {
    let mut lines = String::new();
    for truth in desk.truth_of_numbers(from, TRUTH_CHUNK) {
        lines.push_str(&serde_json::to_string(&truth)?);
        lines.push('\n');
    }
    Ok(lines)
}

async fn log(State(server): State<Server>) -> Response {
    Json(server.desk.log()).into_response()
}

async fn stats(State(server): State<Server>) -> Response {
    Json(server.desk.stats()).into_response()
}

async fn changes(State(server): State<Server>) -> Response {
    let desk = server.desk;
    Json(json!({"changes": desk.changes(), "reports": desk.reports()})).into_response()
}

async fn add(State(server): State<Server>, Query(parameters): Query<Parameters>) -> Response {
    Json(json!({"ids": server.desk.add_tickets(parameters.count)})).into_response()
}

/// Accepts the given credentials; the others stay.
fn accept(desk: &Desk, parameters: Parameters) {
    let before = desk.credentials();
    desk.accept_credentials(Credentials {
        client_id: parameters.client_id.unwrap_or(before.client_id),
        client_secret: parameters.client_secret.unwrap_or(before.client_secret),
        refresh_token: parameters.refresh_token.unwrap_or(before.refresh_token),
        api_key: parameters.api_key.unwrap_or(before.api_key),
        authtoken: parameters.authtoken.unwrap_or(before.authtoken),
    });
}

fn throttle(desk: &Desk, parameters: Parameters) {
    let span = Duration::from_secs(parameters.span_s);
    let retry_after = parameters.retry_after_s.map(Duration::from_secs);
    desk.throttle(span, retry_after);
}

fn report(desk: &Desk, parameters: Parameters) -> anyhow::Result<()> {
    let header = parameters.header.as_deref();
    let header = header.and_then(|header| header.split_once(": "));
    let headers = header.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let webhook = Webhook::new(&parameters.url, headers.into_iter().collect())?;
    desk.report_to(Some(webhook));
    Ok(())
}
