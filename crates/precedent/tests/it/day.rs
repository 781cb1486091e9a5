//! A day under default settings: twenty tenants on four helpdesks, one of which throttles for an hour, one has a revoked
//! key, one is slow and one is well. Three workers import, sync and reconcile at the default pace; webhooks come in.
//!
//! The helpdesks' clock runs so fast that the day takes five minutes; nothing else does.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use servicedesk_sim::{Api, Edition, Options, Simulator};
use sqlx::PgConnection;

use crate::bench::{Bench, Database};
use crate::server::Server;

const DAY: Duration = Duration::from_mins(5);
const CLOCK_RATE: f64 = 86_400.0 / 300.0;

/// Changes of each helpdesk in a day: one in five seconds.
const CHANGES_PER_DAY: f64 = 60.0;

const SYNC_EVERY: Duration = Duration::from_secs(20);
const WORKER: [&str; 3] = ["--role=worker", "--sync-every=20", "--reconcile-every=75"];

/// An hour of the helpdesks' clock and more.
const THROTTLED: Duration = Duration::from_secs(60);

/// What was on its way when a throttle began arrives during it.
const ON_THE_WAY_MS: u64 = 3_000;

const DESKS: [&str; 4] = ["well", "slow", "throttled", "revoked"];
const TENANTS_OF_EACH: usize = 5;

struct Day {
    bench: Bench,
    desks: BTreeMap<&'static str, Simulator>,
    /// Path and secret of each tenant's webhook.
    hooks: BTreeMap<String, (String, String)>,
}

fn tenants(desk: &str) -> impl Iterator<Item = String> {
    (0..TENANTS_OF_EACH).map(move |number| format!("{desk}-{number}"))
}

impl Day {
    async fn begin() -> Self {
        let bench = Bench::on(Database::Postgres, Options::default()).await;
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .expect("later");
        let yesterday = now - Duration::from_hours(24);
        let mut day = Self {
            bench,
            desks: BTreeMap::new(),
            hooks: BTreeMap::new(),
        };
        for (seed, name) in (1..).zip(DESKS) {
            let options = Options {
                tickets: Some(60),
                days: 80,
                open_every: 6,
                seed,
                edition: Edition::OnPremises,
                now_ms: Some(yesterday.as_millis() as i64),
                clock_rate: CLOCK_RATE,
                latency: Duration::from_millis(if name == "slow" { 1_000 } else { 50 }),
                ..Options::default()
            };
            let simulator = Simulator::start(options).await.expect("a helpdesk");
            for tenant in tenants(name) {
                let bench = &day.bench;
                bench.add_tenant_of(&simulator, &tenant, Edition::OnPremises, Api::V3);
                // The pace that a tenant has unless told otherwise.
                bench.good(&[
                    "tenant",
                    "set",
                    "--tenant-id",
                    &tenant,
                    "--requests-per-minute=100",
                ]);
                let (code, stdout, stderr) =
                    bench.run(&["webhook", "create", "--tenant-id", &tenant, "--json"]);
                assert_eq!(code, 0, "{stderr}");
                let hook: Value = serde_json::from_str(&stdout).expect("an object");
                let text = |field: &str| hook[field].as_str().expect(field).to_owned();
                let path = text("url").trim_start_matches("http://127.0.0.1:8080").to_owned();
                day.hooks.insert(tenant, (path, text("secret")));
            }
            simulator.desk().set_changes_per_day(CHANGES_PER_DAY);
            day.desks.insert(name, simulator);
        }
        day
    }

    /// Reports changes to the webhooks of every tenant of the helpdesk.
    async fn report(&self, web: &Server, reported: &mut BTreeMap<&'static str, usize>) {
        for (name, simulator) in &self.desks {
            let count = reported.entry(name).or_default();
            for change in simulator.desk().changes().into_iter().skip(*count) {
                *count += 1;
                for tenant in tenants(name) {
                    let (path, secret) = &self.hooks[&tenant];
                    let body = json!({"request": {"id": change.id}}).to_string();
                    let sent = web.post(path).header("x-precedent-secret", secret).body(body);
                    assert_eq!(sent.send().await.expect("an answer").status(), 202);
                }
            }
        }
    }

    async fn differences(&self, desk: &str) -> Vec<String> {
        let mut differences = Vec::new();
        for tenant in tenants(desk) {
            let of_tenant = self.bench.differences_of(&tenant, self.desks[desk].desk()).await;
            differences.extend(
                of_tenant
                    .into_iter()
                    .map(|difference| format!("{tenant}: {difference}")),
            );
        }
        differences
    }
}

/// Tenants of the helpdesk that is well whose last sync is longer ago than two intervals.
async fn behind(database: &mut PgConnection) -> Vec<(String, f64)> {
    sqlx::query_as(
        "select tenant_id, extract(epoch from now() - synced_at)::float8 from tenant_configs
         where tenant_id like 'well-%' and synced_at < now() - make_interval(secs => $1)",
    )
    .bind(2.0 * SYNC_EVERY.as_secs_f64())
    .fetch_all(database)
    .await
    .expect("lags")
}

#[tokio::test(flavor = "multi_thread")]
async fn under_default_settings_every_well_tenant_is_in_time_and_complete() {
    let day = Day::begin().await;
    let mut database = day.bench.postgres().await;
    for tenant in DESKS.into_iter().flat_map(tenants) {
        day.bench
            .good(&["import", "--tenant-id", &tenant, "--days=90", "--detach"]);
    }
    day.desks["revoked"].desk().revoke_credentials();
    let web = Server::start(&day.bench, &["--role=web"]);
    let workers = [(); 3].map(|()| Server::start(&day.bench, &WORKER));

    let mut reported = BTreeMap::new();
    let started = Instant::now();
    let mut throttled = false;
    while started.elapsed() < DAY {
        if !throttled && started.elapsed() > DAY / 5 {
            throttled = true;
            day.desks["throttled"].desk().throttle(THROTTLED, Some(THROTTLED));
        }
        day.report(&web, &mut reported).await;
        let behind = behind(&mut database).await;
        assert!(behind.is_empty(), "after {:?}: {behind:?}", started.elapsed());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    for simulator in day.desks.values() {
        simulator.desk().set_changes_per_day(0.0);
    }
    day.report(&web, &mut reported).await;

    // What changed last may take two more intervals, and a reconciliation.
    let ended = Instant::now();
    for desk in ["well", "slow", "throttled"] {
        loop {
            let differences = day.differences(desk).await;
            if differences.is_empty() {
                break;
            }
            assert!(ended.elapsed() < Duration::from_secs(180), "{differences:#?}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
    let (_, jobs, _) = day.bench.run(&["jobs", "list"]);
    for tenant in tenants("revoked") {
        assert!(jobs.contains(&tenant), "{tenant} is not shown: {jobs}");
    }
    let desk = day.desks["throttled"].desk();
    let log = desk.log();
    let mut during = log.iter().filter(|call| call.during_lock);
    let first = during.next().expect("one that was told to wait").at_ms;
    // The desk's clock is fast.
    let late_ms = (ON_THE_WAY_MS as f64 * CLOCK_RATE) as i64;
    let later = during.filter(|call| call.at_ms > first + late_ms).count();
    // Each tenant has a pace of its own, and learns of the pause by a call of its own: the next one that it would make.
    assert!(later < 2 * TENANTS_OF_EACH, "{later} calls during the pause");
    for (name, simulator) in &day.desks {
        let calls = simulator.desk().log().len();
        println!(
            "{name}: {calls} calls, {} changes",
            simulator.desk().changes().len()
        );
    }
    drop(workers);
}
