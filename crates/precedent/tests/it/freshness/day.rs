//! A day under default settings: twenty tenants on four helpdesks, one of which throttles for some hours, one has revoked
//! the key, one is slow and one is well. Three workers import, sync and reconcile at the default pace while webhooks
//! arrive.
//!
//! Only the helpdesks' clocks run fast. `PRECEDENT_DAY_SECONDS=300` gives the day five minutes and syncs every 20 s.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use servicedesk_sim::{Edition, Options, Simulator};
use sqlx::PgConnection;

use crate::support::{Bench, Database, Server, Webhook, setting};

/// Delay between two changes at each helpdesk.
const CHANGE_EVERY: Duration = Duration::from_millis(2_500);

/// Time that a call needs that was sent before a throttle began.
const ON_THE_WAY_MS: u64 = 3_000;

const HELPDESKS: [&str; 4] = ["well", "slow", "throttled", "revoked"];
const TENANTS_OF_EACH: usize = 5;

/// Real durations of the day and of its parts.
struct Pace {
    day: Duration,
    sync_every: Duration,
    reconcile_every: Duration,
    throttled: Duration,
}

impl Pace {
    fn from_environment() -> Self {
        let day = Duration::from_secs(setting("PRECEDENT_DAY_SECONDS", 25));
        Self {
            day,
            sync_every: (day / 15).max(Duration::from_secs(5)),
            reconcile_every: (day / 4).max(Duration::from_secs(10)),
            throttled: (day / 5).max(Duration::from_secs(10)),
        }
    }

    /// Seconds of the helpdesks' clocks in a real second.
    fn clock_rate(&self) -> f64 {
        86_400.0 / self.day.as_secs_f64()
    }
}

struct Day {
    pace: Pace,
    bench: Bench,
    helpdesks: BTreeMap<&'static str, Simulator>,
    webhooks: BTreeMap<String, Webhook>,
}

fn tenants(desk: &str) -> impl Iterator<Item = String> {
    (0..TENANTS_OF_EACH).map(move |number| format!("{desk}-{number}"))
}

impl Day {
    async fn begin(pace: Pace) -> Self {
        let bench = Bench::on(Database::Postgres, Options::default()).await;
        let mut day = Self {
            pace,
            bench,
            helpdesks: BTreeMap::new(),
            webhooks: BTreeMap::new(),
        };
        for (seed, name) in (1..).zip(HELPDESKS) {
            let simulator = day.start_helpdesk(seed, name).await;
            for tenant in tenants(name) {
                let bench = &day.bench;
                bench.add_default_tenant_of(&simulator, &tenant, Edition::OnPremises);
                let webhook = bench.create_webhook(&tenant);
                day.webhooks.insert(tenant, webhook);
            }
            let changes_per_day = day.pace.day.as_secs_f64() / CHANGE_EVERY.as_secs_f64();
            simulator.desk().set_changes_per_day(changes_per_day);
            day.helpdesks.insert(name, simulator);
        }
        day
    }

    async fn start_helpdesk(&self, seed: u64, name: &str) -> Simulator {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        // The clock must not pass the real one.
        let then = now.expect("later") - Duration::from_hours(3 * 24);
        let options = Options {
            tickets: Some(20),
            days: 80,
            open_every: 6,
            seed,
            edition: Edition::OnPremises,
            now_ms: Some(then.as_millis() as i64),
            clock_rate: self.pace.clock_rate(),
            latency: Duration::from_millis(if name == "slow" { 1_000 } else { 50 }),
            ..Options::default()
        };
        Simulator::start(options).await.expect("a helpdesk")
    }

    /// Leaves the import of every tenant to the workers.
    fn detach_imports(&self) {
        let start = |tenant: String| {
            let import = ["import", "--tenant-id", &tenant, "--days=90", "--detach"];
            let mut command = self.bench.command(&import);
            command.stdout(Stdio::null()).spawn().expect("started")
        };
        let imports: Vec<_> = HELPDESKS.into_iter().flat_map(tenants).map(start).collect();
        for mut import in imports {
            assert!(import.wait().expect("ended").success());
        }
    }

    /// Notifies every tenant of a helpdesk about the changes there.
    async fn notify(&self, web: &Server, notified: &mut BTreeMap<&'static str, usize>) {
        for (name, simulator) in &self.helpdesks {
            let count = notified.entry(name).or_default();
            for change in simulator.desk().changes().into_iter().skip(*count) {
                *count += 1;
                for tenant in tenants(name) {
                    self.webhooks[&tenant].notify(web, &change.id).await;
                }
            }
        }
    }

    /// Lets the day pass; the tenants of the helpdesk that is well must never fall behind.
    async fn pass(&self, web: &Server) {
        let mut database = self.bench.postgres().await;
        let mut notified = BTreeMap::new();
        let started = Instant::now();
        let mut is_throttled = false;
        while started.elapsed() < self.pace.day {
            if !is_throttled && started.elapsed() > self.pace.day / 5 {
                is_throttled = true;
                let pause = self.pace.throttled;
                self.helpdesks["throttled"].desk().throttle(pause, Some(pause));
            }
            self.notify(web, &mut notified).await;
            let behind = behind(&mut database, 2 * self.pace.sync_every).await;
            assert!(behind.is_empty(), "after {:?}: {behind:?}", started.elapsed());
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        for simulator in self.helpdesks.values() {
            simulator.desk().set_changes_per_day(0.0);
        }
        self.notify(web, &mut notified).await;
    }

    /// Waits until the tenants of a helpdesk are complete: the last changes may take two syncs and a reconciliation.
    async fn wait_until_complete(&self, name: &str) {
        let started = Instant::now();
        let desk = self.helpdesks[name].desk();
        for tenant in tenants(name) {
            loop {
                let differences = self.bench.differences_of(&tenant, desk).await;
                if differences.is_empty() {
                    break;
                }
                let is_in_time = started.elapsed() < Duration::from_secs(180);
                assert!(is_in_time, "{tenant}: {differences:#?}");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }

    /// Each tenant has its own pace and may learn of the pause by its next call; then it must not call.
    fn assert_pause_was_kept(&self) {
        let log = self.helpdesks["throttled"].desk().log();
        let mut during = log.iter().filter(|call| call.during_lock);
        let first = during.next().expect("a call that was throttled").at_ms;
        let late_ms = (ON_THE_WAY_MS as f64 * self.pace.clock_rate()) as i64;
        let later = during.filter(|call| call.at_ms > first + late_ms).count();
        assert!(later < 2 * TENANTS_OF_EACH, "{later} calls during the pause");
    }
}

/// Returns the tenants of the helpdesk that is well whose last sync is older than the limit.
async fn behind(database: &mut PgConnection, limit: Duration) -> Vec<(String, f64)> {
    sqlx::query_as(
        "select tenant_id, extract(epoch from now() - synced_at)::float8 from tenant_configs
         where tenant_id like 'well-%' and synced_at < now() - make_interval(secs => $1)",
    )
    .bind(limit.as_secs_f64())
    .fetch_all(database)
    .await
    .expect("lags")
}

#[tokio::test(flavor = "multi_thread")]
async fn under_default_settings_every_well_tenant_is_in_time_and_complete() {
    let day = Day::begin(Pace::from_environment()).await;
    day.detach_imports();
    day.helpdesks["revoked"].desk().revoke_credentials();
    let web = Server::start(&day.bench, &["--role=web"]);
    let sync_every = format!("--sync-every={}", day.pace.sync_every.as_secs());
    let reconcile_every = format!("--reconcile-every={}", day.pace.reconcile_every.as_secs());
    let worker = ["--role=worker", &sync_every, &reconcile_every];
    let workers = [(); 3].map(|()| Server::start(&day.bench, &worker));

    day.pass(&web).await;
    for desk in ["well", "slow", "throttled"] {
        day.wait_until_complete(desk).await;
    }
    let (_, jobs, _) = day.bench.run(&["jobs", "list"]);
    for tenant in tenants("revoked") {
        assert!(jobs.contains(&tenant), "{tenant} is not shown: {jobs}");
    }
    day.assert_pause_was_kept();
    for (name, simulator) in &day.helpdesks {
        let desk = simulator.desk();
        println!(
            "{name}: {} calls, {} changes",
            desk.log().len(),
            desk.changes().len()
        );
    }
    drop(workers);
}
