//! The simplified form.

use serde_json::{Value, json};
use servicedesk_sim::{Api, Options};

use crate::client::{Session, assert_same_keys, read, with_parameters};

async fn page(session: &Session, list_info: Value, input_data: Value) -> (u16, Value) {
    let parameters = [
        ("list_info", list_info.to_string()),
        ("input_data", input_data.to_string()),
    ];
    read(
        session
            .get(&with_parameters("/api/v3/requests", &parameters))
            .send()
            .await
            .expect("answer"),
    )
    .await
}

#[tokio::test]
async fn the_storys_call_gets_an_answer_in_its_form() {
    let session = Session::start(Options {
        api: Api::Story,
        tickets: Some(400),
        ..Options::default()
    })
    .await;
    let truth = session.simulator.desk().truth();
    let mut times: Vec<i64> = truth.iter().filter_map(|truth| truth.resolved_ms).collect();
    times.sort_unstable();
    let (from, to) = (times[50], times[300]);
    let input =
        json!({"status": {"name": ["Closed", "Resolved"]}, "resolved_time": {"from": from, "to": to}});
    let expected = truth.iter().filter(|truth| truth.status != "Canceled");
    let expected = expected.filter(|truth| truth.resolved_ms.is_some_and(|time| (from..=to).contains(&time)));
    let expected: Vec<&str> = expected.map(|truth| truth.id.as_str()).collect();

    let (mut found, mut start) = (Vec::new(), 1);
    loop {
        let (status, answer) = page(
            &session,
            json!({"start_index": start, "row_count": 100}),
            input.clone(),
        )
        .await;
        assert_eq!(status, 200, "{answer}");
        let real = json!({"has_more_rows": true, "start_index": 1, "row_count": 100});
        assert_same_keys(&answer["list_info"], &real, "list_info");
        found.extend(answer["requests"].as_array().expect("rows").iter().cloned());
        start += 100;
        if answer["list_info"]["has_more_rows"] != true {
            break;
        }
    }
    let ids: Vec<&str> = found.iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids, expected);
    let example = json!({"id": "123456", "subject": "Server not responding", "description": "down",
        "resolution": {"content": "Restarted"}, "resolved_time": {"value": 1704150000000i64},
        "tags": [{"name": "critical"}]});
    found
        .iter()
        .for_each(|row| assert_same_keys(row, &example, "row"));
}

#[tokio::test]
async fn the_simplified_form_has_lists_only() {
    let session = Session::start(Options {
        api: Api::Story,
        tickets: Some(5),
        ..Options::default()
    })
    .await;
    let id = session.id_where(|_| true);
    assert_eq!(session.json(&format!("/api/v3/requests/{id}")).await.0, 404);
    let (_, counted) = page(&session, json!({"get_total_count": true}), json!({})).await;
    assert_eq!(counted["list_info"]["total_count"], 5);
}
