//! The worker processes of `serve`: one that ends disturbs no caller and is replaced, and none outlives the service.

use std::time::Duration;

use servicedesk_sim::Options;

use crate::support::{Bench, Database, Server, send_signal};

async fn worker_of(bench: &Bench, server: &Server, not: Option<u32>) -> u32 {
    let started = || server.workers().into_iter().find(|id| Some(*id) != not);
    bench.wait_until("a worker process", || started().is_some()).await;
    started().expect("found above")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_replaces_a_worker_that_was_killed() {
    let bench = Bench::with_imported_tickets(Database::Postgres, 20).await;
    let server = Server::start(&bench, &["--sync-every=1", "--reconcile-every=0"]);
    let killed = worker_of(&bench, &server, None).await;
    send_signal("-KILL", killed);
    assert_eq!(
        server.get("/readyz").send().await.expect("an answer").status(),
        200
    );
    let replaced = worker_of(&bench, &server, Some(killed)).await;

    let id = bench.simulator.desk().truth()[0].id.clone();
    let desk = bench.simulator.desk();
    desk.edit_resolution(&id, "it was the flugkompensator")
        .expect("edited");
    let is_synced = || !bench.found("flugkompensator", &[]).is_empty();
    bench.wait_until("sync by the new process", is_synced).await;
    let metrics = server.metrics().await;
    assert!(metrics.contains("precedent_workers_ended_total 1\n"), "{metrics}");
    assert!(
        metrics.contains("precedent_tickets_total{outcome=\"updated\"} 1\n"),
        "{metrics}"
    );
    assert_eq!(server.workers(), [replaced]);
    assert_eq!(server.stop(), 0);
    bench.wait_until("end", || !is_running(replaced)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_uses_too_much_memory_ends_and_the_service_goes_on() {
    let bench = Bench::with_imported_tickets(Database::Postgres, 20).await;
    let token = bench.token("acme", &[]);
    let server = Server::start(&bench, &["--sync-every=1", "--worker-memory=16"]);
    let has_ended = async || {
        let metrics = server.metrics().await;
        !metrics.contains("precedent_workers_ended_total 0\n")
    };
    while !has_ended().await {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let search = server.post("/v1/tenants/acme/search").bearer_auth(&token);
    let question = serde_json::json!({"text": "printer"});
    let answer = search.json(&question).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(server.stop(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_ends_when_its_service_is_killed() {
    let bench = Bench::new(Options::default()).await;
    let server = Server::start(&bench, &["--workers=2"]);
    bench
        .wait_until("two workers", || server.workers().len() == 2)
        .await;
    let workers = server.workers();
    // SIGKILL.
    drop(server);
    bench
        .wait_until("end of the workers", || !workers.iter().any(|id| is_running(*id)))
        .await;
}

fn is_running(process: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // An orphan that nobody waits for stays as a zombie.
    state
        .rsplit_once(") ")
        .is_some_and(|(_, rest)| !rest.starts_with('Z'))
}
