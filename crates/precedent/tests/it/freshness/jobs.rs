//! Jobs of workers: in turn, retried, dead-lettered, cancelled.

use serde_json::Value;
use servicedesk_sim::Options;

use crate::support::{Bench, Database, Server};

const IDLE: [&str; 3] = ["--role=worker", "--sync-every=0", "--reconcile-every=0"];

fn options() -> Options {
    Options {
        tickets: Some(60),
        days: 80,
        ..Options::default()
    }
}

fn listed(bench: &Bench) -> Vec<Value> {
    bench.objects(&["jobs", "list", "--tenant-id=acme"])
}

async fn until(bench: &Bench, what: &str, holds: impl Fn(&[Value]) -> bool) {
    bench.wait_until(what, || holds(&listed(bench))).await;
}

async fn a_detached_import_is_cancelled_or_done_by_a_worker(database: Database) {
    let bench = Bench::on(database, options()).await;
    let detach = ["import", "--tenant-id=acme", "--days=90", "--detach"];
    let (code, stdout, _) = bench.run(&detach);
    assert_eq!(code, 0);
    assert!(stdout.contains("precedent jobs list"), "{stdout}");
    let jobs = listed(&bench);
    assert_eq!(
        (
            jobs.len(),
            &jobs[0]["kind"],
            &jobs[0]["state"],
            &jobs[0]["attempts"]
        ),
        (1, &"import".into(), &"pending".into(), &0.into())
    );
    let (_, stdout, _) = bench.run(&["jobs", "list"]);
    assert!(stdout.contains("acme") && stdout.contains("pending"), "{stdout}");

    bench.good(&["jobs", "cancel", "--tenant-id=acme"]);
    assert_eq!(listed(&bench), Vec::<Value>::new());
    let (code, _, stderr) = bench.run(&["jobs", "cancel", "--tenant-id=acme"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("no import of tenant acme waits"), "{stderr}");

    bench.good(&detach);
    let worker = Server::start(&bench, &IDLE);
    until(&bench, "done", <[Value]>::is_empty).await;
    bench.assert_complete().await;
    let metrics = worker.metrics().await;
    let imported = format!(
        "precedent_tickets_total{{outcome=\"imported\"}} {}\n",
        bench.rows().await.len()
    );
    assert!(metrics.contains(&imported), "{metrics}");
    assert_eq!(worker.stop(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_shows_its_error_and_is_retried() {
    let bench = Bench::on(Database::Postgres, options()).await;
    let file = bench.write("wrong.json", r#"{"api_key": "not the right one"}"#);
    let set = |file: &str| {
        bench
            .run(&["tenant", "set", "--tenant-id=acme", "--credentials-file", file])
            .1
    };
    set(&file);
    bench.good(&["import", "--tenant-id=acme", "--days=90", "--detach"]);
    let worker = Server::start(&bench, &IDLE);
    let has_failed = |jobs: &[Value]| jobs.len() == 1 && jobs[0]["attempts"] != 0;
    until(&bench, "failed", has_failed).await;
    let jobs = listed(&bench);
    let error = jobs[0]["error"].as_str().expect("a text");
    assert!(error.contains("refuse"), "{error}");
    let has_failed_again = |jobs: &[Value]| jobs.len() == 1 && jobs[0]["attempts"].as_u64() > Some(1);
    until(&bench, "tried again by itself", has_failed_again).await;
    let (_, stdout, _) = bench.run(&["jobs", "retry", "--tenant-id=acme"]);
    assert_eq!(stdout, "jobs scheduled for retry: 1\n");
    until(&bench, "failed again", has_failed).await;

    // Dead-lettered, as after two days of failures.
    bench
        .execute("update jobs set failed_at = now(), due_at = now()")
        .await;
    assert_eq!(listed(&bench)[0]["state"], "dead-lettered");
    let metrics = worker.metrics().await;
    for line in [
        "precedent_jobs_dead_lettered{tenant=\"acme\"} 1",
        "precedent_job_failures_total{job=\"import\"}",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    assert_eq!(bench.rows().await.len(), 0);

    // New credentials retry the job.
    let right = bench.home.path().join("credentials.json");
    let output = set(right.to_str().expect("plain"));
    assert!(output.contains("failed jobs scheduled for retry: 1"), "{output}");
    until(&bench, "done", <[Value]>::is_empty).await;
    bench.assert_complete().await;

    // A failed sync is a job until it succeeds.
    assert_eq!(worker.stop(), 0);
    set(&file);
    let worker = Server::start(
        &bench,
        &["--role=worker", "--sync-every=1", "--reconcile-every=0"],
    );
    until(&bench, "failed", has_failed).await;
    assert_eq!(listed(&bench)[0]["kind"], "sync");
    set(right.to_str().expect("plain"));
    until(&bench, "done", <[Value]>::is_empty).await;
    assert_eq!(worker.stop(), 0);
}

on_both_databases!(a_detached_import_is_cancelled_or_done_by_a_worker);
