//! A ticket that cannot be read or stored is rejected, its neighbours are not.

use std::collections::HashMap;

use axum::extract::Query;
use axum::{Router, routing::get};
use serde_json::{Value, json};
use servicedesk::{Edition, Outcome};

use crate::client::client_of;

const NOW_MS: i64 = 1_770_000_000_000;
const GIANT: u64 = 2;
/// Ticket whose id ends in a character that PostgreSQL does not store.
const NAMELESS: u64 = 4;
const TICKETS: u64 = 5;

fn ticket(id: u64) -> Value {
    let description = if id == GIANT {
        "x".repeat(65 << 20)
    } else {
        "short".to_owned()
    };
    let end = if id == NAMELESS { "\0" } else { "" };
    json!({
        "id": format!("{id}{end}"),
        "subject": "a ticket",
        "description": description,
        "resolution": null,
        "status": {"name": "Closed", "in_progress": false},
        "resolved_time": {"value": NOW_MS.to_string()},
        "completed_time": null,
        "last_updated_time": null,
    })
}

async fn list(Query(query): Query<HashMap<String, String>>) -> String {
    let input: Value = serde_json::from_str(&query["input_data"]).expect("strict JSON");
    let number = |key: &str| input["list_info"][key].as_u64().expect("a number");
    let (start, count) = (number("start_index"), number("row_count"));
    // A count has a short answer even here.
    let asked_for_count = count == 1 && start == 1;
    let last = if asked_for_count {
        1
    } else {
        (start + count - 1).min(TICKETS)
    };
    let rows: Vec<_> = (start..=last).map(ticket).collect();
    let list_info = json!({"total_count": TICKETS, "has_more_rows": last < TICKETS});
    json!({"response_status": [{"status_code": 2000}], "list_info": list_info, "requests": rows}).to_string()
}

#[tokio::test]
async fn a_broken_ticket_does_not_fail_its_page() {
    let router = Router::new().route("/api/v3/requests", get(list));
    let (client, _serving) = client_of(Edition::OnPremises, router).await;
    let now = chrono::DateTime::from_timestamp_millis(NOW_MS).expect("in range");
    let day = chrono::TimeDelta::days(1);
    let windows = client.plan(now - day, now + day, now).await.expect("planned");
    let mut pages = client.pages(windows[0].clone(), None);
    let mut outcomes = Vec::new();
    while let Some(page) = pages.next().await.expect("read") {
        let hydrated = client
            .hydrate(windows[0].clone(), page.rows, HashMap::new())
            .await;
        assert!(hydrated.failure.is_none(), "{hydrated:?}");
        outcomes.extend(hydrated.outcomes);
    }
    let results: Vec<_> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Outcome::Ticket(ticket, _) => ticket.id.to_string(),
            Outcome::Rejected(rejected) => rejected.reason.clone(),
            Outcome::Unchanged => "unchanged".to_owned(),
        })
        .collect();
    assert_eq!(
        results,
        [
            "1",
            "the answer is longer than 67108864 bytes",
            "3",
            "its id holds the character U+0000",
            "5"
        ]
    );
}
