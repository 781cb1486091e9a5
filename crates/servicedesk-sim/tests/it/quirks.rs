//! Every quirk changes what a client sees.

use std::time::Duration;

use serde_json::{Value, json};
use servicedesk_sim::{Edition, Options, Quirk};

use crate::client::{NOW_MS, Session, with_parameters};

const TICKETS: u32 = 320;

/// Returns status, headers and body of many calls: everything that a client can see.
async fn transcript(edition: Edition, quirks: Vec<Quirk>) -> Vec<String> {
    let session = Session::start(Options {
        edition,
        quirks,
        tickets: Some(TICKETS),
        portal: (edition != Edition::OnPremises).then(|| "itdesk".into()),
        lock: Duration::from_millis(200),
        token_refreshes: 0,
        ..Options::default()
    })
    .await;
    let mut seen = Vec::new();
    let token = fetch_token(&session, &mut seen).await;
    for path in paths(edition) {
        let mut request = session.get(&path);
        if let Some(token) = &token {
            request = session
                .bare(&path)
                .header("Authorization", format!("Bearer {token}"));
        }
        seen.push(sent(request).await);
    }
    fetch_token(&session, &mut seen).await;
    seen
}

/// Returns the paths of lists, statuses and details, in the order of an import.
fn paths(edition: Edition) -> Vec<String> {
    let between = |field: &str, from: i64| json!({"field": field, "condition": "between", "values": [from.to_string(), NOW_MS.to_string()]});
    let mut or = between("completed_time", 1_500_000_000_000);
    or["logical_operator"] = json!("OR");
    let criteria = [
        between("resolved_time", 1_500_000_000_000),
        json!([between("resolved_time", 1_500_000_000_000), or]),
        json!([between("resolved_time", 1_500_000_000_000)]),
        between("resolved_time", 1_500_000_000),
        json!({"field": "status.name", "condition": "is", "values": ["Closed"]}),
    ];
    let mut paths = Vec::new();
    let list = |info: Value| {
        let input = json!({ "list_info": info }).to_string();
        with_parameters("/api/v3/requests", &[("input_data", input.as_str())])
    };
    for criteria in criteria {
        for start in [1, 101, 201, 301] {
            paths.push(list(json!({"start_index": start, "row_count": 100, "get_total_count": true, "sort_field": "id",
                "search_criteria": criteria, "fields_required": ["resolution", "resolved_time", "description", "tags"]})));
        }
    }
    for start in [1, 101, 201, 301] {
        paths.push(list(
            json!({"start_index": start, "row_count": 100, "sort_field": "created_time"}),
        ));
    }
    paths.push("/api/v3/statuses".to_owned());
    let first: u64 = if edition == Edition::Cloud {
        701_100_000_000_215_007
    } else {
        1_001
    };
    let step = if edition == Edition::Cloud { 1_000 } else { 1 };
    for number in 0..70 {
        paths.push(format!("/api/v3/requests/{}", first + number * step));
    }
    paths.push(list(json!({"start_index": 1, "row_count": 1})));
    paths.push(list(json!({"start_index": 1, "row_count": 100})));
    paths.push(format!("/api/v3/requests/{}", first + 12 * step));
    paths
}

async fn fetch_token(session: &Session, seen: &mut Vec<String>) -> Option<String> {
    let secrets = session.simulator.desk().credentials();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &secrets.client_id),
        ("client_secret", &secrets.client_secret),
        ("refresh_token", &secrets.refresh_token),
    ];
    let url = format!("{}/oauth/v2/token", session.simulator.url());
    let answer = sent(session.http.post(url).form(&form)).await;
    let body: Value = serde_json::from_str(answer.lines().last().unwrap_or_default()).unwrap_or_default();
    seen.push(answer);
    body["access_token"].as_str().map(str::to_owned)
}

async fn sent(request: reqwest::RequestBuilder) -> String {
    let Ok(response) = request.timeout(Duration::from_secs(2)).send().await else {
        return "no answer".into();
    };
    let header = |name: &str| response.headers().get(name).map(|value| format!("{value:?}"));
    let head = format!(
        "{} {:?} {:?} {:?}",
        response.status(),
        header("content-type"),
        header("retry-after"),
        header("location")
    );
    let body = response
        .bytes()
        .await
        .map(|body| String::from_utf8_lossy(&body).into_owned());
    format!("{head}\n{}", body.unwrap_or_else(|_| "cut".into()))
}

async fn every_quirk_changes_what_a_client_sees(edition: Edition) {
    // The simulator always shows these two: 0 counts as 1, and the default order is arbitrary.
    let always = [Quirk::Q9, Quirk::Q16];
    let honest = transcript(edition, Vec::new()).await;
    assert_eq!(
        transcript(edition, Vec::new()).await,
        honest,
        "the same seed gives the same answers"
    );
    let mut dead = Vec::new();
    for quirk in Quirk::ALL.iter().filter(|quirk| !always.contains(quirk)) {
        let possible = quirk.editions().contains(&edition);
        if possible && transcript(edition, vec![*quirk]).await == honest {
            dead.push(quirk);
        }
    }
    assert!(dead.is_empty(), "no difference on {edition:?}: {dead:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_quirk_changes_what_a_client_of_the_cloud_sees() {
    every_quirk_changes_what_a_client_sees(Edition::Cloud).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_quirk_changes_what_a_client_on_premises_sees() {
    every_quirk_changes_what_a_client_sees(Edition::OnPremises).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_quirk_changes_what_a_client_of_msp_sees() {
    every_quirk_changes_what_a_client_sees(Edition::Msp).await;
}

#[test]
fn quirks_are_named_by_their_numbers() {
    assert_eq!("q13".parse::<Quirk>().expect("known"), Quirk::Q13);
    assert_eq!(Quirk::Q13.to_string(), "Q13");
    let error = "Q65"
        .parse::<Quirk>()
        .expect_err("webhooks are not read")
        .to_string();
    assert!(error.contains("Q65") && error.contains("Q1 to Q64"), "{error}");
    let mut abouts: Vec<_> = Quirk::ALL.iter().map(|quirk| quirk.about()).collect();
    abouts.sort_unstable();
    abouts.dedup();
    assert_eq!(abouts.len(), Quirk::ALL.len());
}
