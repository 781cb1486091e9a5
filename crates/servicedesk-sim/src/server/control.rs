//! `/_sim/...`: what tests in another process ask and change. Not part of ServiceDesk Plus, not logged.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use futures::stream;
use serde::Deserialize;
use serde_json::json;

use super::Server;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::options::Credentials;
use crate::report::Webhook;

/// Tickets whose truth is made at once: a million of them would not fit beside the desk.
const TRUTH_CHUNK: usize = 1_000;

pub(super) fn routes() -> Router<Server> {
    Router::new()
        .route("/_sim/truth", get(truth))
        .route("/_sim/log", get(log).delete(clear_log))
        .route("/_sim/stats", get(stats))
        .route("/_sim/edit", post(edit))
        .route("/_sim/reopen", post(reopen))
        .route("/_sim/close", post(close))
        .route("/_sim/trash", post(trash))
        .route("/_sim/archive", post(archive))
        .route("/_sim/restore", post(restore))
        .route("/_sim/delete", post(delete))
        .route("/_sim/merge", post(merge))
        .route("/_sim/add", post(add))
        .route("/_sim/fault", post(add_fault).delete(clear_faults))
        .route("/_sim/revoke", post(revoke))
        .route(
            "/_sim/credentials",
            post(accept_credentials).delete(revoke_credentials),
        )
        .route("/_sim/changes", get(changes).post(set_changes))
        .route("/_sim/webhook", post(report_to).delete(report_to_none))
        .route("/_sim/throttle", post(throttle).delete(end_throttle))
}

/// Parameters of the calls below; each uses its own.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    id: String,
    into: String,
    resolution: String,
    spec: String,
    count: u32,
    /// Seconds, as those below.
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

type Asked = Query<Parameters>;

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

async fn clear_log(State(server): State<Server>) -> Response {
    server.desk.clear_log();
    done(Ok(()))
}

async fn stats(State(server): State<Server>) -> Response {
    Json(server.desk.stats()).into_response()
}

async fn edit(State(server): State<Server>, Query(asked): Asked) -> Response {
    done(server.desk.edit_resolution(&asked.id, &asked.resolution))
}

async fn reopen(State(server): State<Server>, Query(asked): Asked) -> Response {
    done(server.desk.reopen(&asked.id))
}

async fn close(State(server): State<Server>, Query(asked): Asked) -> Response {
    done(server.desk.close(&asked.id))
}

async fn trash(State(server): State<Server>, Query(asked): Asked) -> Response {
    done(server.desk.trash(&asked.id))
}

async fn archive(State(server): State<Server>, Query(asked): Asked) -> Response {
    done(server.desk.archive(&asked.id))
}

async fn restore(State(server): State<Server>, Query(asked): Asked) -> Response {
    done(server.desk.restore(&asked.id))
}

async fn delete(State(server): State<Server>, Query(asked): Asked) -> Response {
    done(server.desk.delete(&asked.id))
}

async fn merge(State(server): State<Server>, Query(asked): Asked) -> Response {
    done(server.desk.merge(&asked.id, &asked.into))
}

async fn add(State(server): State<Server>, Query(asked): Asked) -> Response {
    Json(json!({"ids": server.desk.add_tickets(asked.count)})).into_response()
}

async fn add_fault(State(server): State<Server>, Query(asked): Asked) -> Response {
    done(
        asked
            .spec
            .parse::<Fault>()
            .map(|fault| server.desk.add_fault(fault)),
    )
}

async fn clear_faults(State(server): State<Server>) -> Response {
    server.desk.clear_faults();
    done(Ok(()))
}

async fn revoke(State(server): State<Server>) -> Response {
    server.desk.revoke_access_tokens();
    done(Ok(()))
}

/// Accepts what is given; the rest stays as it was.
async fn accept_credentials(State(server): State<Server>, Query(asked): Asked) -> Response {
    let before = server.desk.credentials();
    server.desk.accept_credentials(Credentials {
        client_id: asked.client_id.unwrap_or(before.client_id),
        client_secret: asked.client_secret.unwrap_or(before.client_secret),
        refresh_token: asked.refresh_token.unwrap_or(before.refresh_token),
        api_key: asked.api_key.unwrap_or(before.api_key),
        authtoken: asked.authtoken.unwrap_or(before.authtoken),
    });
    done(Ok(()))
}

async fn revoke_credentials(State(server): State<Server>) -> Response {
    server.desk.revoke_credentials();
    done(Ok(()))
}

async fn changes(State(server): State<Server>) -> Response {
    let desk = server.desk;
    Json(json!({"changes": desk.changes(), "reports": desk.reports()})).into_response()
}

async fn set_changes(State(server): State<Server>, Query(asked): Asked) -> Response {
    server.desk.set_changes_per_day(asked.per_day);
    done(Ok(()))
}

async fn report_to(State(server): State<Server>, Query(asked): Asked) -> Response {
    let header = asked.header.as_deref().and_then(|header| header.split_once(": "));
    let headers = header.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let webhook = Webhook::new(&asked.url, headers.into_iter().collect());
    done(webhook.map(|webhook| server.desk.report_to(Some(webhook))))
}

async fn report_to_none(State(server): State<Server>) -> Response {
    server.desk.report_to(None);
    done(Ok(()))
}

async fn throttle(State(server): State<Server>, Query(asked): Asked) -> Response {
    let span = Duration::from_secs(asked.span_s);
    let retry_after = asked.retry_after_s.map(Duration::from_secs);
    server.desk.throttle(span, retry_after);
    done(Ok(()))
}

async fn end_throttle(State(server): State<Server>) -> Response {
    server.desk.end_throttle();
    done(Ok(()))
}

fn done(result: anyhow::Result<()>) -> Response {
    match result {
        Ok(()) => Json(json!({"done": true})).into_response(),
        Err(error) => (
            StatusCode::BAD_REQUEST,
            Json(json!({"error": format!("{error:#}")})),
        )
            .into_response(),
    }
}
