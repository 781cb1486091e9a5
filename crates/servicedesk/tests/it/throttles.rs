//! Endless throttles, absurd pauses, and the rest of an interrupted page.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::{Router, routing::get};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use servicedesk::{Client, Edition, Error, Outcome, RemoteState, Row, Stop, StoredTickets, Window};
use ticket::TicketId;

use crate::client::client_of;

const NOW_MS: i64 = 1_770_000_000_000;
const THROTTLED: u64 = 3;

fn detail(id: u64) -> Value {
    json!({
        "id": id.to_string(), "subject": "a ticket", "description": "short", "resolution": "done",
        "status": {"name": "Closed", "in_progress": false},
        "resolved_time": {"value": NOW_MS.to_string()}, "completed_time": null, "last_updated_time": null,
    })
}

fn thin(id: u64) -> Row {
    let row = json!({"id": id.to_string(), "subject": "a ticket", "status": {"name": "Closed", "in_progress": false}});
    Row::from_json(&row.to_string())
}

fn throttle(retry_after: &'static str) -> (StatusCode, HeaderMap, String) {
    let headers = HeaderMap::from_iter([(
        "retry-after".parse().expect("a name"),
        HeaderValue::from_static(retry_after),
    )]);
    (StatusCode::TOO_MANY_REQUESTS, headers, String::new())
}

fn answer(id: u64) -> (StatusCode, HeaderMap, String) {
    let body = json!({"response_status": {"status_code": 2000, "status": "success"}, "request": detail(id)});
    (StatusCode::OK, HeaderMap::new(), body.to_string())
}

fn window() -> Window {
    Window::anything(DateTime::from_timestamp_millis(NOW_MS).expect("in range"))
}

async fn look_up(client: &Client, id: u64) -> servicedesk::Result<RemoteState> {
    client
        .look_up(&window(), &TicketId::new(&id.to_string()).expect("an id"))
        .await
}

#[tokio::test]
async fn a_ticket_that_is_always_throttled_is_rejected_while_others_succeed() {
    let router = Router::new().route(
        "/api/v3/requests/{id}",
        get(async |Path(id): Path<u64>| match id {
            THROTTLED => throttle("0"),
            id => answer(id),
        }),
    );
    let (client, _serving) = client_of(Edition::OnPremises, router).await;
    let others = async {
        loop {
            look_up(&client, 9).await.expect("it succeeds");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let rows = (1..=5).map(thin).collect();
    let hydrated = tokio::select! {
        hydrated = client.hydrate(window(), rows, StoredTickets::new()) => hydrated,
        () = others => unreachable!("the other calls never end"),
    };
    assert!(
        hydrated.failure.is_none() && hydrated.left.is_empty(),
        "{hydrated:?}"
    );
    let rejected = hydrated.outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Rejected(rejected) => Some((rejected.id.as_deref(), rejected.reason.as_str())),
        _ => None,
    });
    let rejected: Vec<_> = rejected.collect();
    assert_eq!(rejected.len(), 1, "{rejected:?}");
    assert_eq!(rejected[0].0, Some("3"));
    assert!(rejected[0].1.contains("still throttles"), "{rejected:?}");
}

#[tokio::test]
async fn an_absurd_pause_is_cut_and_returned_to_a_caller_that_does_not_wait() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let router = Router::new().route(
        "/api/v3/requests/{id}",
        get(async || {
            CALLS.fetch_add(1, Ordering::Relaxed);
            throttle("4000000000")
        }),
    );
    let (client, _serving) = client_of(Edition::OnPremises, router).await;
    let client = client.stopped_by(Stop {
        longest_pause: Some(Duration::from_secs(5)),
        ..Stop::default()
    });
    for _ in 0..3 {
        let Err(Error::Paused { until, .. }) = look_up(&client, 1).await else {
            panic!("the call waits for a century");
        };
        let wait = until - DateTime::<Utc>::from(std::time::SystemTime::now());
        assert!(
            wait > TimeDelta::minutes(55) && wait < TimeDelta::minutes(65),
            "{wait}"
        );
    }
    assert_eq!(CALLS.load(Ordering::Relaxed), 1, "calls during the pause");
}

#[tokio::test]
async fn a_stopped_page_returns_its_tickets_and_the_rows_that_are_left() {
    let router = Router::new().route(
        "/api/v3/requests/{id}",
        get(async |Path(id): Path<u64>| {
            if id > 3 {
                std::future::pending::<()>().await;
            }
            answer(id)
        }),
    );
    let (client, _serving) = client_of(Edition::OnPremises, router).await;
    let stop = Stop::default();
    let client = client.stopped_by(stop.clone());
    let rows = (1..=30).map(thin).collect();
    let end = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        stop.soft.cancel();
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.hard.cancel();
    };
    let (hydrated, ()) = tokio::join!(client.hydrate(window(), rows, StoredTickets::new()), end);
    assert!(matches!(hydrated.failure, Some(Error::Stopped)), "{hydrated:?}");
    assert_eq!(hydrated.outcomes.len(), 3);
    let mut left: Vec<u64> = hydrated
        .left
        .iter()
        .map(|row| row.id().expect("an id").as_str().parse().expect("a number"))
        .collect();
    left.sort_unstable();
    assert_eq!(left, (4..=30).collect::<Vec<_>>());
}
