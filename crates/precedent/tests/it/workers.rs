//! Several workers share many tenants, and one of them is killed again and again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use servicedesk_sim::{Api, Edition, LogEntry, Options, Simulator};
use sqlx::PgConnection;

use crate::bench::{Bench, Database};
use crate::server::Server;

/// Longest time that a tenant may stay with a worker that is gone: two leases.
const TAKE_OVER: Duration = Duration::from_secs(40);

/// Longer between two calls than a sync takes, and shorter than the time between two of them.
const PAUSE_MS: i64 = 1_000;

/// Workers of which one is killed every so often, and another comes in its place.
struct Workers<'a> {
    bench: &'a Bench,
    running: Vec<Server>,
    arguments: Vec<String>,
    every: Duration,
    last: Instant,
    killed: usize,
}

impl<'a> Workers<'a> {
    fn start(bench: &'a Bench, every: Duration, arguments: &[&str]) -> Self {
        let mut workers = Self {
            bench,
            running: Vec::new(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            every,
            last: Instant::now(),
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
        if self.last.elapsed() >= self.every {
            self.last = Instant::now();
            // The oldest; SIGKILL, whatever it works on.
            drop(self.running.remove(0));
            self.killed += 1;
            self.add();
        }
    }
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// Two calls of different processes that were under way at the same time. One without an answer had lost its client.
fn overlap(calls: &[LogEntry]) -> Option<(&LogEntry, &LogEntry)> {
    let mut latest: Option<&LogEntry> = None;
    for call in calls.iter().filter(|call| call.status != 0) {
        if let Some(before) = latest
            && before.user_agent != call.user_agent
            && before.at_ms + (before.took_ms as i64) > call.at_ms + 1
        {
            return Some((before, call));
        }
        let end = |call: &LogEntry| call.at_ms + call.took_ms as i64;
        if latest.is_none_or(|before| end(before) <= end(call)) {
            latest = Some(call);
        }
    }
    None
}

/// The processes that called, one after the other.
fn turns(calls: &[LogEntry]) -> Vec<&str> {
    let mut turns: Vec<_> = calls.iter().map(|call| call.user_agent.as_str()).collect();
    turns.dedup();
    turns
}

async fn left(connection: &mut PgConnection) -> i64 {
    let (count,): (i64,) = sqlx::query_as("select count(*) from jobs")
        .fetch_one(connection)
        .await
        .expect("a count");
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn three_workers_share_tenants_one_at_a_time_whoever_is_killed() {
    // More of it: 200 tenants, a kill every 10 seconds.
    let tenants = number("PRECEDENT_WORKERS_TENANTS", 18);
    let every = Duration::from_secs(number("PRECEDENT_WORKERS_KILL_SECONDS", 3));
    let bench = Bench::on(Database::Postgres, Options::default()).await;
    let mut desks = BTreeMap::new();
    for seed in 0..tenants {
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
        bench.good(&["import", "--tenant-id", &tenant, "--days=90", "--detach"]);
        desks.insert(tenant, simulator);
    }

    // Every import is done, by one process after the other.
    let started = Instant::now();
    let mut connection = bench.postgres().await;
    let idle = ["--role=worker", "--sync-every=0", "--reconcile-every=0"];
    let mut workers = Workers::start(&bench, every, &idle);
    while left(&mut connection).await > 0 {
        workers.wait().await;
        assert!(started.elapsed() < Duration::from_secs(600), "imports still wait");
    }
    let (took, killed) = (started.elapsed(), workers.killed);
    drop(workers);
    let (mut taken_over, mut slowest) = (0, 0);
    for (tenant, simulator) in &desks {
        let calls = simulator.desk().log();
        if let Some((one, other)) = overlap(&calls) {
            panic!("two holders of {tenant}: {one:?} and {other:?}");
        }
        let turns = turns(&calls);
        let mut distinct = turns.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(turns.len(), distinct.len(), "{tenant} went back: {turns:?}");
        taken_over += turns.len() - 1;
        let waits = calls.windows(2).map(|two| two[1].at_ms - two[0].at_ms);
        slowest = slowest.max(waits.max().unwrap_or(0));
        let differences = bench.differences_of(tenant, simulator.desk()).await;
        assert!(differences.is_empty(), "{tenant}: {differences:#?}");
    }
    assert!(slowest < TAKE_OVER.as_millis() as i64, "{slowest} ms");
    println!(
        "{tenants} imports in {took:.1?}, {killed} workers killed, {taken_over} taken over, the slowest after {slowest} ms"
    );

    // Syncs go round and round.
    desks.values().for_each(|simulator| simulator.desk().clear_log());
    let sync_every = format!("--sync-every={}", (tenants / 20).max(2));
    let mut workers = Workers::start(
        &bench,
        every,
        &["--role=worker", &sync_every, "--reconcile-every=0"],
    );
    let started = Instant::now();
    while workers.killed < 4 || started.elapsed() < every * 4 {
        workers.wait().await;
    }
    drop(workers);
    let mut longest = Vec::new();
    let mut waits = Vec::new();
    for (tenant, simulator) in &desks {
        let calls = simulator.desk().log();
        if let Some((one, other)) = overlap(&calls) {
            panic!("two holders of {tenant}: {one:?} and {other:?}");
        }
        let pauses: Vec<_> = calls
            .windows(2)
            .map(|two| two[1].at_ms - two[0].at_ms)
            .filter(|pause| *pause > PAUSE_MS)
            .collect();
        longest.push(pauses.iter().copied().max().unwrap_or(i64::MAX));
        waits.extend(pauses);
    }
    waits.sort_unstable();
    let (median, longest) = (waits[waits.len() / 2], longest.into_iter().max().unwrap_or(0));
    println!(
        "{} syncs, median wait {median} ms, longest {longest} ms",
        waits.len()
    );
    assert!(
        longest <= 2 * median,
        "a tenant waited {longest} ms, the median is {median} ms"
    );
}
