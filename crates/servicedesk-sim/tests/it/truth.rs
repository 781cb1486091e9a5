//! The truth agrees with the answers of the API.

use std::collections::HashMap;
use std::io::Write;

use serde_json::{Value, json};
use servicedesk_sim::{Edition, Options, Rows, Truth};

use crate::client::{Session, read};

async fn truth_over_http(session: &Session) -> Vec<Value> {
    let url = format!("{}/_sim/truth", session.simulator.url());
    let text = session
        .http
        .get(url)
        .send()
        .await
        .expect("answer")
        .text()
        .await
        .expect("body");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect()
}

#[tokio::test]
async fn the_same_seed_makes_the_same_desk() {
    let truth = async |seed| {
        let options = Options {
            seed,
            tickets: Some(1_500),
            ..Options::default()
        };
        let session = Session::start(options).await;
        let ours: Vec<Value> = session
            .simulator
            .desk()
            .truth()
            .iter()
            .map(|truth| json!(truth))
            .collect();
        assert_eq!(truth_over_http(&session).await, ours);
        ours
    };
    let first = truth(7).await;
    assert_eq!(first, truth(7).await);
    assert_ne!(first, truth(8).await);
}

#[tokio::test]
async fn bad_tickets_are_broken_and_the_truth_gives_the_reason() {
    let options = Options {
        bad_every: 20,
        tickets: Some(400),
        rows: Rows::Full,
        ..Options::default()
    };
    let session = Session::start(options).await;
    let truth = session.simulator.desk().truth();
    let bad: Vec<&Truth> = truth.iter().filter(|truth| !truth.valid).collect();
    assert_eq!(bad.len(), truth.len() / 20);
    let final_only = json!({"field": "status.in_progress", "condition": "is", "value": false});
    let rows = session
        .all_rows(json!({"sort_field": "id", "search_criteria": final_only}))
        .await;
    assert_eq!(rows.len(), truth.len());
    for (row, truth) in rows.iter().zip(&truth) {
        let time = &row["resolved_time"]["value"];
        match truth.reason.as_deref() {
            None => assert_eq!(row["id"], *truth.id),
            Some("no_id") => assert!(row.is_object() && row.get("id").is_none()),
            Some("null_id") => assert!(row["id"].is_null()),
            Some("no_text") => assert!(row["subject"].is_null() && row["description"].is_null()),
            Some("garbage_time") => assert_eq!(time, "last tuesday"),
            Some("negative_time") => assert!(time.as_str().is_some_and(|time| time.starts_with('-'))),
            Some("no_final_time") => {
                assert!(row["resolved_time"].is_null() && row["completed_time"].is_null())
            }
            Some("numeric_description") => assert!(row["description"].is_number()),
            Some("nul_in_subject") => {
                assert!(row["subject"].as_str().is_some_and(|text| text.contains('\0')))
            }
            Some("long_id") => assert_eq!(row["id"].as_str().map(str::len), Some(300)),
            Some("not_an_object") => assert!(row.is_string()),
            Some(other) => panic!("unknown reason {other}"),
        }
        let shown = row["id"].as_str().unwrap_or(&truth.id);
        let reachable = !matches!(
            truth.reason.as_deref(),
            Some("no_id" | "null_id" | "not_an_object")
        );
        let (status, _) = session.json(&format!("/api/v3/requests/{shown}")).await;
        assert_eq!(status == 200, reachable, "{:?}", truth.reason);
    }
}

#[tokio::test]
async fn texts_of_the_corpus_come_first_and_in_order() {
    let path = std::env::temp_dir().join(format!("servicedesk-sim-corpus-{}.jsonl.gz", std::process::id()));
    let mut file = flate2::write::GzEncoder::new(
        std::fs::File::create(&path).expect("create"),
        flate2::Compression::fast(),
    );
    for (subject, description, resolution) in [
        ("VPN < 5", "drops & hangs\nevery hour", Some("MTU lowered")),
        ("", "one two three four five six seven eight nine ten", None),
    ] {
        let line = json!({"id": "x", "subject": subject, "description": description,
            "category": "Access", "resolution_text": resolution});
        writeln!(file, "{line}").expect("write");
    }
    file.finish().expect("finish");
    let options = Options {
        corpus: vec![path.clone()],
        tickets: Some(4),
        open_every: 0,
        edition: Edition::OnPremises,
        ..Options::default()
    };
    let session = Session::start(options).await;
    std::fs::remove_file(&path).expect("remove");
    let truth = session.simulator.desk().truth();
    let by_id: HashMap<&str, &Truth> = truth.iter().map(|truth| (truth.id.as_str(), truth)).collect();
    assert_eq!(by_id.len(), 4);
    assert_eq!(
        (truth[0].subject.as_str(), truth[0].words.as_str()),
        ("VPN < 5", "drops & hangs every hour")
    );
    assert_eq!(
        (truth[0].category.as_str(), truth[1].subject.as_str()),
        ("Access", "one two three four five six seven eight")
    );
    assert!(!truth[3].subject.is_empty() || !truth[3].words.is_empty());
    let (_, detail) = session.json(&format!("/api/v3/requests/{}", truth[0].id)).await;
    assert!(
        detail["request"]["description"]
            .as_str()
            .is_some_and(|html| html.contains("drops &amp; hangs"))
    );
}

#[tokio::test]
async fn the_error_names_a_missing_corpus() {
    let options = Options {
        corpus: vec!["/nowhere/x.jsonl.gz".into()],
        ..Options::default()
    };
    let error = servicedesk_sim::Simulator::start(options)
        .await
        .err()
        .expect("no file");
    assert!(format!("{error:#}").contains("open corpus /nowhere/x.jsonl.gz"));
}

#[tokio::test]
async fn unknown_tickets_cannot_be_changed() {
    let session = Session::with_tickets(Edition::Cloud, 1).await;
    let url = format!("{}/_sim/reopen?id=5", session.simulator.url());
    let (status, answer) = read(session.http.post(url).send().await.expect("answer")).await;
    assert_eq!((status, answer), (400, json!({"error": "no ticket 5"})));
}
