//! Answers to requests that the interface refuses, and texts that it does not refuse.

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use servicedesk_sim::Options;

use crate::support::{Bench, Database, Server, problem, status};

/// A server and a token for it.
struct Asked {
    server: Server,
    token: String,
    _bench: Bench,
}

impl Asked {
    async fn new() -> Self {
        let options = Options {
            tickets: Some(60),
            days: 80,
            ..Options::default()
        };
        let bench = Bench::on(Database::Sqlite, options).await;
        bench.import();
        Self {
            server: Server::start(&bench, &["--requests-per-minute=0"]),
            token: bench.token("acme", &[]),
            _bench: bench,
        }
    }

    fn search(&self) -> RequestBuilder {
        let search = self.server.post("/v1/tenants/acme/search");
        search.bearer_auth(&self.token)
    }

    fn json(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        let search = self.search().header("content-type", "application/json");
        search.body(body)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_search_names_each_wrong_field() {
    let asked = Asked::new().await;
    let x = |field: &str, value: Value| json!({"description": "x", field: value});
    for (body, says) in [
        (json!({}), "nothing to search for"),
        (json!({"description": " \n\t"}), "nothing to search for"),
        (x("limit", json!(0)), "limit: must be 1 to 100"),
        (x("limit", json!(10_000)), "limit: must be 1 to 100"),
        (x("limit", json!(-1)), "limit: must be 1 to 100"),
        (x("limit", json!("many")), "expected i64"),
        (json!({"description": 7}), "expected a string"),
        (x("start_date", json!("yesterday")), "start_date: expected a day"),
        (x("end_date", json!("+262142-12-31")), "end_date: expected a day"),
        (
            json!({"description": "x", "start_date": "2026-02-01", "end_date": "2026-01-01"}),
            "end_date: is before",
        ),
        (x("descripton", json!("y")), "unknown field `descripton`"),
        (x("resolution", json!("maybe")), "unknown variant `maybe`"),
        (json!([1]), "invalid"),
        (json!(null), "invalid"),
    ] {
        let problem = problem(asked.search().json(&body), 422).await;
        let detail = problem["detail"].as_str().expect("a text");
        assert!(detail.contains(says), "{body}: {problem}");
    }
    let both = problem(asked.search().json(&json!({"limit": 0})), 422).await;
    let errors = both["errors"].as_array().expect("errors");
    let fields: Vec<_> = errors.iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["description", "limit"], "all at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_no_json_or_goes_nowhere_is_refused() {
    let asked = Asked::new().await;
    for broken in ["", "{", "no json", "{\"description\": \"x\"} {}", "\u{feff}{}"] {
        problem(asked.json(broken), 400).await;
    }
    problem(asked.json(vec![b'"', 0xff, b'"']), 400).await;
    problem(asked.search().body("{\"description\": \"x\"}"), 415).await;
    let get = |path: &str| asked.server.get(path).bearer_auth(&asked.token);
    problem(get("/v1/tenants/acme/search"), 405).await;
    problem(asked.server.get("/nowhere"), 404).await;
    for id in ["nothing", "%00", "%ff", "..", "%F0%9F%A6%80"] {
        problem(get(&format!("/v1/tenants/acme/tickets/{id}")), 404).await;
    }
}

/// The client gets its answer, however much of the body it still has to send.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused() {
    let asked = Asked::new().await;
    let large = json!({"description": "x".repeat(20 << 20)}).to_string();
    for _ in 0..5 {
        problem(asked.json(large.clone()), 413).await;
        let unsigned = asked.server.post("/v1/tenants/acme/search");
        problem(unsigned.body(large.clone()), 401).await;
        let nowhere = asked.server.post("/nowhere");
        problem(nowhere.body(large.clone()), 404).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_and_any_filter_is_searched() {
    let asked = Asked::new().await;
    for text in [
        "+vpn -\"drops (\" AND OR NOT ~^:*?\\/[a TO b]".to_owned(),
        "\u{0}\u{1}\u{7}\t\u{85}".to_owned(),
        "資料庫 ошибка größe 🦀".to_owned(),
        "...".to_owned(),
        "the vpn drops every hour and 0x80070005 is shown ".repeat(22_000),
        "x".repeat(1 << 20),
        "\u{202e}\u{0301}".repeat(10_000),
    ] {
        let answer = status(asked.search().json(&json!({"description": text}))).await;
        assert_eq!(answer, 200, "{}", text.chars().take(50).collect::<String>());
    }
    for filter in [
        json!({"description": "vpn", "exclude_ticket_id": "\u{0}"}),
        json!({"description": "vpn", "category": "'; drop table x; --", "tags": ["\u{0}", ""]}),
    ] {
        assert_eq!(status(asked.search().json(&filter)).await, 200, "{filter}");
    }
}
