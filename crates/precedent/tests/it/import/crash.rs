//! Imports that are killed: the same command completes the table.
//!
//! `PRECEDENT_CRASH_ROUNDS` and `PRECEDENT_CRASH_SEED` choose how often and when; `scripts/crash` sets them.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use servicedesk_sim::Options;

use crate::support::{Bench, Database, Random, finished, setting};

const FAULTS: [&str; 5] = [
    "status:code=503,on=detail,every=97",
    "reset:on=detail,every=131",
    "truncate:on=detail,every=173",
    "failed:on=detail,every=211",
    "empty:on=list,every=13",
];

fn start(bench: &Bench) -> Child {
    bench
        .command(&["import", "--tenant-id=acme", "--log-level=error"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started")
}

/// Starts the import until it ends by itself and kills it up to `kills` times; returns the number of kills.
async fn import_with_kills(bench: &Bench, random: &mut Random, kills: u64) -> u64 {
    let mut killed = 0;
    loop {
        let mut child = start(bench);
        if killed < kills {
            tokio::time::sleep(Duration::from_millis(random.below(400))).await;
            if child.try_wait().expect("alive or not").is_none() {
                child.kill().expect("killed");
                killed += 1;
            }
        }
        let status = child.wait().expect("gone");
        if status.success() {
            return killed;
        }
        assert_ne!(status.code(), Some(1), "it cannot even begin");
    }
}

async fn killed_at_random_moments_the_import_completes_the_table(database: Database) {
    let rounds = setting("PRECEDENT_CRASH_ROUNDS", 10);
    let seed = setting("PRECEDENT_CRASH_SEED", 20_260_311);
    let mut killed = 0;
    // PostgreSQL and SQLite in turn.
    let mine = (0..rounds).filter(|round| (round % 2 == 0) == (database == Database::Postgres));
    for round in mine {
        let mut random = Random(seed ^ (round << 32));
        let faults = FAULTS.iter().map(|fault| fault.parse().expect("a fault"));
        let options = Options {
            tickets: Some(400),
            days: 80,
            seed: seed ^ round,
            bad_every: 50,
            latency: Duration::from_millis(4),
            faults: faults.collect(),
            ..Options::default()
        };
        let bench = Bench::on(database, options).await;
        killed += import_with_kills(&bench, &mut random, 1 + round % 4).await;
        let differences = bench.differences().await;
        assert!(
            differences.is_empty(),
            "seed {seed}, round {round} on {database:?}: {differences:#?}"
        );
        let runs = bench.run(&["runs", "list", "--tenant-id=acme"]).1;
        assert!(
            runs.lines().all(|run| run.contains(" finished ")),
            "round {round}: {runs}"
        );
    }
    println!("{rounds} rounds, seed {seed}, killed {killed} times on {database:?}, no difference");
    assert!(killed > rounds / 4, "killed {killed} times in {rounds} rounds");
}

async fn ten_imports_at_once_have_one_result(database: Database) {
    let bench = Bench::on(
        database,
        Options {
            tickets: Some(300),
            days: 80,
            bad_every: 50,
            latency: Duration::from_millis(1),
            ..Options::default()
        },
    )
    .await;
    let mut imports: Vec<_> = (0..10).map(|_| start(&bench)).collect();
    for import in &mut imports {
        let status = import.wait().expect("ended");
        assert!(status.success(), "{status}");
    }
    bench.assert_complete().await;
    assert!(
        bench.rows().await.iter().all(|row| row.version == 0),
        "nothing was written twice"
    );
    let runs = bench.run(&["runs", "list", "--tenant-id=acme"]).1;
    assert_eq!(
        runs.lines().filter(|run| run.contains(" finished ")).count(),
        10,
        "{runs}"
    );
    let imported: Vec<_> = runs.lines().filter(|run| !run.contains("  0 imported")).collect();
    assert_eq!(imported.len(), 1, "{runs}");
}

/// Restarts the PostgreSQL of this test as after a loss of power.
fn restart_postgres() {
    let command =
        std::env::var("PRECEDENT_TEST_POSTGRES_RESTART").expect("scripts/crash names how to restart it");
    let status = Command::new("sh")
        .args(["-c", &command])
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("started").success(), "{command}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL that it may restart: scripts/crash"]
async fn an_import_survives_restarts_of_postgres() {
    let restarts = setting("PRECEDENT_CRASH_RESTARTS", 5);
    let tickets = 1_000 * restarts as u32;
    let bench = Bench::new(Options {
        tickets: Some(tickets),
        days: 80,
        open_every: 0,
        // Slow enough for a restart in the middle on any machine.
        latency: Duration::from_millis(25),
        ..Options::default()
    })
    .await;
    let mut import = bench
        .command(&["import", "--tenant-id=acme"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    for restart in 1..=restarts {
        let wanted = (restart * u64::from(tickets) / (restarts + 1)) as usize;
        while bench.simulator.desk().stats().calls < wanted {
            assert!(
                import.try_wait().expect("alive or not").is_none(),
                "it ended before restart {restart}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::task::spawn_blocking(restart_postgres)
            .await
            .expect("restarted");
    }
    let (code, _, stderr) = finished(import.wait_with_output().expect("ended"));
    assert_eq!(code, 0, "{stderr}");
    let felt = ["terminating connection", "the database failed"];
    assert!(
        felt.iter().any(|words| stderr.contains(words)),
        "no restart was felt: {stderr}"
    );
    assert!(
        stderr.contains(&format!(
            "Import complete: {tickets} imported, 0 updated, 0 skipped, 0 rejected"
        )),
        "{stderr}"
    );
    bench.assert_complete().await;
    println!("{restarts} restarts during an import of {tickets} tickets, no difference");
}

on_both_databases!(
    killed_at_random_moments_the_import_completes_the_table,
    ten_imports_at_once_have_one_result,
);
