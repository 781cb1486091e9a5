//! Walking lists of servers that each end, shift or lie in their own way.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Json, Router, routing::get};
use serde_json::{Value, json};
use servicedesk::{Cursor, Dialect, Edition, Error, Filter, Sort, Window};

use crate::client::client_of;

/// Answers `(start_index, number of the call from 0, span of time)` with rows from..to of the list and its
/// `list_info`; one that says `refuse` makes it a 400.
type Script = fn(u64, usize, (u64, u64)) -> (std::ops::Range<u64>, Value);

/// End of the window, and when it was planned.
const LAST_MS: u64 = 9_999_999;

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
    // Tickets from 10,000 on were made after the plan.
    let created = |id: u64| if id < 10_000 { 1 } else { LAST_MS + 1 };
    let requests: Vec<_> = rows
        .map(|id| json!({"id": id.to_string(), "created_time": {"value": created(id)}}))
        .collect();
    let answer =
        json!({"response_status": [{"status_code": 2000}], "list_info": list_info, "requests": requests});
    (StatusCode::OK, Json(answer))
}

/// Ids read in order, and the start indexes that were asked for in ascending order.
async fn walk(script: Script, cursor: Option<Cursor>) -> (Result<Vec<u64>, Error>, Vec<u64>) {
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

async fn read(script: Script) -> (Vec<u64>, Vec<u64>) {
    let (ids, asked) = walk(script, None).await;
    (ids.expect("read to the end"), asked)
}

fn page(start: u64, rows: u64, end: u64) -> std::ops::Range<u64> {
    start..(start + rows).min(end + 1).max(start)
}

#[tokio::test]
async fn two_pages_are_two_calls_by_any_sign_of_the_end() {
    let signs: [Script; 3] = [
        |start, _, _| (page(start, 100, 150), json!({"has_more_rows": start + 99 < 150})),
        |start, _, _| (page(start, 100, 150), json!({"total_count": 150})),
        |start, _, _| {
            (
                page(start, 100, 150),
                json!({"total_count": "150", "has_more_rows": start + 99 < 150}),
            )
        },
    ];
    for sign in signs {
        let (ids, asked) = read(sign).await;
        assert_eq!(ids, (1..=150).collect::<Vec<_>>());
        assert_eq!(asked, [1, 101]);
    }
}

#[tokio::test]
async fn without_any_sign_an_empty_page_is_the_end() {
    let (ids, asked) = read(|start, _, _| (page(start, 100, 200), json!({}))).await;
    assert_eq!(ids, (1..=200).collect::<Vec<_>>());
    assert_eq!(asked, [1, 101, 201]);
    let (ids, asked) = read(|start, _, _| (page(start, 100, 0), json!({}))).await;
    assert!(ids.is_empty());
    assert_eq!(asked, [1]);
}

#[tokio::test]
async fn a_known_total_is_read_in_exactly_its_pages() {
    let (ids, asked) = read(|start, _, _| {
        (
            page(start, 100, 2_345),
            json!({"total_count": 2_345, "has_more_rows": start + 99 < 2_345}),
        )
    })
    .await;
    assert_eq!(ids, (1..=2_345).collect::<Vec<_>>());
    assert_eq!(asked, (0..24).map(|page| page * 100 + 1).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_server_that_gives_fewer_rows_than_asked_for_loses_none() {
    let scripts: [Script; 2] = [
        |start, _, _| {
            (
                page(start, 40, 333),
                json!({"has_more_rows": start + 39 < 333, "total_count": 333}),
            )
        },
        |start, call, _| {
            let rows = if call == 2 { 97 } else { 100 };
            (
                page(start, rows, 333),
                json!({"has_more_rows": start + rows - 1 < 333, "total_count": 333}),
            )
        },
    ];
    for script in scripts {
        let (ids, _) = read(script).await;
        assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), (1..=333).collect());
    }
}

#[tokio::test]
async fn an_empty_page_with_more_announced_is_passed_over() {
    let (ids, _) = read(|start, _, _| {
        let hidden = start == 101;
        (
            if hidden { 0..0 } else { page(start, 100, 350) },
            json!({"has_more_rows": start + 99 < 350}),
        )
    })
    .await;
    assert_eq!(ids, (1..=100).chain(201..=350).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_list_that_shrank_is_read_again() {
    // A row before the reader disappears after the first page: without a second look 101 would be lost.
    let (ids, _) = read(|start, call, _| {
        if call == 0 {
            return (page(start, 100, 250), json!({"total_count": 250}));
        }
        (page(start + 1, 100, 250), json!({"total_count": 249}))
    })
    .await;
    assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), (1..=250).collect());
}

#[tokio::test]
async fn a_total_that_never_stands_still_does_not_keep_the_reader_for_ever() {
    let (ids, asked) = read(|start, call, _| {
        (
            page(start, 100, 300),
            json!({"total_count": 300 + call, "has_more_rows": start + 99 < 300}),
        )
    })
    .await;
    assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), (1..=300).collect());
    assert!(asked.len() < 40, "{asked:?}");
}

#[tokio::test]
async fn a_server_that_does_not_advance_is_an_error_not_a_loop() {
    let (result, _) = walk(|_, _, _| (1..101, json!({"has_more_rows": true})), None).await;
    assert!(
        matches!(result, Err(Error::RepeatedPage { start_index: 101 })),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_checkpoint_goes_on_where_it_was_and_starts_over_where_rows_have_moved() {
    let script: Script = |start, _, _| {
        (
            page(start, 100, 450),
            json!({"total_count": 450, "has_more_rows": start + 99 < 450}),
        )
    };
    let cursor = |total| Cursor {
        spans: [(0, LAST_MS as i64)].into(),
        start_index: 301,
        total: Some(total),
        left: Vec::new(),
    };
    let (ids, asked) = walk(script, Some(cursor(450))).await;
    assert_eq!(ids.expect("read"), (301..=450).collect::<Vec<_>>());
    assert_eq!(asked, [301, 401]);
    let (ids, _) = walk(script, Some(cursor(451))).await;
    assert_eq!(
        ids.expect("read").into_iter().collect::<BTreeSet<_>>(),
        (1..=450).collect()
    );
}

#[tokio::test]
async fn a_ticket_that_leaves_is_noticed_even_if_another_joins() {
    // 5 leaves and 10,000 joins after the first page: the total stands still, and 101 slips over the edge.
    let (ids, asked) = read(|start, call, _| {
        let total = json!({"total_count": 250});
        match (call, start) {
            (0, _) => (1..101, total),
            (_, 1) => (6..106, total),
            (_, 101) => (102..202, total),
            (_, _) => (9_951..10_001, total),
        }
    })
    .await;
    assert!(ids.contains(&101), "{asked:?}");
}

#[tokio::test]
async fn rows_that_are_read_again_are_not_handed_out_again() {
    let (ids, _) = read(|start, call, _| {
        let total = if call == 0 { 301 } else { 300 };
        (page(start, 100, 300), json!({"total_count": total}))
    })
    .await;
    assert_eq!(ids, (1..=300).collect::<Vec<_>>());
}

#[tokio::test]
async fn tickets_that_are_counted_but_never_shown_cost_one_more_reading() {
    let (ids, asked) = read(|start, _, _| {
        (
            page(start, 100, 150),
            json!({"total_count": 170, "has_more_rows": start + 99 < 150}),
        )
    })
    .await;
    assert_eq!(ids, (1..=150).collect::<Vec<_>>());
    assert!(asked.len() <= 8, "{asked:?}");
}

#[tokio::test]
async fn where_deep_pages_are_refused_shorter_spans_are_read() {
    let (ids, asked) = read(|start, _, (from, to)| {
        let (first, last) = (from.div_ceil(10_000).max(1), to / 10_000);
        if start > 300 {
            return (0..0, json!({"refuse": true}));
        }
        let at = first + start - 1;
        (
            page(at, 100, last),
            json!({"total_count": last + 1 - first, "has_more_rows": at + 100 <= last}),
        )
    })
    .await;
    assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), (1..=999).collect());
    assert_eq!(ids.len(), 999, "each once");
    assert!(asked.len() < 40, "{asked:?}");
}
