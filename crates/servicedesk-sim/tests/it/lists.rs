//! Paging, filters and refusals.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use servicedesk_sim::{Edition, Options, Rows};

use crate::client::{Session, assert_same_keys, fixture, read, with_parameters};

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["id"].as_str().expect("id")).collect()
}

#[tokio::test]
async fn pages_hold_every_ticket_once() {
    for edition in [Edition::Cloud, Edition::OnPremises] {
        let session = Session::with_tickets(edition, 250).await;
        for info in [
            json!({}),
            json!({"sort_field": "created_time"}),
            json!({"sort_field": "subject", "sort_order": "desc"}),
        ] {
            let rows = session.all_rows(info).await;
            assert_eq!(rows.len(), 250);
            assert_eq!(ids(&rows).into_iter().collect::<BTreeSet<_>>().len(), 250);
        }
        let (_, first) = session
            .list(json!({"start_index": 0, "row_count": 100, "sort_field": "id"}))
            .await;
        let (_, second) = session
            .list(json!({"start_index": 100, "row_count": 100, "sort_field": "id"}))
            .await;
        assert_eq!(
            first["requests"][99]["id"], second["requests"][0]["id"],
            "0 counts as 1"
        );
        let (_, default) = session.list(json!({})).await;
        assert_eq!(default["requests"].as_array().map(Vec::len), Some(10));
    }
}

#[tokio::test]
async fn a_time_window_lists_the_tickets_of_the_truth() {
    let session = Session::with_tickets(Edition::Cloud, 1_000).await;
    let truth = session.simulator.desk().truth();
    let mut times: Vec<i64> = truth.iter().filter_map(|truth| truth.resolved_ms).collect();
    times.sort_unstable();
    let (from, to) = (times[200], times[700]);
    let info = json!({"sort_field": "id", "get_total_count": true,
        "fields_required": ["resolved_time", "completed_time"],
        "search_criteria": [{"field": "status.in_progress", "condition": "is", "value": "false"},
            {"field": "resolved_time", "condition": "between", "values": [from.to_string(), to.to_string()],
                "logical_operator": "AND"}]});
    let rows = session.all_rows(info).await;
    assert!(rows.len() > 300);
    let within = |row: &Value| {
        let text = row["resolved_time"]["value"].as_str().expect("set");
        (from..=to).contains(&text.parse().expect("number"))
    };
    assert!(rows.iter().all(within));
    let known: BTreeSet<&str> = truth.iter().map(|truth| truth.id.as_str()).collect();
    assert!(ids(&rows).iter().all(|id| known.contains(id)));
}

#[tokio::test]
async fn full_rows_are_details() {
    let options = Options {
        rows: Rows::Full,
        tickets: Some(20),
        ..Options::default()
    };
    let session = Session::start(options).await;
    for row in session.all_rows(json!({"sort_field": "id"})).await {
        let id = row["id"].as_str().expect("id");
        let (_, detail) = session.json(&format!("/api/v3/requests/{id}")).await;
        assert_eq!(detail["request"], row);
    }
}

#[tokio::test]
async fn repeated_rows_are_not_counted() {
    let options = Options {
        duplicate_every: 10,
        tickets: Some(200),
        ..Options::default()
    };
    let session = Session::start(options).await;
    let rows = session.all_rows(json!({"sort_field": "id"})).await;
    assert_eq!(rows.len(), 220);
    assert_eq!(ids(&rows).into_iter().collect::<BTreeSet<_>>().len(), 200);
    let (_, counted) = session.list(json!({"get_total_count": true})).await;
    assert_eq!(counted["list_info"]["total_count"], 200);
}

#[tokio::test]
async fn bad_calls_get_the_refusals_of_real_servers() {
    let session = Session::with_tickets(Edition::OnPremises, 10).await;
    for (info, real) in [
        (
            json!({"sort_field": "colour"}),
            "error_onprem_invalid_sort_field_http400.json",
        ),
        (
            json!({"filter_by": {"name": "Mine"}}),
            "error_onprem_invalid_filter_by_http400.json",
        ),
    ] {
        assert_eq!(session.list(info).await, (400, fixture(real)));
    }
    let (status, answer) = session.list(json!({"row_count": 101})).await;
    assert_eq!(status, 400);
    assert_eq!(answer["response_status"]["messages"][0]["field"], "row_count");

    let story = json!({"status": {"name": ["Closed"]}, "resolved_time": {"from": 1, "to": 2}}).to_string();
    let answer = session
        .get(&with_parameters("/api/v3/requests", &[("input_data", story)]))
        .send()
        .await
        .expect("answer");
    assert_eq!(read(answer).await, (400, fixture("error_extra_key_http400.json")));
    for path in ["/api/v3/requests/99", "/api/v3/colours", "/app/x/api/v3/requests"] {
        assert_eq!(
            session.json(path).await,
            (404, fixture("error_onprem_4007_http404.json")),
            "{path}"
        );
    }
    let cloud = Session::with_tickets(Edition::Cloud, 10).await;
    let not_found = fixture("error_4007_not_found_http404.json");
    assert_eq!(cloud.json("/api/v3/requests/5").await, (404, not_found));
}

#[tokio::test]
async fn on_premises_builds_may_honour_required_fields() {
    let info = json!({"sort_field": "id", "fields_required": ["description", "resolution", "resolved_time"]});
    let ignoring = Session::with_tickets(Edition::OnPremises, 50).await;
    let (_, answer) = ignoring.list(info.clone()).await;
    assert_same_keys(
        &answer["requests"][0],
        &fixture("onprem_list_page.json")["requests"][0],
        "row",
    );
    let options = Options {
        edition: Edition::OnPremises,
        on_premises_fields_required: true,
        tickets: Some(50),
        ..Options::default()
    };
    let (_, answer) = Session::start(options).await.list(info).await;
    assert!(answer["requests"][0].get("description").is_some());
}
