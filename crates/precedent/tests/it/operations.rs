//! What an operator does after things went wrong.

use std::process::Stdio;
use std::time::Duration;

use servicedesk_sim::{CallKind, Options, Rows};

use crate::bench::{Bench, Database, finished};

async fn bench(database: Database, tickets: u32) -> Bench {
    Bench::on(
        database,
        Options {
            tickets: Some(tickets),
            days: 80,
            open_every: 0,
            rows: Rows::Full,
            ..Options::default()
        },
    )
    .await
}

/// One JSON object for each line of a command's output.
fn objects(bench: &Bench, arguments: &[&str]) -> Vec<serde_json::Value> {
    let (code, stdout, stderr) = bench.run(&[arguments, &["--json"]].concat());
    assert!(code == 0 || code == 5, "{arguments:?}: {stderr}");
    stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_interrupted_is_shown_and_resumed() {
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = bench(database, 450).await;
        let fault = "status:code=503,on=list,after=5,every=1"
            .parse()
            .expect("a fault");
        bench.simulator.desk().add_fault(fault);
        assert_eq!(bench.run(&["import", "--tenant-id=acme"]).0, 3);
        bench.simulator.desk().clear_faults();
        let runs = objects(&bench, &["runs", "list", "--tenant-id=acme"]);
        assert_eq!((runs.len(), &runs[0]["state"]), (1, &"interrupted".into()));
        let id = runs[0]["run_id"].as_str().expect("an id");
        let shown = bench.run(&["runs", "show", "--tenant-id=acme", "--run-id", id]).1;
        assert!(
            shown.contains("stopped by: ") && shown.contains("window 0: open"),
            "{shown}"
        );

        bench.good(&["runs", "resume", "--tenant-id=acme", "--run-id", id]);
        bench.assert_complete().await;
        let shown = objects(&bench, &["runs", "show", "--tenant-id=acme", "--run-id", id]);
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
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_import_starts_over() {
    let bench = bench(Database::Sqlite, 450).await;
    let fault = "status:code=503,on=list,after=5,every=1"
        .parse()
        .expect("a fault");
    bench.simulator.desk().add_fault(fault);
    assert_eq!(bench.run(&["import", "--tenant-id=acme"]).0, 3);
    bench.simulator.desk().clear_faults();
    bench.good(&["import", "--tenant-id=acme", "--fresh"]);
    bench.assert_complete().await;
    let states: Vec<_> = objects(&bench, &["runs", "list", "--tenant-id=acme"])
        .iter()
        .map(|run| run["state"].as_str().expect("a state").to_owned())
        .collect();
    assert_eq!(states, ["finished", "interrupted"]);
    // The one that was given up is not taken up again.
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
    let asked_before = details(&bench);
    let killed = std::process::Command::new("kill")
        .args(["-INT", &import.id().to_string()])
        .status();
    assert!(killed.expect("sent").success());
    let (code, _, stderr) = finished(import.wait_with_output().expect("ended"));
    assert_eq!(code, 130, "{stderr}");
    // At a hundred calls a minute, the pages behind that batch would take a minute each.
    let after = details(&bench) - asked_before;
    assert!(after < 700, "{after} details were asked for after the signal");
    assert!(stderr.contains("give the same command again"), "{stderr}");
    let (before, asked) = (bench.rows().await.len(), details(&bench));
    assert!(before > 0 && before < 3_000, "{before}");
    bench.import();
    bench.assert_complete().await;
    assert!(details(&bench) - asked < 3_000, "it went on where it stopped");
}

fn details(bench: &Bench) -> usize {
    let log = bench.simulator.desk().log();
    log.iter().filter(|call| call.kind == CallKind::Detail).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_what_is_missing_stale_or_gone_and_repairs_it() {
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = bench(database, 230).await;
        bench.import();
        let verify = ["verify", "--tenant-id=acme"];
        let (code, stdout, stderr) = bench.run(&verify);
        assert_eq!(code, 0, "{stdout}{stderr}");
        assert!(
            stdout.contains("230 the same, 0 missing, 0 stale, 0 gone"),
            "{stdout}"
        );

        let desk = bench.simulator.desk();
        let ids: Vec<_> = desk.truth().into_iter().map(|ticket| ticket.id).collect();
        desk.edit_resolution(&ids[3], "Replaced the cable.")
            .expect("edited");
        desk.delete(&ids[5]).expect("deleted");
        desk.trash(&ids[6]).expect("trashed");
        desk.reopen(&ids[7]).expect("reopened");
        desk.add_tickets(2);
        let (code, stdout, stderr) = bench.run(&verify);
        assert_eq!(code, 5, "{stdout}{stderr}");
        assert!(
            stdout.contains("226 the same, 2 missing, 1 stale, 3 gone"),
            "{stdout}"
        );
        assert!(stdout.contains(&format!("stale    {}", ids[3])), "{stdout}");
        assert!(
            stderr.contains("6 tickets differ") && stderr.contains("--repair"),
            "{stderr}"
        );

        let repaired = objects(&bench, &["verify", "--tenant-id=acme", "--repair"]);
        assert_eq!(repaired.last().expect("a summary")["repaired"], true);
        let (code, stdout, _) = bench.run(&verify);
        assert_eq!(code, 0, "{stdout}");
        let served = bench.rows().await;
        assert_eq!(served.iter().filter(|row| row.withdrawn_at.is_some()).count(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_most_tickets_vanish_at_once_none_is_withdrawn() {
    let bench = bench(Database::Sqlite, 100).await;
    bench.import();
    let ids: Vec<_> = bench
        .simulator
        .desk()
        .truth()
        .into_iter()
        .map(|ticket| ticket.id)
        .collect();
    ids.iter()
        .take(60)
        .for_each(|id| bench.simulator.desk().delete(id).expect("deleted"));
    let (code, _, stderr) = bench.run(&["verify", "--tenant-id=acme", "--repair"]);
    assert_eq!(code, 5, "{stderr}");
    assert!(
        stderr.contains(" of 100 stored tickets vanished at once"),
        "{stderr}"
    );
    assert!(bench.rows().await.iter().all(|row| row.withdrawn_at.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_tickets_are_listed_shown_and_tried_again() {
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = Bench::on(
            database,
            Options {
                tickets: Some(40),
                days: 80,
                open_every: 0,
                bad_every: 20,
                ..Options::default()
            },
        )
        .await;
        let victim = bench.simulator.desk().truth()[10].id.clone();
        let fault = format!("status:code=500,on=detail,id={victim},every=1")
            .parse()
            .expect("a fault");
        bench.simulator.desk().add_fault(fault);
        bench.import();
        let listed = objects(&bench, &["rejected", "list", "--tenant-id=acme"]);
        assert_eq!(listed.len(), 3, "{listed:?}");
        let shown = bench
            .run(&["rejected", "show", "--tenant-id=acme", "--key", &victim])
            .1;
        assert!(
            shown.contains("its detail cannot be read") && shown.contains("\"id\""),
            "{shown}"
        );
        assert_eq!(
            bench
                .run(&["rejected", "show", "--tenant-id=acme", "--key=nobody"])
                .0,
            1
        );

        bench.simulator.desk().clear_faults();
        let retried = objects(&bench, &["rejected", "retry", "--tenant-id=acme"]);
        assert_eq!(retried[0]["stored"], 1, "{retried:?}");
        assert_eq!(
            objects(&bench, &["rejected", "list", "--tenant-id=acme"]).len(),
            2
        );
        bench.assert_complete().await;
    }
}
