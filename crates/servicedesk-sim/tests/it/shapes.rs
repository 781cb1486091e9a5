//! Answers have the keys and types of real ones.

use serde_json::{Value, json};
use servicedesk_sim::Edition;

use crate::client::{Session, assert_same_keys, fixture};

fn without(mut value: Value, keys: &[&str]) -> Value {
    for key in keys {
        value.as_object_mut().expect("object").remove(*key);
    }
    value
}

#[tokio::test]
async fn a_cloud_list_row_has_the_default_keys() {
    let session = Session::with_tickets(Edition::Cloud, 40).await;
    let (status, answer) = session.list(json!({"row_count": 30})).await;
    assert_eq!(status, 200);
    assert_same_keys(&answer, &fixture("cloud_list_page.json"), "answer");
    for row in answer["requests"].as_array().expect("rows") {
        assert_same_keys(row, &fixture("cloud_list_page.json")["requests"][0], "row");
    }
    let (_, past_the_end) = session.list(json!({"start_index": 41})).await;
    assert_same_keys(
        &past_the_end,
        &fixture("cloud_list_last_page_empty.json"),
        "past the end",
    );
}

#[tokio::test]
async fn required_fields_add_texts_and_times_on_cloud() {
    let session = Session::with_tickets(Edition::Cloud, 100).await;
    let real = fixture("cloud_list_fields_required.json");
    let info = real["list_info"].clone();
    let mut asked = without(info.clone(), &["has_more_rows", "total_count"]);
    asked["row_count"] = json!(50);
    asked["search_criteria"] = json!([{"field": "created_time", "condition": "gt", "value": "0"}]);
    let (status, answer) = session.list(asked).await;
    assert_eq!(status, 200, "{answer}");
    assert_same_keys(&answer, &real, "answer");
    for row in answer["requests"].as_array().expect("rows") {
        assert_same_keys(row, &real["requests"][0], "row");
    }
    let (_, ids) = session
        .list(json!({"fields_required": ["id", "description"]}))
        .await;
    assert_eq!(
        ids["requests"][0].get("description"),
        None,
        "lists omit the description"
    );
}

#[tokio::test]
async fn filters_are_echoed() {
    let session = Session::with_tickets(Edition::Cloud, 30).await;
    let real = fixture("cloud_list_unknown_operator_ignored.json");
    let (_, answer) = session
        .list(without(
            real["list_info"].clone(),
            &["has_more_rows", "total_count"],
        ))
        .await;
    assert_same_keys(&answer["list_info"], &real["list_info"], "list_info");
    assert_eq!(
        answer["list_info"]["search_criteria"],
        real["list_info"]["search_criteria"]
    );
    assert_eq!(
        answer["list_info"]["total_count"], 30,
        "the unknown condition has no effect"
    );
}

#[tokio::test]
async fn cloud_details_are_like_real_ones() {
    let session = Session::with_tickets(Edition::Cloud, 400).await;
    let desk = session.simulator.desk();
    let detail = async |id: &str| {
        let (status, answer) = session.json(&format!("/api/v3/requests/{id}")).await;
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let closed = session.id_where(|truth| {
        truth.status == "Closed" && truth.tags == ["vpn"] && !truth.resolution_words.is_empty()
    });
    assert_same_keys(
        &detail(&closed).await,
        &fixture("cloud_request_detail_resolved.json"),
        "closed",
    );
    let real_open = fixture("cloud_request_detail_open.json");
    desk.reopen(&closed).expect("known");
    assert_same_keys(
        &without(detail(&closed).await["request"].clone(), &["tags"]),
        &real_open["request"],
        "open",
    );
    desk.trash(&closed).expect("known");
    let trashed = detail(&closed).await;
    assert_same_keys(
        &without(trashed["request"].clone(), &["tags"]),
        &fixture("cloud_request_detail_trashed.json")["request"],
        "trashed",
    );
    assert_eq!(trashed["request"]["is_trashed"], true);
    assert!(trashed["request"]["deleted_time"]["value"].is_string());
}

#[tokio::test]
async fn on_premises_answers_are_like_real_ones() {
    let session = Session::with_tickets(Edition::OnPremises, 400).await;
    let (_, page) = session
        .list(json!({"sort_field": "created_time", "sort_order": "desc", "row_count": 2}))
        .await;
    assert_same_keys(&page, &fixture("onprem_list_page.json"), "page");
    let (_, counted) = session
        .list(json!({"sort_field": "id", "sort_order": "asc", "row_count": 2, "get_total_count": true}))
        .await;
    let real = fixture("onprem_list_page_total_count.json");
    assert_same_keys(&counted["list_info"], &real["list_info"], "list_info");
    assert_eq!(counted["list_info"]["get_total_count"], "true");

    let desk = session.simulator.desk();
    let detail = async |id: &str| {
        let (_, answer) = session.json(&format!("/api/v3/requests/{id}")).await;
        without(answer["request"].clone(), &["tags"])
    };
    let real_open = without(
        fixture("onprem_request_detail_open.json")["request"].clone(),
        &["tags"],
    );
    let real_resolved = fixture("onprem_request_detail_resolved.json")["request"].clone();
    let mut closed_ids = desk
        .truth()
        .into_iter()
        .filter(|truth| truth.status == "Closed" && !truth.resolution_words.is_empty())
        .map(|truth| truth.id);
    let id = loop {
        let id = closed_ids.next().expect("a ticket with both times");
        if detail(&id).await.get("resolved_time").is_some() {
            break id;
        }
    };
    assert_same_keys(
        &detail(&id).await,
        &without(real_resolved, &["tags", "attachments"]),
        "closed",
    );
    desk.reopen(&id).expect("known");
    let mut open = detail(&id).await;
    assert_same_keys(
        &without(open.take(), &["resolution"]),
        &without(real_open, &["resolution"]),
        "open",
    );
    desk.trash(&id).expect("known");
    let real_trashed = without(
        fixture("onprem_request_detail_trashed.json")["request"].clone(),
        &["tags"],
    );
    assert_same_keys(&detail(&id).await, &real_trashed, "trashed");
}

#[tokio::test]
async fn an_msp_row_names_its_account() {
    let session = Session::with_tickets(Edition::Msp, 20).await;
    let (_, page) = session
        .list(json!({"sort_field": "created_time", "sort_order": "asc", "get_total_count": true, "row_count": 100}))
        .await;
    assert_same_keys(&page, &fixture("msp_list_page.json"), "page");
}

#[tokio::test]
async fn resolutions_and_notes_have_separate_paths() {
    for (edition, resolution, list, note) in [
        (
            Edition::Cloud,
            "cloud_resolution.json",
            "notes_list_no_description.json",
            "note_detail.json",
        ),
        (
            Edition::OnPremises,
            "onprem_resolution.json",
            "onprem_notes_list.json",
            "onprem_note_detail.json",
        ),
    ] {
        let session = Session::with_tickets(edition, 60).await;
        let resolved = session.id_where(|truth| !truth.resolution_words.is_empty());
        let (_, answer) = session
            .json(&format!("/api/v3/requests/{resolved}/resolutions"))
            .await;
        assert_same_keys(&answer, &fixture(resolution), resolution);
        let canceled = session.id_where(|truth| truth.resolution_words.is_empty());
        let (_, answer) = session
            .json(&format!("/api/v3/requests/{canceled}/resolutions"))
            .await;
        assert_same_keys(&answer, &fixture("cloud_resolution_empty.json"), "no resolution");

        let rows = session.all_rows(json!({"sort_field": "id"})).await;
        let id = rows[2]["id"].as_str().expect("id");
        let (_, notes) = session.json(&format!("/api/v3/requests/{id}/notes")).await;
        assert_same_keys(&notes, &fixture(list), list);
        let note_id = notes["notes"][0]["id"].as_str().expect("note id");
        let (_, answer) = session
            .json(&format!("/api/v3/requests/{id}/notes/{note_id}"))
            .await;
        assert_same_keys(&answer, &fixture(note), note);
        let (status, _) = session.json(&format!("/api/v3/requests/{id}/notes/1")).await;
        assert_eq!(status, 404);
    }
}

#[tokio::test]
async fn only_cloud_marks_final_statuses() {
    let cloud = Session::with_tickets(Edition::Cloud, 1).await;
    let (_, answer) = cloud.json("/api/v3/statuses").await;
    assert_same_keys(&answer, &fixture("statuses_localised.json"), "statuses");
    let on_premises = Session::with_tickets(Edition::OnPremises, 1).await;
    let (_, answer) = on_premises.json("/api/v3/statuses").await;
    assert_same_keys(
        &answer["statuses"][0],
        &json!({"color": "", "name": "", "id": ""}),
        "status",
    );
}
