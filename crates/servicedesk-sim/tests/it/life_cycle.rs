//! Tickets that change while a client reads, through `/_sim` as from another process.

use serde_json::json;
use servicedesk_sim::{Edition, Options};

use crate::client::{Session, fixture};

#[tokio::test]
async fn an_edit_moves_the_last_update() {
    let session = Session::with_tickets(Edition::Cloud, 30).await;
    let id = session.id_where(|truth| truth.updated_ms.is_none());
    session
        .control(
            "POST",
            &format!("edit?id={id}&resolution=cable%20replaced%20%26%20tested"),
        )
        .await;
    let (_, detail) = session.json(&format!("/api/v3/requests/{id}")).await;
    assert_eq!(
        detail["request"]["resolution"]["content"],
        "<div>cable replaced &amp; tested<br /></div>"
    );
    let truth = session.simulator.desk().truth();
    let truth = truth.iter().find(|truth| truth.id == id).expect("still final");
    assert_eq!(truth.resolution_words, "cable replaced & tested");
    let since = json!({"sort_field": "last_updated_time", "sort_order": "desc"});
    let (_, list) = session.list(since).await;
    assert_eq!(list["requests"][0]["id"], *id);
}

#[tokio::test]
async fn reopened_trashed_deleted_and_merged_tickets_leave_the_lists() {
    let session = Session::with_tickets(Edition::Cloud, 30).await;
    let truth = session.simulator.desk().truth();
    let [reopened, trashed, deleted, merged, parent] = [0, 1, 2, 3, 4].map(|at| truth[at].id.clone());
    session.control("POST", &format!("reopen?id={reopened}")).await;
    session.control("POST", &format!("trash?id={trashed}")).await;
    session.control("POST", &format!("delete?id={deleted}")).await;
    session
        .control("POST", &format!("merge?id={merged}&into={parent}"))
        .await;
    let added = session.control("POST", "add?count=2").await;

    let rows = session
        .all_rows(
            json!({"search_criteria": {"field": "status.in_progress", "condition": "is", "value": false}}),
        )
        .await;
    let ids: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    for gone in [&reopened, &trashed, &deleted, &merged] {
        assert!(!ids.contains(&gone.as_str()));
    }
    assert_eq!(rows.len(), truth.len() - 4 + 2);
    assert!(ids.contains(&added["ids"][0].as_str().expect("id")));
    assert_eq!(session.simulator.desk().truth().len(), rows.len());

    let detail = async |id: &str| session.json(&format!("/api/v3/requests/{id}")).await;
    let (_, open) = detail(&reopened).await;
    assert!(open["request"]["resolved_time"].is_null());
    assert_eq!(open["request"]["is_reopened"], true);
    assert_eq!(detail(&trashed).await.1["request"]["is_trashed"], true);
    assert_eq!(detail(&deleted).await.0, 404);
    let (status, answer) = detail(&merged).await;
    assert_eq!(status, 404);
    let real = fixture("error_4007_merged_http404.json");
    let message = &answer["response_status"]["messages"][0]["message"];
    assert_eq!(
        message
            .as_str()
            .map(|text| text.starts_with("Request was merged with request ")),
        Some(true)
    );
    assert_eq!(
        answer["response_status"]["messages"][0]["status_code"],
        real["response_status"]["messages"][0]["status_code"]
    );
}

#[tokio::test]
async fn the_log_has_every_call() {
    let options = Options {
        tickets: Some(30),
        ..Options::default()
    };
    let session = Session::start(options).await;
    let id = session.id_where(|_| true);
    session.list(json!({"start_index": 11, "row_count": 5})).await;
    for _ in 0..2 {
        session.json(&format!("/api/v3/requests/{id}")).await;
    }
    session.bare("/api/v3/statuses").send().await.expect("answer");
    let log = session.control("GET", "log").await;
    let log = log.as_array().expect("entries");
    assert_eq!(log.len(), 4);
    let list = &log[0];
    assert_eq!(
        (
            &list["kind"],
            &list["start_index"],
            &list["row_count"],
            &list["rows"]
        ),
        (&json!("list"), &json!(11), &json!(5), &json!(5))
    );
    assert_eq!(
        (&log[1]["id"], &log[1]["status"], &log[1]["authorised"]),
        (&json!(id), &json!(200), &json!(true))
    );
    assert_eq!(
        (&log[3]["status"], &log[3]["authorised"]),
        (&json!(401), &json!(false))
    );
    let stats = session.control("GET", "stats").await;
    assert_eq!(stats["by_kind"]["detail"]["200"], 2);
    assert_eq!(stats["most_details_of_one_ticket"], 2);
    assert_eq!(stats["most_concurrent"], 1);
}
