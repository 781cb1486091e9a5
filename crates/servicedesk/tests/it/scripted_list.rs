//! A walk over a list that is scripted call by call.

use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Json, Router, routing::get};
use serde_json::{Value, json};
use servicedesk::{Cursor, Dialect, Edition, Error, Filter, Sort, Window};

use crate::client::client_of;

/// Answers `(start_index, number of the call from 0, span of time)` with a range of rows and the `list_info`. The
/// key `refuse` makes the answer a 400.
pub(crate) type Script = fn(u64, usize, (u64, u64)) -> (std::ops::Range<u64>, Value);

/// End of the window, and time of its plan.
pub(crate) const LAST_MS: u64 = 9_999_999;

struct Server {
    script: Script,
    asked: Mutex<Vec<u64>>,
}

async fn list(
    State(server): State<Arc<Server>>,
    Query(query): Query<std::collections::HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let input_data: Value = serde_json::from_str(&query["input_data"]).expect("strict JSON");
    let start_index = input_data["list_info"]["start_index"].as_u64().expect("a number");
    assert_eq!(input_data["list_info"]["row_count"], 100);
    let call = {
        let mut asked = server.asked.lock().expect("not poisoned");
        asked.push(start_index);
        asked.len() - 1
    };
    let bound = |at: usize| {
        let values = &input_data["list_info"]["search_criteria"]["values"];
        values[at].as_str().expect("a text").parse().expect("a number")
    };
    let (rows, list_info) = (server.script)(start_index, call, (bound(0), bound(1)));
    if list_info.get("refuse").is_some() {
        let refused = json!({"response_status": {"status_code": 4000, "status": "failed"}});
        return (StatusCode::BAD_REQUEST, Json(refused));
    }
    // Tickets from 10,000 on were created after the plan.
    let created = |id: u64| if id < 10_000 { 1 } else { LAST_MS + 1 };
    let requests: Vec<_> = rows
        .map(|id| json!({"id": id.to_string(), "created_time": {"value": created(id)}}))
        .collect();
    let answer =
        json!({"response_status": [{"status_code": 2000}], "list_info": list_info, "requests": requests});
    (StatusCode::OK, Json(answer))
}

/// Returns the ids in order of reading, and the requested start indexes in ascending order.
pub(crate) async fn walk(script: Script, cursor: Option<Cursor>) -> (Result<Vec<u64>, Error>, Vec<u64>) {
    let server = Arc::new(Server {
        script,
        asked: Mutex::default(),
    });
    let router = Router::new()
        .route("/api/v3/requests", get(list))
        .with_state(server.clone());
    let (client, _serving) = client_of(Edition::OnPremises, router).await;
    let window = Window {
        filter: Filter::Resolved,
        from_ms: 0,
        to_ms: LAST_MS as i64,
        planned_at_ms: LAST_MS as i64,
        dialect: Dialect {
            fields_required: false,
            sort: Sort::Id,
        },
        total: None,
    };
    let mut pages = client.pages(window, cursor);
    let mut ids = Vec::new();
    let result = loop {
        match pages.next().await {
            Ok(Some(page)) => {
                ids.extend(page.rows.iter().map(|row| {
                    row.id()
                        .expect("an id")
                        .as_str()
                        .parse::<u64>()
                        .expect("a number")
                }));
            }
            Ok(None) => break Ok(ids),
            Err(error) => break Err(error),
        }
    };
    let mut asked = server.asked.lock().expect("not poisoned").clone();
    asked.sort_unstable();
    (result, asked)
}

/// Walks the whole list, which must succeed.
pub(crate) async fn read(script: Script) -> (Vec<u64>, Vec<u64>) {
    let (ids, asked) = walk(script, None).await;
    (ids.expect("read to the end"), asked)
}

/// Returns the rows of a page: at most `rows` from `start`, and none after `end`.
pub(crate) fn page(start: u64, rows: u64, end: u64) -> std::ops::Range<u64> {
    start..(start + rows).min(end + 1).max(start)
}
