//! Agents ask over HTTP.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use servicedesk_sim::{Api, Edition, Options, Rows};

use crate::bench::{Bench, Database};
use crate::server::{Server, read};

async fn bench(database: Database) -> Bench {
    let bench = Bench::on(
        database,
        Options {
            tickets: Some(300),
            days: 80,
            open_every: 0,
            rows: Rows::Full,
            ..Options::default()
        },
    )
    .await;
    bench.import();
    bench
}

/// A problem as RFC 9457 has it, with this status.
pub(crate) async fn problem(request: RequestBuilder, status: u16) -> Value {
    let (found, kind, body) = read(request.send().await.expect("an answer")).await;
    assert_eq!(
        (found.as_u16(), kind.as_str()),
        (status, "application/problem+json"),
        "{body}"
    );
    assert_eq!(body["status"], status, "{body}");
    for field in ["type", "title", "detail"] {
        assert!(
            body[field].as_str().is_some_and(|text| !text.is_empty()),
            "{body}"
        );
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_searched_and_read_over_http() {
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = bench(database).await;
        let token = bench.token("acme", &[]);
        let server = Server::start(&bench, &[]);
        let truth = bench.simulator.desk().truth();
        let wanted = truth
            .iter()
            .find(|ticket| !ticket.resolution_words.is_empty() && ticket.words.split(' ').count() > 20)
            .expect("a long one");
        for name in ["description", "text", "query"] {
            let body = json!({name: wanted.words, "subject": wanted.subject, "limit": 3});
            let answer = server
                .post("/v1/tenants/acme/search")
                .bearer_auth(&token)
                .json(&body);
            let (status, kind, answer) = read(answer.send().await.expect("an answer")).await;
            assert_eq!(
                (status, kind.as_str()),
                (StatusCode::OK, "application/json"),
                "{answer}"
            );
            let results = answer["results"].as_array().expect("results");
            assert!((1..=3).contains(&results.len()), "{answer}");
            let best = &results[0];
            assert_eq!(best["ticket_id"], wanted.id.as_str(), "{best}");
            for field in [
                "display_id",
                "subject",
                "description",
                "resolution",
                "resolved_date",
                "tags",
                "url",
                "score",
                "matched_terms",
                "extract",
                "highlights",
            ] {
                assert!(!best[field].is_null(), "{field}: {best}");
            }
            let extract = best["extract"].as_str().expect("text");
            for mark in best["highlights"].as_array().expect("marks") {
                let [from, to] = [0, 1].map(|end| mark[end].as_u64().expect("a place") as usize);
                assert!(!extract[from..to].trim().is_empty(), "{best}");
            }
        }
        let path = format!("/v1/tenants/acme/tickets/{}", wanted.id);
        let (status, _, ticket) = read(
            server
                .get(&path)
                .bearer_auth(&token)
                .send()
                .await
                .expect("an answer"),
        )
        .await;
        assert_eq!(
            (status, &ticket["ticket_id"]),
            (StatusCode::OK, &json!(wanted.id)),
            "{ticket}"
        );

        // What was committed before is seen; what was withdrawn is not.
        bench.simulator.desk().delete(&wanted.id).expect("deleted");
        bench.good(&["verify", "--tenant-id=acme", "--repair"]);
        problem(server.get(&path).bearer_auth(&token), 404).await;
        let body = json!({"description": wanted.words});
        let answer = server
            .post("/v1/tenants/acme/search")
            .bearer_auth(&token)
            .json(&body);
        let (_, _, answer) = read(answer.send().await.expect("an answer")).await;
        assert!(
            !answer.to_string().contains(&format!("\"{}\"", wanted.id)),
            "{answer}"
        );
        assert_eq!(server.stop(), 0);
    }
}

/// How often; a thousand by hand.
fn rounds() -> usize {
    let rounds = std::env::var("PRECEDENT_FRESHNESS_ROUNDS");
    rounds.map_or(10, |rounds| rounds.parse().expect("a number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_committed_the_next_search_of_another_finds() {
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = bench(database).await;
        let token = bench.token("acme", &[]);
        let server = Server::start(&bench, &["--requests-per-minute=0"]);
        let ids: Vec<_> = bench
            .simulator
            .desk()
            .truth()
            .into_iter()
            .map(|ticket| ticket.id)
            .collect();
        for round in 0..rounds() {
            let (id, word) = (&ids[round % ids.len()], format!("flugkompensator{round}"));
            let edited = bench
                .simulator
                .desk()
                .edit_resolution(id, &format!("Replaced the {word}."));
            edited.expect("edited");
            bench.import();
            let search = server.post("/v1/tenants/acme/search").bearer_auth(&token);
            let search = search.json(&json!({"description": word}));
            let (_, _, answer) = read(search.send().await.expect("an answer")).await;
            assert_eq!(
                answer["results"][0]["ticket_id"],
                id.as_str(),
                "round {round}: {answer}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_token_opens_only_its_tenant_for_its_scope() {
    let bench = bench(Database::Postgres).await;
    bench.add_tenant("other", Edition::Cloud, Api::V3);
    let server = Server::start(&bench, &["--requests-per-minute=0"]);
    let token = bench.token("acme", &[]);
    let search = |tenant: &str| {
        let body = json!({"description": "vpn network printer"});
        server.post(&format!("/v1/tenants/{tenant}/search")).json(&body)
    };
    for bad in [
        "",
        "x",
        "precedent~acme~a~b",
        &format!("{token}x"),
        &token.replace("acme", "other"),
    ] {
        problem(search("acme").bearer_auth(bad), 401).await;
    }
    let unsigned = search("acme").send().await.expect("an answer");
    assert_eq!(unsigned.headers()["www-authenticate"], "Bearer");
    problem(search("acme").basic_auth("acme", Some(&token)), 401).await;
    assert_eq!(
        search("acme")
            .bearer_auth(&token)
            .send()
            .await
            .expect("an answer")
            .status(),
        200
    );

    // Another tenant and one that is not there look the same.
    let other = problem(search("other").bearer_auth(&token), 404).await;
    let missing = problem(search("nobody").bearer_auth(&token), 404).await;
    assert_eq!(other, missing);
    for strange in ["%ff", "..%2Facme", "%00", "acme%20", "ACME"] {
        problem(search(strange).bearer_auth(&token), 404).await;
    }
    let reader = bench.token("acme", &["--scope=tickets"]);
    let body = problem(search("acme").bearer_auth(&reader), 403).await;
    assert!(
        body["detail"]
            .as_str()
            .is_some_and(|text| text.contains("`search`")),
        "{body}"
    );
    let searcher = bench.token("acme", &["--scope=search"]);
    problem(
        server.get("/v1/tenants/acme/tickets/1").bearer_auth(&searcher),
        403,
    )
    .await;

    // A token ends when it is revoked, and with its tenant.
    let (_, listed, _) = bench.run(&["token", "list", "--tenant-id=acme", "--json"]);
    let first: Value = serde_json::from_str(listed.lines().next().expect("a token")).expect("an object");
    assert_eq!(
        (&first["state"], &first["name"]),
        (&json!("valid"), &json!("test agent"))
    );
    let secret = token.rsplit('~').next().expect("a secret");
    assert!(
        !listed.contains(secret) && !first.to_string().contains("digest"),
        "{listed}"
    );
    let id = first["token_id"].as_str().expect("an id");
    bench.good(&["token", "revoke", "--tenant-id=acme", "--token-id", id]);
    problem(search("acme").bearer_auth(&token), 401).await;
    assert!(
        bench
            .run(&["token", "list", "--tenant-id=acme"])
            .1
            .contains("revoked")
    );
    assert_eq!(
        bench
            .run(&["token", "revoke", "--tenant-id=acme", "--token-id=none"])
            .0,
        1
    );
    bench.good(&["tenant", "remove", "--tenant-id=acme", "--erase", "--yes"]);
    bench.add_tenant("acme", Edition::Cloud, Api::V3);
    problem(search("acme").bearer_auth(&searcher), 401).await;
    let (_, log, _) = bench.run(&["audit", "--tenant-id=acme"]);
    assert!(
        log.contains("token create") && log.contains("token revoke") && !log.contains(secret),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_request_is_told_what_is_wrong_with_it() {
    let bench = bench(Database::Sqlite).await;
    let token = bench.token("acme", &[]);
    let server = Server::start(&bench, &["--requests-per-minute=0"]);
    let search = || server.post("/v1/tenants/acme/search").bearer_auth(&token);
    for (body, says) in [
        (json!({}), "nothing to search for"),
        (json!({"description": " \n\t"}), "nothing to search for"),
        (json!({"description": "x", "limit": 0}), "limit: must be 1 to 100"),
        (
            json!({"description": "x", "limit": 10_000}),
            "limit: must be 1 to 100",
        ),
        (
            json!({"description": "x", "limit": -1}),
            "limit: must be 1 to 100",
        ),
        (json!({"description": "x", "limit": "many"}), "expected i64"),
        (json!({"description": 7}), "expected a string"),
        (
            json!({"description": "x", "start_date": "yesterday"}),
            "start_date: expected a day",
        ),
        (
            json!({"description": "x", "end_date": "+262142-12-31"}),
            "end_date: expected a day",
        ),
        (
            json!({"description": "x", "start_date": "2026-02-01", "end_date": "2026-01-01"}),
            "end_date: is before",
        ),
        (
            json!({"description": "x", "descripton": "y"}),
            "unknown field `descripton`",
        ),
        (
            json!({"description": "x", "resolution": "maybe"}),
            "unknown variant `maybe`",
        ),
        (json!([1]), "invalid"),
        (json!(null), "invalid"),
    ] {
        let problem = problem(search().json(&body), 422).await;
        assert!(
            problem["detail"].as_str().is_some_and(|text| text.contains(says)),
            "{body}: {problem}"
        );
    }
    let both = problem(search().json(&json!({"limit": 0})), 422).await;
    let fields: Vec<_> = both["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| &error["field"])
        .collect();
    assert_eq!(fields, ["description", "limit"], "all at once");
    let json = |body: &'static str| search().header("content-type", "application/json").body(body);
    for broken in ["", "{", "no json", "{\"description\": \"x\"} {}", "\u{feff}{}"] {
        problem(json(broken), 400).await;
    }
    problem(
        search()
            .header("content-type", "application/json")
            .body(vec![b'"', 0xff, b'"']),
        400,
    )
    .await;
    problem(search().body("{\"description\": \"x\"}"), 415).await;
    for _ in 0..5 {
        // Each is told, however much it still has to send.
        let large = json!({"description": "x".repeat(20 << 20)});
        problem(search().json(&large), 413).await;
        problem(server.post("/v1/tenants/acme/search").json(&large), 401).await;
        problem(server.post("/nowhere").json(&large), 404).await;
    }
    problem(server.get("/v1/tenants/acme/search").bearer_auth(&token), 405).await;
    problem(server.get("/nowhere"), 404).await;
    for id in ["nothing", "%00", "%ff", "..", "%F0%9F%A6%80"] {
        problem(
            server
                .get(&format!("/v1/tenants/acme/tickets/{id}"))
                .bearer_auth(&token),
            404,
        )
        .await;
    }
    for text in [
        "+vpn -\"drops (\" AND OR NOT ~^:*?\\/[a TO b]".to_owned(),
        "\u{0}\u{1}\u{7}\t\u{85}".to_owned(),
        "資料庫 ошибка größe 🦀".to_owned(),
        "...".to_owned(),
        "the vpn drops every hour and 0x80070005 is shown ".repeat(22_000),
        "x".repeat(1 << 20),
        "\u{202e}\u{0301}".repeat(10_000),
    ] {
        let answer = search()
            .json(&json!({"description": text}))
            .send()
            .await
            .expect("an answer");
        assert_eq!(
            answer.status(),
            200,
            "{}",
            text.chars().take(50).collect::<String>()
        );
    }
    for filter in [
        json!({"description": "vpn", "exclude_ticket_id": "\u{0}"}),
        json!({"description": "vpn", "category": "'; drop table x; --", "tags": ["\u{0}", ""]}),
    ] {
        assert_eq!(
            search().json(&filter).send().await.expect("an answer").status(),
            200,
            "{filter}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_asks_too_often_is_told_to_wait() {
    let bench = bench(Database::Sqlite).await;
    let (token, calm) = (bench.token("acme", &[]), bench.token("acme", &[]));
    let server = Server::start(&bench, &["--requests-per-minute=3"]);
    let ask = |token: &str| server.get("/v1/tenants/acme/tickets/1").bearer_auth(token);
    for _ in 0..3 {
        problem(ask(&token), 404).await;
    }
    let refused = ask(&token).send().await.expect("an answer");
    let wait: u64 = refused.headers()["retry-after"]
        .to_str()
        .expect("text")
        .parse()
        .expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    problem(ask(&token), 429).await;
    problem(ask(&calm), 404).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_without_a_token_and_an_absent_database_is_no_crash() {
    let bench = Bench::new(Options::default()).await;
    let token = bench.token("acme", &[]);
    let server = Server::start(&bench, &[]);
    for (path, says) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        let answer = server.get(path).send().await.expect("an answer");
        assert_eq!(
            (answer.status(), answer.text().await.expect("text").as_str()),
            (StatusCode::OK, says)
        );
    }
    bench.lose_database().await;
    let search = server
        .post("/v1/tenants/acme/search")
        .bearer_auth(&token)
        .json(&json!({"description": "vpn"}));
    let refused = problem(search, 503).await;
    assert!(!refused.to_string().contains("127.0.0.1"), "{refused}");
    problem(server.get("/readyz"), 503).await;
    assert_eq!(
        server.get("/healthz").send().await.expect("an answer").status(),
        200
    );
    assert_eq!(server.stop(), 0);
}
