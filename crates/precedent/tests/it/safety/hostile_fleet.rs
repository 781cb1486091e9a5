//! The hostile fleet: twenty well helpdesks beside one each of the kinds that break, stall or flood a service that trusts
//! them, and clients that open connections and send nothing.
//!
//! More of it: `PRECEDENT_FLEET_SECONDS=600` syncs every 60 s, has the default timeouts, and compares the search with a quiet run.

mod callers;
mod helpdesks;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use servicedesk_sim::{Options, Simulator};
use sqlx::PgConnection;

use self::callers::{Searches, flood_hints, open_half};
use self::helpdesks::{
    ABSURD, ENDLESS, HALF_OPEN, HINTS, HOSTILE, HUGE, SilentHelpdesk, add_hostile, add_well, well_tenants,
};
use crate::support::{Bench, Database, Server, setting};

/// Memory that the service and its workers use together at most.
const MEMORY_BYTES: u64 = 1 << 30;

/// Time after the attack until each well tenant must be synced, and the list of jobs must name every failure.
const LATEST: Duration = Duration::from_mins(5);

/// Connections that are opened to the service and send half a request.
const HALF_OPEN_CONNECTIONS: usize = 300;

struct Fleet {
    bench: Bench,
    helpdesks: BTreeMap<String, Simulator>,
    _silent: SilentHelpdesk,
    duration: Duration,
    sync_every: Duration,
    is_long: bool,
}

impl Fleet {
    async fn begin() -> Self {
        let duration = Duration::from_secs(setting("PRECEDENT_FLEET_SECONDS", 20));
        let is_long = duration >= Duration::from_mins(2);
        let bench = Bench::on(Database::Postgres, Options::default()).await;
        let mut helpdesks = add_well(&bench).await;
        helpdesks.extend(add_hostile(&bench).await);
        Self {
            _silent: SilentHelpdesk::start(&bench, HALF_OPEN),
            bench,
            helpdesks,
            duration,
            sync_every: Duration::from_secs(if is_long { 60 } else { 5 }),
            is_long,
        }
    }

    fn serve(&self) -> Server {
        let sync_every = format!("--sync-every={}", self.sync_every.as_secs());
        let mut arguments = vec![sync_every.as_str()];
        if !self.is_long {
            arguments.push("--timeout=5");
        }
        Server::start(&self.bench, &arguments)
    }

    fn leave_imports_to_workers<'a>(&self, tenants: impl Iterator<Item = &'a str>) {
        for tenant in tenants {
            self.bench
                .good(&["import", "--tenant-id", tenant, "--days=90", "--detach"]);
        }
    }

    /// Waits until no import is left to the workers.
    async fn wait_for_imports(&self) {
        while self.bench.count("select count(*) from jobs").await > 0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Lets the time pass; returns the peak of memory, which must stay within its limit. In a long run the well tenants must
    /// never fall behind; in a short one each must be synced, since a busy machine tells little about times.
    async fn pass(&self, server: &Server) -> u64 {
        let mut database = self.bench.postgres().await;
        let (started, mut peak) = (Instant::now(), 0);
        let mut is_over = false;
        while !is_over {
            let behind = behind(&mut database, 2 * self.sync_every).await;
            assert!(
                !self.is_long || behind.is_empty(),
                "after {:?}: {behind:?}",
                started.elapsed()
            );
            peak = peak.max(server.memory_bytes());
            assert!(peak < MEMORY_BYTES, "{peak} bytes");
            tokio::time::sleep(Duration::from_millis(200)).await;
            is_over = started.elapsed() > self.duration
                && (self.is_long || self::behind(&mut database, started.elapsed()).await.is_empty());
            assert!(started.elapsed() < self.duration + LATEST, "{behind:?}");
        }
        peak
    }

    /// Returns the tenants whose imports must fail.
    fn failing(&self) -> impl Iterator<Item = &'static str> {
        let names = HOSTILE.iter().map(|(name, _)| *name).chain([HALF_OPEN]);
        let succeeds = [ABSURD, HUGE];
        names.filter(move |name| !succeeds.contains(name) && (self.is_long || *name != ENDLESS))
    }

    /// Waits until the list of jobs names each helpdesk that fails with a reason.
    async fn wait_for_reasons(&self) {
        let started = Instant::now();
        loop {
            let jobs = self.bench.objects(&["jobs", "list"]);
            let has_reason = |tenant: &str| {
                let of_tenant = |job: &&serde_json::Value| job["tenant_id"] == tenant;
                let mut reasons = jobs.iter().filter(of_tenant).map(|job| &job["error"]);
                reasons.any(serde_json::Value::is_string)
            };
            let unnamed: Vec<_> = self.failing().filter(|name| !has_reason(name)).collect();
            if unnamed.is_empty() {
                jobs.iter().for_each(|job| println!("{job}"));
                return;
            }
            assert!(started.elapsed() < LATEST, "{unnamed:?} of {jobs:#?}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Waits until the import of a tenant has ended.
    async fn wait_for_import_of(&self, tenant: &str) {
        let list = ["jobs", "list", "--tenant-id", tenant];
        let is_over = || !self.bench.run(&list).1.contains("import");
        self.bench.wait_until("end of an import", is_over).await;
    }
}

/// Returns the well tenants whose last sync is older than the limit.
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
async fn a_hostile_fleet_harms_no_well_tenant() {
    let fleet = Fleet::begin().await;
    let well: Vec<_> = well_tenants().collect();
    let hints = fleet.bench.create_webhook(HINTS);
    let server = fleet.serve();
    fleet.leave_imports_to_workers(well.iter().map(String::as_str));
    fleet.wait_for_imports().await;
    let tokens = well
        .iter()
        .map(|tenant| (tenant.clone(), fleet.bench.token(tenant, &[])));
    let tokens: Vec<_> = tokens.collect();

    let quiet = Searches::start(&server, &tokens).await;
    tokio::time::sleep(fleet.duration / 4).await;
    let quiet = quiet.end().await;

    let hostile = HOSTILE.iter().map(|(name, _)| *name);
    fleet.leave_imports_to_workers(hostile.chain([HALF_OPEN, HINTS]));
    let connections = open_half(&server, HALF_OPEN_CONNECTIONS);
    let flood = flood_hints(&server, hints);
    let searches = Searches::start(&server, &tokens).await;
    let peak = fleet.pass(&server).await;
    let attacked = searches.end().await;
    drop((connections, flood));

    println!(
        "search p95: {:.1?} quiet, {:.1?} attacked ({} and {} searches); peak memory {} MiB",
        quiet.p95,
        attacked.p95,
        quiet.count,
        attacked.count,
        peak >> 20
    );
    fleet.wait_for_reasons().await;
    fleet.wait_for_import_of(ABSURD).await;
    fleet.wait_for_import_of(HUGE).await;
    let rejected = fleet.bench.objects(&["rejected", "list", "--tenant-id", HUGE]);
    assert_eq!(rejected.len(), 5, "{rejected:?}");
    if fleet.is_long {
        // On a busy machine a short run tells little.
        assert!(attacked.p95 <= 2 * quiet.p95, "the search became slow");
    }
    for (tenant, simulator) in &fleet.helpdesks {
        if tenant.starts_with("well") || tenant == ABSURD {
            let differences = fleet.bench.differences_of(tenant, simulator.desk()).await;
            assert!(differences.is_empty(), "{tenant}: {differences:#?}");
        }
    }
    assert_eq!(server.stop(), 0);
}
