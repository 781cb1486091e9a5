//! Interrupted imports: they are shown, resumed or started again.

use std::process::Stdio;
use std::time::Duration;

use servicedesk_sim::{CallKind, Options};

use crate::support::{Bench, Database, finished, interrupt};

async fn an_interrupted_run_is_shown_and_resumed(database: Database) {
    let bench = Bench::with_closed_tickets(database, 450).await;
    let fault = "status:code=503,on=list,after=5,every=1"
        .parse()
        .expect("a fault");
    bench.simulator.desk().add_fault(fault);
    assert_eq!(bench.run(&["import", "--tenant-id=acme"]).0, 3);
    bench.simulator.desk().clear_faults();
    let runs = bench.objects(&["runs", "list", "--tenant-id=acme"]);
    assert_eq!((runs.len(), &runs[0]["state"]), (1, &"interrupted".into()));
    let id = runs[0]["run_id"].as_str().expect("an id");
    let shown = bench.run(&["runs", "show", "--tenant-id=acme", "--run-id", id]).1;
    assert!(
        shown.contains("stopped by: ") && shown.contains("window 0: open"),
        "{shown}"
    );

    bench.good(&["runs", "resume", "--tenant-id=acme", "--run-id", id]);
    bench.assert_complete().await;
    let shown = bench.objects(&["runs", "show", "--tenant-id=acme", "--run-id", id]);
    assert_eq!(shown[0]["state"], "finished");
    assert_eq!(shown[0]["windows"][0]["done"], true);
    let again = bench
        .run(&["runs", "resume", "--tenant-id=acme", "--run-id", id])
        .1;
    assert!(again.contains("nothing is left"), "{again}");
    let unknown = "018f0000-0000-7000-8000-000000000000";
    assert_eq!(
        bench
            .run(&["runs", "show", "--tenant-id=acme", "--run-id", unknown])
            .0,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_import_starts_over() {
    let bench = Bench::with_closed_tickets(Database::Sqlite, 450).await;
    let fault = "status:code=503,on=list,after=5,every=1"
        .parse()
        .expect("a fault");
    bench.simulator.desk().add_fault(fault);
    assert_eq!(bench.run(&["import", "--tenant-id=acme"]).0, 3);
    bench.simulator.desk().clear_faults();
    bench.good(&["import", "--tenant-id=acme", "--fresh"]);
    bench.assert_complete().await;
    let states: Vec<_> = bench
        .objects(&["runs", "list", "--tenant-id=acme"])
        .iter()
        .map(|run| run["state"].as_str().expect("a state").to_owned())
        .collect();
    assert_eq!(states, ["finished", "interrupted"]);
    // The abandoned run is not resumed.
    assert_eq!(bench.import(), "0 imported, 0 updated, 450 skipped, 0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_stops_after_the_batch_in_hand_and_the_same_command_goes_on() {
    let bench = Bench::new(Options {
        tickets: Some(3_000),
        days: 80,
        open_every: 0,
        latency: Duration::from_millis(20),
        ..Options::default()
    })
    .await;
    let import = bench
        .command(&["import", "--tenant-id=acme", "--days=90"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    while bench.rows().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let asked_before = bench.calls(CallKind::Detail);
    interrupt(&import);
    let (code, _, stderr) = finished(import.wait_with_output().expect("ended"));
    assert_eq!(code, 130, "{stderr}");
    // At a hundred calls a minute, each later page would take a minute.
    let after = bench.calls(CallKind::Detail) - asked_before;
    assert!(after < 700, "{after} details were asked for after the signal");
    assert!(stderr.contains("run the same command again"), "{stderr}");
    let (before, asked) = (bench.rows().await.len(), bench.calls(CallKind::Detail));
    assert!(before > 0 && before < 3_000, "{before}");
    bench.import();
    bench.assert_complete().await;
    assert!(
        bench.calls(CallKind::Detail) - asked < 3_000,
        "it went on where it stopped"
    );
}

on_both_databases!(an_interrupted_run_is_shown_and_resumed);
