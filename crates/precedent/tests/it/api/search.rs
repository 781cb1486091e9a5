//! Agents search and read tickets over HTTP.

use reqwest::StatusCode;
use serde_json::{Value, json};
use servicedesk_sim::Truth;

use crate::support::{Bench, Database, Server, problem, read};

/// Returns a ticket with a resolution and a long description.
fn long_ticket(bench: &Bench) -> Truth {
    let is_long =
        |ticket: &Truth| !ticket.resolution_words.is_empty() && ticket.words.split(' ').count() > 20;
    let mut truth = bench.simulator.desk().truth().into_iter();
    truth.find(is_long).expect("a long one")
}

async fn search(server: &Server, token: &str, body: &Value) -> Value {
    let request = server.post("/v1/tenants/acme/search").bearer_auth(token);
    let (status, kind, answer) = read(request.json(body).send().await.expect("an answer")).await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::OK, "application/json"),
        "{answer}"
    );
    answer
}

/// A hit has all fields; its highlights are places in its extract.
#[track_caller]
fn assert_whole(hit: &Value) {
    for field in [
        "display_id",
        "untrusted_content",
        "resolved_date",
        "description_cut",
        "omitted_characters",
        "url",
        "score",
        "matched_terms",
        "untrusted_extract",
        "highlights",
    ] {
        assert!(!hit[field].is_null(), "{field}: {hit}");
    }
    for field in ["subject", "description", "resolution", "tags"] {
        assert!(!hit["untrusted_content"][field].is_null(), "{field}: {hit}");
    }
    let extract = hit["untrusted_extract"].as_str().expect("text");
    for mark in hit["highlights"].as_array().expect("marks") {
        let [from, to] = [0, 1].map(|end| mark[end].as_u64().expect("a place") as usize);
        assert!(!extract[from..to].trim().is_empty(), "{hit}");
    }
}

async fn a_ticket_is_searched_and_read_over_http(database: Database) {
    let bench = Bench::with_imported_tickets(database, 300).await;
    let token = bench.token("acme", &[]);
    let server = Server::start(&bench, &[]);
    let wanted = long_ticket(&bench);
    for name in ["description", "text", "query"] {
        let body = json!({name: wanted.words, "subject": wanted.subject, "limit": 3});
        let answer = search(&server, &token, &body).await;
        let results = answer["results"].as_array().expect("results");
        assert!((1..=3).contains(&results.len()), "{answer}");
        assert_eq!(results[0]["ticket_id"], wanted.id.as_str(), "{answer}");
        assert_whole(&results[0]);
    }
    let path = format!("/v1/tenants/acme/tickets/{}", wanted.id);
    let request = server.get(&path).bearer_auth(&token);
    let (status, _, ticket) = read(request.send().await.expect("an answer")).await;
    assert_eq!(
        (status, &ticket["ticket_id"]),
        (StatusCode::OK, &json!(wanted.id)),
        "{ticket}"
    );

    // A committed change is visible, and a withdrawn ticket is not.
    bench.simulator.desk().delete(&wanted.id).expect("deleted");
    bench.good(&["verify", "--tenant-id=acme", "--repair"]);
    problem(server.get(&path).bearer_auth(&token), 404).await;
    let answer = search(&server, &token, &json!({"description": wanted.words})).await;
    let is_found = answer.to_string().contains(&format!("\"{}\"", wanted.id));
    assert!(!is_found, "{answer}");
    assert_eq!(server.stop(), 0);
}

on_both_databases!(a_ticket_is_searched_and_read_over_http);
