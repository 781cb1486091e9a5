//! A job during which the worker process dies: it runs alone, and is dead-lettered after the third death in a row.

use servicedesk_sim::{Api, Edition, Options, Simulator};

use crate::support::{Bench, Database, Server};

fn options(seed: u64) -> Options {
    Options {
        tickets: Some(60),
        days: 80,
        open_every: 0,
        seed,
        ..Options::default()
    }
}

fn state(bench: &Bench, tenant: &str) -> String {
    let jobs = bench.objects(&["jobs", "list", "--tenant-id", tenant]);
    let state = |job: &serde_json::Value| format!("{} {}: {}", job["kind"], job["state"], job["error"]);
    jobs.iter().map(state).collect()
}

/// Waits until a helpdesk that hangs is being read.
async fn wait_for_call(bench: &Bench) {
    let desk = bench.simulator.desk();
    bench
        .wait_until("call", || desk.stats().most_concurrent > 0)
        .await;
}

/// Kills a worker while it reads acme's helpdesk, which hangs.
async fn kill_while_reading(bench: &Bench, arguments: &[&str]) {
    let desk = bench.simulator.desk();
    desk.clear_log();
    let worker = Server::start(bench, arguments);
    wait_for_call(bench).await;
    worker.lose_power();
    bench
        .wait_until("end of the call", || !desk.log().is_empty())
        .await;
}

async fn a_job_that_kills_its_worker_is_dead_lettered(database: Database, kind: &str) {
    let bench = Bench::on(database, options(1)).await;
    let well = Simulator::start(options(2)).await.expect("a helpdesk");
    bench.add_tenant_of(&well, "well", Edition::Cloud, Api::V3);
    let (sync, reconcile) = match kind {
        "sync" => ("--sync-every=1", "--reconcile-every=0"),
        "reconcile" => ("--sync-every=0", "--reconcile-every=1"),
        _ => ("--sync-every=0", "--reconcile-every=0"),
    };
    let arguments = ["--role=worker", sync, reconcile];
    match kind {
        "import" => drop(bench.good(&["import", "--tenant-id=acme", "--days=90", "--detach"])),
        _ => drop(bench.import()),
    }
    let desk = bench.simulator.desk();
    desk.add_fault("hang".parse().expect("a fault"));
    for _ in 0..3 {
        assert!(!state(&bench, "acme").contains("dead-lettered"));
        kill_while_reading(&bench, &arguments).await;
    }

    desk.clear_log();
    bench.good(&["import", "--tenant-id=well", "--days=90", "--detach"]);
    let worker = Server::start(&bench, &arguments);
    bench
        .wait_until("dead-lettered job", || {
            state(&bench, "acme").contains("dead-lettered")
        })
        .await;
    let shown = state(&bench, "acme");
    for part in [kind, "died 3 times", "precedent jobs retry --tenant-id=acme"] {
        assert!(shown.contains(part), "{shown}");
    }
    let metrics = worker.metrics().await;
    for line in [
        "precedent_jobs_dead_lettered{tenant=\"acme\"} 1",
        &format!("precedent_job_failures_total{{job=\"{kind}\"}} 1"),
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    bench
        .wait_until("import of another tenant", || state(&bench, "well").is_empty())
        .await;
    assert_eq!(
        desk.stats().most_concurrent,
        0,
        "no call for the dead-lettered job"
    );

    desk.clear_faults();
    let (_, stdout, _) = bench.run(&["jobs", "retry", "--tenant-id=acme"]);
    assert_eq!(stdout, "jobs scheduled for retry: 1\n");
    bench
        .wait_until("end of the job", || state(&bench, "acme").is_empty())
        .await;
    bench.assert_complete().await;
    assert_eq!(worker.stop(), 0);
}

cases!(a_job_that_kills_its_worker_is_dead_lettered:
    import_on_postgres => (Database::Postgres, "import"),
    import_on_sqlite => (Database::Sqlite, "import"),
    sync_on_postgres => (Database::Postgres, "sync"),
    reconcile_on_postgres => (Database::Postgres, "reconcile"),
);

#[tokio::test(flavor = "multi_thread")]
async fn jobs_beside_one_that_kills_the_worker_run_alone_once_and_complete() {
    let bench = Bench::new(options(1)).await;
    bench.simulator.desk().add_fault("hang".parse().expect("a fault"));
    let mut others = Vec::new();
    for seed in 2..5 {
        let slow = Options {
            latency: std::time::Duration::from_millis(300),
            ..options(seed)
        };
        let simulator = Simulator::start(slow).await.expect("a helpdesk");
        let tenant = format!("tenant-{seed}");
        bench.add_tenant_of(&simulator, &tenant, Edition::Cloud, Api::V3);
        others.push((tenant, simulator));
    }
    let tenants = others.iter().map(|(tenant, _)| tenant.as_str());
    for tenant in tenants.chain(["acme"]) {
        bench.good(&["import", "--tenant-id", tenant, "--days=90", "--detach"]);
    }
    let worker = Server::start(&bench, &["--role=worker"]);
    bench
        .wait_until("calls of every tenant", || {
            let all = others.iter().map(|(_, simulator)| simulator);
            all.chain([&bench.simulator])
                .all(|simulator| simulator.desk().stats().most_concurrent > 0)
        })
        .await;
    worker.lose_power();
    assert_eq!(
        bench
            .count("select count(*) from attempts where begun_at is not null")
            .await,
        4
    );
    others
        .iter()
        .for_each(|(_, simulator)| simulator.desk().clear_log());

    let worker = Server::start(&bench, &["--role=worker", "--timeout=3"]);
    let is_done = |tenant: &str| state(&bench, tenant).is_empty();
    bench
        .wait_until("the other imports", || {
            others.iter().all(|(tenant, _)| is_done(tenant))
        })
        .await;
    for (tenant, simulator) in &others {
        let differences = bench.differences_of(tenant, simulator.desk()).await;
        assert!(differences.is_empty(), "{tenant}: {differences:#?}");
    }
    let mut spans: Vec<_> = others
        .iter()
        .map(|(_, simulator)| {
            let log = simulator.desk().log();
            let (first, last) = (&log[0], &log[log.len() - 1]);
            (first.at_ms, last.at_ms + last.took_ms as i64)
        })
        .collect();
    spans.sort_unstable();
    assert!(
        spans.windows(2).all(|two| two[0].1 <= two[1].0),
        "not alone: {spans:?}"
    );
    assert_eq!(worker.stop(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_worker_leaves_no_suspect() {
    let bench = Bench::new(options(1)).await;
    bench.good(&["import", "--tenant-id=acme", "--days=90", "--detach"]);
    let desk = bench.simulator.desk();
    desk.add_fault("hang".parse().expect("a fault"));
    for _ in 0..4 {
        desk.clear_log();
        let worker = Server::start(&bench, &["--role=worker"]);
        wait_for_call(&bench).await;
        assert_eq!(worker.stop(), 0);
        assert_eq!(bench.count("select count(*) from attempts").await, 0);
        bench
            .wait_until("end of the call", || !desk.log().is_empty())
            .await;
    }
    assert!(
        state(&bench, "acme").contains("pending"),
        "{}",
        state(&bench, "acme")
    );
}
