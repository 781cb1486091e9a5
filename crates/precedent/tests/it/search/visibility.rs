//! Commits of one process and the next search of another.

use serde_json::json;

use crate::support::{Bench, Database, Server, read, setting};

async fn a_search_finds_the_commits_of_another_process(database: Database) {
    let bench = Bench::with_imported_tickets(database, 300).await;
    let token = bench.token("acme", &[]);
    let server = Server::start(&bench, &["--requests-per-minute=0"]);
    let ids: Vec<_> = bench
        .simulator
        .desk()
        .truth()
        .into_iter()
        .map(|ticket| ticket.id)
        .collect();
    for round in 0..setting("PRECEDENT_FRESHNESS_ROUNDS", 10) as usize {
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

on_both_databases!(a_search_finds_the_commits_of_another_process);
