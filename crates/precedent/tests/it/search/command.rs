//! `search` and `eval` on the command line.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;
use servicedesk_sim::{Api, Edition};

use crate::support::{Bench, Database, finished, index_of};

async fn a_ticket_is_found_by_its_words_and_shows_the_matches(database: Database) {
    let bench = Bench::with_closed_tickets(database, 300).await;
    bench.import();
    let truth = bench.simulator.desk().truth();
    let wanted = truth
        .iter()
        .find(|ticket| !ticket.resolution_words.is_empty() && ticket.words.split(' ').count() > 20)
        .expect("a long one");
    let hits = bench.search(&format!("{} {}", wanted.subject, wanted.words), &[]);
    assert_eq!(hits[0]["ticket_id"], wanted.id.as_str(), "{hits:#?}");
    assert!(
        hits.len() <= 5 && hits[0]["score"].as_f64().expect("a score") > 0.5,
        "{}",
        hits[0]
    );
    assert!(!hits[0]["matched_terms"].as_array().expect("terms").is_empty());
    assert!(
        hits[0]["untrusted_content"]["resolution"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    let scores: Vec<_> = hits
        .iter()
        .map(|hit| hit["score"].as_f64().expect("a score"))
        .collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores.iter().all(|score| (0.0..=1.0).contains(score)));

    let others = bench.found(&wanted.words, &["--excluding", &wanted.id]);
    assert!(!others.contains(&wanted.id), "{others:?}");
    let (_, shown, _) = bench.run(&["search", "--tenant-id=acme", &wanted.words]);
    assert!(shown.contains("resolution: ") && shown.contains('*'), "{shown}");
}

async fn a_search_sees_every_earlier_commit(database: Database) {
    let bench = Bench::with_closed_tickets(database, 300).await;
    bench.import();
    let word = "flugkompensator";
    assert!(bench.found(word, &[]).is_empty());
    let id = bench.simulator.desk().truth()[42].id.clone();
    bench
        .simulator
        .desk()
        .edit_resolution(&id, "Replaced the flugkompensator.")
        .expect("edited");
    bench.import();
    assert_eq!(bench.found(word, &[]), [id.as_str()]);
    bench.simulator.desk().delete(&id).expect("deleted");
    bench.good(&["verify", "--tenant-id=acme", "--repair"]);
    assert!(bench.found(word, &[]).is_empty(), "withdrawn");

    // A damaged index is rebuilt.
    let meta = index_of(bench.home.path(), "acme").join("meta.json");
    std::fs::write(&meta, "no json").expect("damaged");
    assert!(
        !bench
            .found("vpn network password printer server error", &["--resolution=any"])
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_and_other_tenants_stay_hidden() {
    let bench = Bench::with_closed_tickets(Database::Postgres, 300).await;
    bench.import();
    let text = "vpn";
    let all = bench.search(text, &["--limit=100", "--resolution=any"]);
    assert!(all.len() > 20, "{}", all.len());
    let solved = bench.search(text, &["--limit=100"]);
    assert!(
        solved
            .iter()
            .all(|hit| hit["untrusted_content"]["resolution"] != "")
            && all.iter().any(|hit| hit["untrusted_content"]["resolution"] == "")
    );
    let tagged = bench.search(text, &["--limit=100", "--resolution=any", "--tag=vpn"]);
    assert!(
        !tagged.is_empty()
            && tagged
                .iter()
                .all(|hit| hit["untrusted_content"]["tags"].to_string().contains("vpn"))
    );
    let last = all
        .iter()
        .filter_map(|hit| hit["resolved_date"].as_str())
        .max()
        .expect("a date")
        .to_owned();
    let newest = bench.search(text, &["--limit=100", "--resolution=any", "--start-date", &last]);
    assert!(
        !newest.is_empty()
            && newest
                .iter()
                .all(|hit| hit["resolved_date"].as_str() >= Some(&last))
    );

    bench.add_tenant("other", Edition::Cloud, Api::V3);
    let (code, stdout, _) = bench.run(&["search", "--tenant-id=other", text]);
    assert_eq!((code, stdout.trim()), (0, "no useful precedent"));
    assert_eq!(bench.run(&["search", "--tenant-id=nobody", text]).0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_is_a_query() {
    let bench = Bench::with_closed_tickets(Database::Sqlite, 300).await;
    bench.import();
    assert_eq!(bench.run(&["search", "--tenant-id=acme", "  "]).0, 1);
    assert_eq!(bench.run(&["search", "--tenant-id=acme", "--limit=0", "x"]).0, 1);
    for text in [
        "+vpn -\"drops (\" AND OR NOT ~^:*?\\/[a TO b]",
        "\u{1}\u{7}\t\u{85}",
        "資料庫 ошибка größe 🦀",
        "...",
        "'; drop table x; --",
    ] {
        bench.search(text, &[]);
    }
    let mut command = bench.command(&["search", "--tenant-id=acme", "--json", "-"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut search = command.spawn().expect("started");
    let megabyte = "the vpn drops every hour and 0x80070005 is shown ".repeat(22_000);
    search
        .stdin
        .take()
        .expect("piped")
        .write_all(megabyte.as_bytes())
        .expect("written");
    let (code, stdout, stderr) = finished(search.wait_with_output().expect("ended"));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("ticket_id"), "{stdout}");
}

#[tokio::test(flavor = "multi_thread")]
async fn eval_measures_the_search_on_known_answers() {
    let bench = Bench::with_closed_tickets(Database::Sqlite, 300).await;
    let file = |name: &str, text: &str| {
        let path = bench.home.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("plain").to_owned()
    };
    let corpus = file(
        "corpus.jsonl",
        "{\"id\": \"1\", \"subject\": \"VPN drops\", \"description\": \"every hour\"}\n\
         {\"id\": \"2\", \"subject\": \"VPN drops often\", \"description\": \"each hour\"}\n\
         {\"id\": 3, \"subject\": \"Printer jams\", \"description\": \"paper\", \"resolution_text\": \"new roller\"}\n",
    );
    let queries = file(
        "queries.jsonl",
        "{\"qid\": \"1\", \"relevant\": [\"2\"]}\n\n{\"qid\": \"q\", \"text\": \"roller of the printer\", \"relevant\": [3]}\n\
         {\"qid\": \"n\", \"text\": \"coffee machine leaks\", \"relevant\": []}\n",
    );
    let arguments = ["eval", "--corpus", &corpus, "--queries", &queries, "--json"];
    let (code, stdout, stderr) = bench.run(&arguments);
    assert_eq!(code, 0, "{stderr}");
    let measured: Value = serde_json::from_str(&stdout).expect("an object");
    for name in ["ndcg_at_10", "recall_at_10", "mrr_at_10"] {
        assert_eq!(measured[name], 1.0, "{stdout}");
        assert_eq!(
            measured[format!("{name}_interval")],
            serde_json::json!([1.0, 1.0])
        );
    }
    assert_eq!(
        (&measured["tickets"], &measured["queries"]),
        (&3.into(), &3.into())
    );
    assert_eq!(measured["unanswered"], 1.0 / 3.0, "{stdout}");
    let broken = file("broken.jsonl", "{\"qid\": \"x\", \"relevant\": []}\n{\n");
    let (code, _, stderr) = bench.run(&["eval", "--corpus", &corpus, "--queries", &broken]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("broken.jsonl, line 2"), "{stderr}");
}

on_both_databases!(
    a_ticket_is_found_by_its_words_and_shows_the_matches,
    a_search_sees_every_earlier_commit
);
