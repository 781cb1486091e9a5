//! SIGINT ends a command soon, whatever it waits for.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use servicedesk_sim::{Api, Edition, Options};
use sqlx::Executor;

use crate::support::{Bench, interrupt};

/// Timeout after a signal: shorter than every wait here, longer than the delays of a busy machine.
const SOON: Duration = Duration::from_secs(12);

fn options() -> Options {
    Options {
        tickets: Some(60),
        days: 80,
        ..Options::default()
    }
}

/// Runs a command until its log contains some words, then interrupts it; returns the rest of its log.
#[track_caller]
fn stopped(bench: &Bench, arguments: &[&str], waits_for: &str) -> String {
    let mut command = bench.command(&[&["--log-level=debug"], arguments].concat());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("started");
    let mut lines = BufReader::new(child.stderr.take().expect("piped"))
        .lines()
        .map_while(Result::ok);
    let mut log = String::new();
    while !waits_for.is_empty() {
        let line = lines
            .next()
            .unwrap_or_else(|| panic!("it never waited for {waits_for}: {log}"));
        log += &format!("{line}\n");
        if line.contains(waits_for) {
            break;
        }
    }
    // Some waits log nothing.
    std::thread::sleep(Duration::from_millis(if waits_for.is_empty() {
        2_000
    } else {
        300
    }));
    let asked = Instant::now();
    interrupt(&child);
    let rest: Vec<_> = lines.collect();
    let code = child.wait().expect("ended").code();
    assert!(asked.elapsed() < SOON, "{arguments:?} took {:?}", asked.elapsed());
    assert_eq!(code, Some(130), "{arguments:?}: {rest:?}");
    rest.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_waits_ends_soon_after_a_signal() {
    let bench = Bench::new(options()).await;
    let import = ["import", "--tenant-id=acme", "--days=90"];
    let desk = bench.simulator.desk();

    // It waits for the end of a pause.
    desk.throttle(Duration::from_secs(600), Some(Duration::from_secs(600)));
    stopped(&bench, &import, "throttled on");
    stopped(&bench, &["tenant", "check", "--tenant-id=acme"], "");
    desk.end_throttle();
    let mut database = bench.postgres().await;
    database.execute("delete from pace").await.expect("a new pace");

    // It waits for an answer.
    desk.add_fault("hang:on=list,at=4".parse().expect("a fault"));
    stopped(
        &bench,
        &["import", "--tenant-id=acme", "--days=90", "--timeout=300"],
        "reading",
    );
    desk.clear_faults();
    let (_, runs, _) = bench.run(&["runs", "list", "--tenant-id=acme"]);
    assert!(runs.contains("interrupted"), "{runs}");

    // It waits for the database.
    let mut locked = bench.postgres().await;
    locked
        .execute("begin; select * from tenant_configs where tenant_id = 'acme' for update")
        .await
        .expect("locked");
    let rest = stopped(&bench, &import, "");
    assert!(rest.contains("run the same command again"), "{rest}");
    locked.execute("rollback").await.expect("free");

    // It waits for the lease of another process.
    desk.add_fault("hang:on=list".parse().expect("a fault"));
    desk.clear_log();
    let mut holder = bench
        .command(&import)
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    bench
        .wait_until("a holder", || desk.stats().most_concurrent > 0)
        .await;
    stopped(&bench, &import, "is held by");
    holder.kill().expect("killed");
    holder.wait().expect("gone");
    desk.clear_faults();

    bench.import();
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_all_returns_to_tenants_with_a_busy_lease() {
    let bench = Bench::new(options()).await;
    bench.import();
    bench.add_tenant("zeta", Edition::Cloud, Api::V3);
    bench.good(&["import", "--tenant-id=zeta", "--days=90"]);
    let desk = bench.simulator.desk();
    desk.add_fault("hang:on=list,at=1".parse().expect("a fault"));
    desk.clear_log();
    let mut holder = bench
        .command(&["sync", "--tenant-id=acme", "--timeout=300"])
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    bench
        .wait_until("a holder", || desk.stats().most_concurrent > 0)
        .await;
    let mut all = bench
        .command(&["sync", "--all"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(all.stderr.take().expect("piped"))
        .lines()
        .map_while(Result::ok);
    assert!(lines.any(|line| line.contains("skipping tenant acme for now")));
    assert!(
        lines.any(|line| line.contains("Sync complete") && line.contains("zeta")),
        "zeta waits"
    );
    holder.kill().expect("killed");
    holder.wait().expect("gone");
    assert!(
        lines.any(|line| line.contains("Sync complete") && line.contains("acme")),
        "acme is left out"
    );
    assert!(all.wait().expect("ended").success());
}
