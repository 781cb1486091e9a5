//! Several workers share many tenants while one of them is killed again and again.
//!
//! More of it: `PRECEDENT_WORKERS_TENANTS=200 PRECEDENT_WORKERS_KILL_SECONDS=10`.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use servicedesk_sim::{Api, Edition, LogEntry, Options, Simulator};

use crate::support::{Bench, Database, Server, setting};

/// Longest time until another worker takes over from one that was killed: two leases.
const TAKE_OVER: Duration = Duration::from_secs(40);

/// Longer than the time between two calls of a sync, and shorter than the time between two syncs.
const PAUSE_MS: i64 = 1_000;

/// Three workers; at intervals the oldest is killed and replaced.
struct Workers<'a> {
    bench: &'a Bench,
    running: Vec<Server>,
    arguments: Vec<String>,
    kill_every: Duration,
    last_kill: Instant,
    killed: usize,
}

impl<'a> Workers<'a> {
    fn start(bench: &'a Bench, arguments: &[&str]) -> Self {
        let mut workers = Self {
            bench,
            running: Vec::new(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            kill_every: Duration::from_secs(setting("PRECEDENT_WORKERS_KILL_SECONDS", 3)),
            last_kill: Instant::now(),
            killed: 0,
        };
        (0..3).for_each(|_| workers.add());
        workers
    }

    fn add(&mut self) {
        let arguments: Vec<_> = self.arguments.iter().map(String::as_str).collect();
        self.running.push(Server::start(self.bench, &arguments));
    }

    async fn wait(&mut self) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        if self.last_kill.elapsed() >= self.kill_every {
            self.last_kill = Instant::now();
            // SIGKILL, whatever it does.
            drop(self.running.remove(0));
            self.killed += 1;
            self.add();
        }
    }
}

/// Helpdesks by their tenants.
type Helpdesks = BTreeMap<String, Simulator>;

async fn helpdesks(bench: &Bench) -> Helpdesks {
    let mut helpdesks = BTreeMap::new();
    for seed in 0..setting("PRECEDENT_WORKERS_TENANTS", 18) {
        let options = Options {
            tickets: Some(60),
            days: 80,
            open_every: 6,
            seed,
            latency: Duration::from_millis(150),
            ..Options::default()
        };
        let simulator = Simulator::start(options).await.expect("a helpdesk");
        let tenant = format!("tenant-{seed}");
        bench.add_tenant_of(&simulator, &tenant, Edition::Cloud, Api::V3);
        helpdesks.insert(tenant, simulator);
    }
    helpdesks
}

/// Calls of two processes may never overlap. A call without an answer had lost its client.
fn assert_one_holder(tenant: &str, calls: &[LogEntry]) {
    let end = |call: &LogEntry| call.at_ms + call.took_ms as i64;
    let mut latest: Option<&LogEntry> = None;
    for call in calls.iter().filter(|call| call.status != 0) {
        if let Some(before) = latest {
            let overlap = before.user_agent != call.user_agent && end(before) > call.at_ms + 1;
            assert!(!overlap, "two holders of {tenant}: {before:?} and {call:?}");
        }
        if latest.is_none_or(|before| end(before) <= end(call)) {
            latest = Some(call);
        }
    }
}

/// Returns the processes that called, in their order.
fn callers(calls: &[LogEntry]) -> Vec<&str> {
    let mut callers: Vec<_> = calls.iter().map(|call| call.user_agent.as_str()).collect();
    callers.dedup();
    callers
}

/// Returns the milliseconds between each call and the next.
fn pauses(calls: &[LogEntry]) -> impl Iterator<Item = i64> {
    calls.windows(2).map(|two| two[1].at_ms - two[0].at_ms)
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_of_killed_workers_are_taken_over_by_one_other_worker() {
    let bench = Bench::on(Database::Postgres, Options::default()).await;
    let helpdesks = helpdesks(&bench).await;
    for tenant in helpdesks.keys() {
        bench.good(&["import", "--tenant-id", tenant, "--days=90", "--detach"]);
    }
    let started = Instant::now();
    let mut workers = Workers::start(
        &bench,
        &["--role=worker", "--sync-every=0", "--reconcile-every=0"],
    );
    while bench.count("select count(*) from jobs").await > 0 {
        workers.wait().await;
        assert!(started.elapsed() < Duration::from_secs(600), "imports still wait");
    }
    let (took, killed) = (started.elapsed(), workers.killed);
    drop(workers);
    let (mut taken_over, mut slowest) = (0, 0);
    for (tenant, simulator) in &helpdesks {
        let calls = simulator.desk().log();
        assert_one_holder(tenant, &calls);
        let callers = callers(&calls);
        let mut distinct = callers.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(callers.len(), distinct.len(), "{tenant} went back: {callers:?}");
        taken_over += callers.len() - 1;
        slowest = slowest.max(pauses(&calls).max().unwrap_or(0));
        let differences = bench.differences_of(tenant, simulator.desk()).await;
        assert!(differences.is_empty(), "{tenant}: {differences:#?}");
    }
    assert!(slowest < TAKE_OVER.as_millis() as i64, "{slowest} ms");
    println!(
        "{} imports in {took:.1?}, {killed} workers killed, {taken_over} taken over, the slowest after {slowest} ms",
        helpdesks.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn syncs_come_round_evenly_though_workers_are_killed() {
    let bench = Bench::on(Database::Postgres, Options::default()).await;
    let helpdesks = helpdesks(&bench).await;
    let start_import = |tenant: &String| {
        let mut command = bench.command(&["import", "--tenant-id", tenant, "--days=90"]);
        command.stderr(Stdio::null()).spawn().expect("started")
    };
    let imports: Vec<_> = helpdesks.keys().map(start_import).collect();
    for mut import in imports {
        assert!(import.wait().expect("ended").success());
    }
    helpdesks
        .values()
        .for_each(|simulator| simulator.desk().clear_log());
    let sync_every = format!("--sync-every={}", (helpdesks.len() / 20).max(2));
    let mut workers = Workers::start(&bench, &["--role=worker", &sync_every, "--reconcile-every=0"]);
    let waits_of = |simulator: &Simulator| -> Vec<i64> {
        let calls = simulator.desk().log();
        pauses(&calls).filter(|pause| *pause > PAUSE_MS).collect()
    };
    let has_waits = |simulator: &Simulator| waits_of(simulator).len() > 1;
    let started = Instant::now();
    while workers.killed < 4 || !helpdesks.values().all(has_waits) {
        workers.wait().await;
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "a tenant is not synced"
        );
    }
    drop(workers);
    let mut longest = 0;
    let mut waits = Vec::new();
    for (tenant, simulator) in &helpdesks {
        assert_one_holder(tenant, &simulator.desk().log());
        let waits_of_tenant = waits_of(simulator);
        longest = longest.max(waits_of_tenant.iter().copied().max().unwrap_or(0));
        waits.extend(waits_of_tenant);
    }
    waits.sort_unstable();
    let median = waits[waits.len() / 2];
    println!(
        "{} syncs, median wait {median} ms, longest {longest} ms",
        waits.len()
    );
    assert!(
        longest <= 2 * median,
        "a tenant waited {longest} ms, the median is {median} ms"
    );
}
