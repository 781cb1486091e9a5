//! Turns of a worker and stops make progress: what was fetched is stored, so that no call is made twice.
//!
//! At the default pace; `PRECEDENT_TURNS_TICKETS` makes the histories longer.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use servicedesk_sim::{Edition, Options, Rows};

use crate::bench::{Bench, Database};
use crate::server::Server;

/// The pace that a tenant has unless told otherwise.
const DEFAULT_PACE: &str = "--requests-per-minute=100";

fn tickets() -> u32 {
    std::env::var("PRECEDENT_TURNS_TICKETS").map_or(130, |text| text.parse().expect("a number"))
}

fn thin() -> Options {
    Options {
        tickets: Some(tickets()),
        days: 80,
        open_every: 0,
        edition: Edition::OnPremises,
        rows: Rows::Thin,
        latency: Duration::from_millis(300),
        ..Options::default()
    }
}

impl Bench {
    fn pace(&self, pace: &str) {
        self.good(&["tenant", "set", "--tenant-id=acme", pace]);
    }

    fn call_count(&self) -> usize {
        self.simulator.desk().log().len()
    }

    /// A command that is asked to stop once so many further calls were answered.
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

    pub(crate) async fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        let started = Instant::now();
        while !is_so() {
            assert!(started.elapsed() < Duration::from_mins(20), "no {what}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn waits_for_nothing(&self) -> bool {
        let (code, stdout, stderr) = self.run(&["jobs", "list", "--tenant-id=acme", "--json"]);
        assert_eq!(code, 0, "{stderr}");
        stdout.trim().is_empty()
    }
}

pub(crate) fn interrupt(child: &Child) {
    let id = child.id().to_string();
    let asked = std::process::Command::new("kill").args(["-INT", &id]).status();
    assert!(asked.expect("kill").success());
}

/// As many calls as one run without an interruption makes, within 2 % and one for each time it was interrupted.
#[track_caller]
fn assert_no_more(calls: usize, uninterrupted: usize) {
    assert!(
        calls as f64 <= uninterrupted as f64 * 1.02 + 1.0,
        "{calls} calls, {uninterrupted} without turns"
    );
}

/// Calls of an import without a pace: the list, a detail each.
async fn uninterrupted() -> usize {
    let bench = Bench::on(
        Database::Postgres,
        Options {
            latency: Duration::ZERO,
            ..thin()
        },
    )
    .await;
    bench.import();
    bench.assert_complete().await;
    bench.call_count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_left_to_a_worker_makes_no_call_twice() {
    let once = uninterrupted().await;
    let bench = Bench::on(Database::Postgres, thin()).await;
    bench.pace(DEFAULT_PACE);
    bench.good(&["import", "--tenant-id=acme", "--days=90", "--detach"]);
    let _worker = Server::start(&bench, &["--role=worker"]);
    bench
        .wait_until("end of the import", || bench.waits_for_nothing())
        .await;
    bench.assert_complete().await;
    assert_no_more(bench.call_count(), once);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_stopped_in_mid_page_makes_no_call_twice() {
    let once = uninterrupted().await;
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = Bench::on(database, thin()).await;
        // A range that ends now would leave a rest to read after each run.
        let today = format!("--end-date={}", bench.day(0));
        let import = ["import", "--tenant-id=acme", "--days=90", &today];
        bench.pace("--requests-per-minute=600");
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
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_and_a_comparison_go_on_where_they_were_stopped() {
    let bench = Bench::on(
        Database::Postgres,
        Options {
            latency: Duration::from_millis(50),
            ..thin()
        },
    )
    .await;
    bench.import();
    let desk = bench.simulator.desk();
    let edit_all = |text: &str| {
        for ticket in desk.truth() {
            desk.edit_resolution(&ticket.id, text).expect("edited");
        }
    };
    let verify = ["verify", "--tenant-id=acme", "--days=90", "--repair"];
    bench.pace("--requests-per-minute=600");
    for command in [&["sync", "--tenant-id=acme"][..], &verify] {
        edit_all(&format!("once for {}", command[0]));
        desk.clear_log();
        bench.good(command);
        let once = bench.call_count();
        bench.assert_complete().await;

        edit_all(&format!("again for {}", command[0]));
        desk.clear_log();
        bench.interrupted(command, once / 3).await;
        bench.interrupted(command, once / 3).await;
        bench.good(command);
        bench.assert_complete().await;
        assert_no_more(bench.call_count(), once + 1);
    }
}

/// What lists do not show takes a call or two each; the answers are remembered.
#[tokio::test(flavor = "multi_thread")]
async fn a_reconciliation_asks_for_archived_tickets_once_however_often_it_is_stopped() {
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
    bench.pace("--requests-per-minute=600");
    let reconcile = ["reconcile", "--tenant-id=acme"];
    desk.clear_log();
    bench.interrupted(&reconcile, 60).await;
    bench.good(&reconcile);
    let (calls, lists) = (bench.call_count(), 10);
    assert!(
        (160..=162 + lists).contains(&calls),
        "{calls} calls for 80 archived tickets"
    );
    let withdrawn = bench
        .rows()
        .await
        .into_iter()
        .filter(|row| row.withdrawn_at.is_some());
    assert_eq!(
        withdrawn.map(|row| row.ticket_id).collect::<Vec<_>>(),
        [ids[90].clone()]
    );

    desk.clear_log();
    bench.good(&reconcile);
    assert!(
        bench.call_count() <= lists,
        "{} calls to reconcile again",
        bench.call_count()
    );
}
