//! Interrupted work is resumed and no call is made twice: the turns of a worker, and commands that are stopped.
//!
//! `PRECEDENT_TURNS_TICKETS` makes the histories longer.

use std::process::Stdio;
use std::time::Duration;

use servicedesk_sim::{Edition, Options, Rows};

use crate::support::{Bench, Database, Server, interrupt, setting};

/// Default pace of a tenant.
const DEFAULT_PACE: u32 = 100;

/// A pace at which a command can be stopped in the middle.
const BRISK_PACE: u32 = 600;

fn thin(tickets: u64) -> Options {
    Options {
        tickets: Some(setting("PRECEDENT_TURNS_TICKETS", tickets) as u32),
        days: 80,
        open_every: 0,
        edition: Edition::OnPremises,
        rows: Rows::Thin,
        latency: Duration::from_millis(300),
        ..Options::default()
    }
}

impl Bench {
    fn call_count(&self) -> usize {
        self.simulator.desk().log().len()
    }

    /// Starts a command and interrupts it after that many further calls.
    async fn interrupted(&self, arguments: &[&str], calls: usize) {
        let before = self.call_count();
        let mut child = self
            .command(arguments)
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        self.wait_until("calls", || self.call_count() >= before + calls)
            .await;
        interrupt(&child);
        assert_eq!(child.wait().expect("ended").code(), Some(130), "{arguments:?}");
    }
}

/// The calls may be as many as without an interruption, within 2 % and one for each interruption.
#[track_caller]
fn assert_no_more(calls: usize, uninterrupted: usize) {
    assert!(
        calls as f64 <= uninterrupted as f64 * 1.02 + 1.0,
        "{calls} calls, {uninterrupted} without an interruption"
    );
}

/// Returns the calls of an import without a pace: the list, and a detail each.
async fn uninterrupted(options: Options) -> usize {
    let options = Options {
        latency: Duration::ZERO,
        ..options
    };
    let bench = Bench::on(Database::Postgres, options).await;
    bench.import();
    bench.assert_complete().await;
    bench.call_count()
}

/// At the default pace, 65 tickets take longer than a turn of 30 s.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_a_worker_makes_no_call_twice() {
    let once = uninterrupted(thin(65)).await;
    let bench = Bench::on(Database::Postgres, thin(65)).await;
    bench.set_pace("acme", DEFAULT_PACE);
    bench.good(&["import", "--tenant-id=acme", "--days=90", "--detach"]);
    let _worker = Server::start(&bench, &["--role=worker"]);
    let is_done = || bench.objects(&["jobs", "list", "--tenant-id=acme"]).is_empty();
    bench.wait_until("end of the import", is_done).await;
    bench.assert_complete().await;
    assert_no_more(bench.call_count(), once);
}

async fn an_import_that_is_stopped_within_a_page_makes_no_call_twice(database: Database) {
    let once = uninterrupted(thin(130)).await;
    let bench = Bench::on(database, thin(130)).await;
    // A range that ends now would leave a rest to read after each run.
    let today = format!("--end-date={}", bench.day(0));
    let import = ["import", "--tenant-id=acme", "--days=90", &today];
    bench.set_pace("acme", BRISK_PACE);
    bench.interrupted(&import, 17).await;
    let stored = bench.rows().await.len();
    assert!(stored >= 8, "{stored} tickets stored after 17 calls");
    let (_, runs, _) = bench.run(&["runs", "list", "--tenant-id=acme"]);
    assert!(runs.contains("interrupted"), "{runs}");
    bench.interrupted(&import, 31).await;
    bench.good(&import);
    bench.assert_complete().await;
    assert_no_more(bench.call_count(), once);
}

on_both_databases!(an_import_that_is_stopped_within_a_page_makes_no_call_twice);

async fn a_stopped_command_resumes_and_makes_no_call_twice(command: &[&str]) {
    let options = Options {
        latency: Duration::from_millis(50),
        ..thin(130)
    };
    let bench = Bench::on(Database::Postgres, options).await;
    bench.import();
    let desk = bench.simulator.desk();
    let edit_all = |text: &str| {
        for ticket in desk.truth() {
            desk.edit_resolution(&ticket.id, text).expect("edited");
        }
        desk.clear_log();
    };
    bench.set_pace("acme", BRISK_PACE);
    edit_all("edited once");
    bench.good(command);
    let once = bench.call_count();
    bench.assert_complete().await;

    edit_all("edited again");
    bench.interrupted(command, once / 3).await;
    bench.interrupted(command, once / 3).await;
    bench.good(command);
    bench.assert_complete().await;
    assert_no_more(bench.call_count(), once + 1);
}

cases!(a_stopped_command_resumes_and_makes_no_call_twice:
    sync => (&["sync", "--tenant-id=acme"]),
    verify => (&["verify", "--tenant-id=acme", "--days=90", "--repair"]),
);

/// Lists do not show archived tickets: each takes a call or two, and the answers are remembered.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_reconciliation_requests_each_archived_ticket_once() {
    let options = Options {
        tickets: Some(200),
        edition: Edition::OnPremises,
        days: 80,
        ..Options::default()
    };
    let bench = Bench::on(Database::Postgres, options).await;
    bench.import();
    let desk = bench.simulator.desk();
    let ids: Vec<_> = desk.truth().into_iter().map(|ticket| ticket.id).collect();
    for id in &ids[..80] {
        desk.archive(id).expect("archived");
    }
    desk.delete(&ids[90]).expect("deleted");
    bench.set_pace("acme", BRISK_PACE);
    let reconcile = ["reconcile", "--tenant-id=acme"];
    desk.clear_log();
    bench.interrupted(&reconcile, 60).await;
    bench.good(&reconcile);
    let (calls, lists) = (bench.call_count(), 10);
    assert!(
        (160..=162 + lists).contains(&calls),
        "{calls} calls for 80 archived tickets"
    );
    let rows = bench.rows().await.into_iter();
    let withdrawn: Vec<_> = rows
        .filter(|row| row.withdrawn_at.is_some())
        .map(|row| row.ticket_id)
        .collect();
    assert_eq!(withdrawn, [ids[90].clone()]);

    desk.clear_log();
    bench.good(&reconcile);
    let calls = bench.call_count();
    assert!(calls <= lists, "{calls} calls to reconcile again");
}
