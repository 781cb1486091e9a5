//! Spontaneous changes on a fast clock.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Json, Router, routing::post};
use serde_json::{Value, json};
use servicedesk_sim::{Change, ChangeKind, Desk, Edition, Options, Reports, Webhook};

use crate::client::{NOW_MS, Session};

const DAY_MS: i64 = 86_400_000;

async fn lively(changes_per_day: f64) -> Session {
    Session::start(Options {
        tickets: Some(200),
        edition: Edition::Cloud,
        // A day lasts ten seconds.
        clock_rate: 8_640.0,
        changes_per_day,
        ..Options::default()
    })
    .await
}

async fn wait_for(desk: &Desk, changes: usize) -> Vec<Change> {
    loop {
        let made = desk.changes();
        if made.len() >= changes {
            return made;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn changes_follow_the_clock_of_the_desk_and_the_seed() {
    let (first, second) = tokio::join!(lively(1_000.0), lively(4_000.0));
    let mut histories = Vec::new();
    for (session, per_day) in [(&first, 1_000), (&second, 4_000)] {
        let desk = session.simulator.desk();
        let changes = wait_for(desk, 150).await;
        let now_ms = desk.now_ms();
        assert!(changes.is_sorted_by_key(|change| change.at_ms));
        assert!(now_ms > NOW_MS + 149 * DAY_MS / per_day, "not before their time");
        let kinds: BTreeSet<_> = changes.iter().map(|change| change.kind).collect();
        assert_eq!(kinds.len(), 6, "{kinds:?}");
        let step = |change: &Change| (change.kind, change.id.clone());
        histories.push(changes[..150].iter().map(step).collect::<Vec<_>>());
    }
    assert_eq!(histories[0], histories[1]);
}

#[tokio::test]
async fn the_truth_follows_the_changes() {
    let session = lively(2_000.0).await;
    let desk = session.simulator.desk();
    wait_for(desk, 100).await;
    session.control("POST", "changes?per_day=0").await;
    let changes = desk.changes();
    let truth = desk.truth();
    let last = |id: &str| {
        changes
            .iter()
            .rfind(|change| change.id == id)
            .expect("changed")
            .kind
    };
    for change in &changes {
        let listed = truth.iter().find(|truth| truth.id == change.id);
        let gone = matches!(last(&change.id), ChangeKind::Reopened | ChangeKind::Trashed);
        assert_eq!(listed.is_none(), gone, "{change:?}");
    }
    let listed = session.all_rows(json!({"sort_field": "id"})).await;
    let listed: BTreeSet<_> = listed.iter().filter_map(|row| row["id"].as_str()).collect();
    assert!(truth.iter().all(|truth| listed.contains(truth.id.as_str())));
    assert_eq!(desk.changes().len(), changes.len(), "no change after a rate of 0");
}

#[tokio::test]
async fn each_change_is_reported_to_the_webhook() {
    type Received = Arc<Mutex<Vec<String>>>;
    async fn receive(
        State(received): State<Received>,
        headers: HeaderMap,
        Json(body): Json<Value>,
    ) -> StatusCode {
        let id = body["id"].as_str().expect("an id").to_owned();
        let mut received = received.lock().expect("not poisoned");
        received.push(id);
        match received.len() % 5 {
            0 => StatusCode::SERVICE_UNAVAILABLE,
            _ if headers["x-secret"] == "planted" => StatusCode::ACCEPTED,
            _ => StatusCode::UNAUTHORIZED,
        }
    }
    let received = Received::default();
    let router = Router::new()
        .route("/hooks/acme", post(receive))
        .with_state(received.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}/hooks/acme", listener.local_addr().expect("bound"));
    let receiver = tokio::spawn(async move { axum::serve(listener, router).await });

    let session = lively(0.0).await;
    let desk = session.simulator.desk();
    let header = ("x-secret".to_owned(), "planted".to_owned());
    desk.report_to(Some(Webhook::new(&url, vec![header]).expect("a URL")));
    desk.set_changes_per_day(2_000.0);
    wait_for(desk, 50).await;
    desk.set_changes_per_day(0.0);
    let changes = desk.changes();
    let reports = loop {
        let Reports { accepted, failed } = desk.reports();
        if accepted + failed == changes.len() {
            break (accepted, failed);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(reports.1, changes.len() / 5);
    let ids: Vec<_> = changes.into_iter().map(|change| change.id).collect();
    assert_eq!(*received.lock().expect("not poisoned"), ids);
    for url in ["https://example.com/x", "http://a b/\nc", "ftp://x"] {
        assert!(Webhook::new(url, Vec::new()).is_err(), "{url}");
    }
    receiver.abort();
}
