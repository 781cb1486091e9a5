//! A server keeps all tenants up to date on its own schedule.

use std::time::{Duration, Instant};

use servicedesk_sim::{Api, Edition, Options};

use crate::support::{Bench, Database, Server, status};

/// Timeout for syncs every second, on a busy machine.
const SOON: Duration = Duration::from_secs(40);

async fn bench(database: Database) -> Bench {
    let options = Options {
        tickets: Some(60),
        days: 80,
        open_every: 6,
        ..Options::default()
    };
    let bench = Bench::on(database, options).await;
    bench.import();
    bench
}

async fn a_server_syncs_and_reconciles_and_measures_its_lag(database: Database) {
    let bench = bench(database).await;
    // A tenant without an import is skipped.
    bench.add_tenant("later", Edition::Cloud, Api::V3);
    let server = Server::start(&bench, &["--sync-every=1", "--reconcile-every=2"]);
    let desk = bench.simulator.desk();
    let (truth, open) = (desk.truth(), desk.open_tickets());
    desk.edit_resolution(&truth[0].id, "the flugkompensator hums")
        .expect("edited");
    desk.reopen(&truth[1].id).expect("reopened");
    desk.close(&open[0]).expect("closed");
    desk.delete(&truth[2].id).expect("deleted");
    desk.trash(&truth[3].id).expect("trashed");
    desk.add_tickets(2);
    bench.wait_until_complete(SOON).await;
    assert_eq!(bench.found("flugkompensator", &[]), [truth[0].id.clone()]);
    let metrics = server.metrics().await;
    for line in [
        "precedent_sync_lag_seconds{tenant=\"acme\"} ",
        "precedent_tickets_total{outcome=\"withdrawn\"} 3",
        "precedent_search_seconds_count 0",
        "precedent_helpdesk_requests_per_minute{tenant=\"acme\"} 0",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    assert!(!metrics.contains("precedent_job_failures_total"), "{metrics}");
    assert_eq!(server.stop(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_runs_its_part_only() {
    let bench = bench(Database::Postgres).await;
    let web = Server::start(&bench, &["--role=web", "--sync-every=1"]);
    let desk = bench.simulator.desk();
    desk.add_tickets(1);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(bench.differences().await.len(), 1, "not synced by this one");
    assert_eq!(status(web.get("/openapi.json")).await, 200);

    let worker = Server::start(&bench, &["--role=worker", "--sync-every=1"]);
    assert_eq!(status(worker.get("/healthz")).await, 200);
    assert_eq!(status(worker.get("/readyz")).await, 200);
    assert_eq!(status(worker.get("/openapi.json")).await, 404);
    bench.wait_until_complete(SOON).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_share_tenants_and_replace_a_killed_worker() {
    let bench = bench(Database::Postgres).await;
    for number in 0..5 {
        let tenant = format!("tenant-{number}");
        bench.add_tenant(&tenant, Edition::Cloud, Api::V3);
        bench.good(&["import", "--tenant-id", &tenant, "--days=90"]);
    }
    let arguments = ["--role=worker", "--sync-every=1"];
    let mut workers: Vec<_> = (0..3).map(|_| Server::start(&bench, &arguments)).collect();
    for round in 0..3 {
        let id = bench.simulator.desk().add_tickets(1).remove(0);
        let word = format!("round {round}");
        bench
            .simulator
            .desk()
            .edit_resolution(&id, &word)
            .expect("edited");
        if round == 1 {
            // SIGKILL, whatever it does.
            drop(workers.pop());
        }
        let started = Instant::now();
        let mut connection = bench.postgres().await;
        loop {
            let (stored,): (i64,) = sqlx::query_as(
                "select count(*) from ticket_history where ticket_id = $1 and resolution = $2",
            )
            .bind(&id)
            .bind(&word)
            .fetch_one(&mut connection)
            .await
            .expect("a count");
            if stored == 6 {
                break;
            }
            assert!(
                started.elapsed() < Duration::from_secs(40),
                "{stored} of 6 tenants"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    drop(workers);
    bench.assert_complete().await;
}

on_both_databases!(a_server_syncs_and_reconciles_and_measures_its_lag);
