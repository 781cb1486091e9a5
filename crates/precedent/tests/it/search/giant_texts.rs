//! Tickets with texts of many megabytes: a search answers in bounded memory.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use servicedesk_sim::{Options, Rows};

use crate::support::{Bench, Database, Server, read};

/// Maximum memory of the server, in bytes; an index of whole texts took more than 2 GB.
const MEMORY: u64 = 400 << 20;

/// Imports acme's tickets and gives three of them 25 MB of text and the subject `Zebra escaped`; returns their ids.
async fn bench() -> (Bench, Vec<String>) {
    let options = Options {
        tickets: Some(40),
        days: 80,
        open_every: 0,
        rows: Rows::Full,
        ..Options::default()
    };
    let bench = Bench::on(Database::Postgres, options).await;
    bench.import();
    let giants = "update ticket_history
        set subject = 'Zebra escaped', description = 'Zebra escaped ' || giant.text, resolution = 'Led the zebra home. ' || giant.text
        from (select string_agg('vpn error word' || n || ' again', ' ') as text from generate_series(1, 950000) n) giant
        where ticket_id in (select ticket_id from ticket_history order by ticket_id limit 3)
        returning ticket_id";
    let ids = sqlx::query_as(giants)
        .fetch_all(&mut bench.postgres().await)
        .await;
    let ids: Vec<(String,)> = ids.expect("updated");
    (bench, ids.into_iter().map(|(id,)| id).collect())
}

/// The hits must be the tickets with giant texts, each with a part of its texts.
#[track_caller]
fn assert_truncated(hits: &[Value], giants: &[String]) {
    assert_eq!(hits.len(), 3);
    for hit in hits {
        assert!(giants.iter().any(|id| hit["ticket_id"] == id.as_str()));
        for field in ["description", "resolution"] {
            let length = hit["untrusted_content"][field]
                .as_str()
                .expect("a text")
                .chars()
                .count();
            assert_eq!(length, 20_000, "{field}");
        }
        assert_eq!(
            (&hit["description_cut"], &hit["resolution_cut"]),
            (&json!(true), &json!(true))
        );
        assert!(
            hit["omitted_characters"].as_u64() >= Some(160_000),
            "{}",
            hit["omitted_characters"]
        );
        assert!(
            hit["untrusted_extract"]
                .as_str()
                .is_some_and(|extract| extract.contains("Zebra"))
        );
    }
}

async fn assert_whole_text_is_read(server: &Server, token: &str, id: &str) {
    let path = format!("/v1/tenants/acme/tickets/{}", id);
    let answer = server
        .get(&path)
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer");
    let (status, _, ticket) = read(answer).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        ticket["untrusted_content"]["description"]
            .as_str()
            .is_some_and(|text| text.len() > 20 << 20)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn giant_texts_are_searched_in_bounded_memory() {
    let (bench, giants) = bench().await;
    let token = bench.token("acme", &[]);
    let server = Server::start(&bench, &[]);
    let truth = bench.simulator.desk().truth();
    let wanted = truth
        .iter()
        .find(|ticket| {
            !giants.contains(&ticket.id)
                && !ticket.resolution_words.is_empty()
                && ticket.words.split(' ').count() > 20
        })
        .expect("an ordinary one");
    let search = async |text: &str| {
        let request = server.post("/v1/tenants/acme/search").bearer_auth(&token);
        let answer = request.json(&json!({"description": text})).send().await;
        let (status, _, answer) = read(answer.expect("an answer")).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["results"].as_array().expect("results").clone()
    };
    // The first search builds the index; the others wait for it.
    let (first, second, third) = tokio::join!(
        search(&wanted.words),
        search(&wanted.words),
        search("zebra escaped")
    );
    for found in [first, second] {
        assert_eq!(found[0]["ticket_id"], wanted.id.as_str(), "{found:#?}");
        assert_eq!(found[0]["description_cut"], false, "{found:#?}");
    }
    assert_truncated(&third, &giants);
    let call = server
        .call_tool(
            &token,
            "search_similar_tickets",
            json!({"description": "zebra escaped"}),
        )
        .await;
    let results = &call["result"]["structuredContent"]["results"];
    assert_eq!(results.as_array().map(Vec::len), Some(3), "{call}");
    assert_eq!(results[0]["description_cut"], true);
    let peak = server.peak_memory_bytes();
    assert!(peak < MEMORY, "{} MiB", peak >> 20);

    assert_whole_text_is_read(&server, &token, &giants[0]).await;
    assert_eq!(server.stop(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_call_has_the_time_limit_of_a_request() {
    let bench = Bench::new(Options::default()).await;
    let token = bench.token("acme", &[]);
    let server = Server::start(&bench, &[]);
    let mut stuck = bench.postgres().await;
    for statement in ["begin", "lock table ticket_history in access exclusive mode"] {
        sqlx::query(statement).execute(&mut stuck).await.expect("locked");
    }
    let call = server.call_tool(&token, "search_similar_tickets", json!({"description": "vpn"}));
    let call: Value = tokio::time::timeout(Duration::from_secs(20), call)
        .await
        .expect("an answer within the limit");
    let message = call["error"]["message"].as_str().expect("an error");
    assert!(
        message.contains("10 s") && message.contains("try again"),
        "{call}"
    );
}
