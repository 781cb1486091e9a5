//! `sync` and `reconcile` bring later changes at the helpdesk into the table.

use std::time::{Duration, SystemTime};

use servicedesk_sim::{Api, Edition, Options};

use crate::support::{Bench, Database};

async fn bench(database: Database, options: Options) -> Bench {
    let bench = Bench::on(
        database,
        Options {
            tickets: Some(120),
            days: 80,
            open_every: 6,
            ..options
        },
    )
    .await;
    bench.import();
    bench
}

/// Returns the ids of final tickets.
fn ids(bench: &Bench) -> Vec<String> {
    let truth = bench.simulator.desk().truth();
    truth.into_iter().map(|ticket| ticket.id).collect()
}

/// Runs a command; returns the counts of its summary.
#[track_caller]
fn run(bench: &Bench, command: &str) -> String {
    let stderr = bench.good(&[command, "--tenant-id=acme"]);
    let (_, line) = stderr.rsplit_once(" complete: ").expect(&stderr);
    // The number of unchanged tickets depends on the time that an import took.
    let (changed, rest) = line.split_once(" updated, ").expect(line);
    let (_, withdrawn) = rest.split_once(" unchanged, 0 rejected, ").expect(line);
    let (withdrawn, _) = withdrawn.split_once(',').expect(line);
    format!("{changed} updated, {withdrawn}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helpdesk_with_a_wrong_clock_is_synced_by_its_own_time() {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("later");
    for database in [Database::Postgres, Database::Sqlite] {
        let options = Options {
            now_ms: Some((now - Duration::from_hours(48)).as_millis() as i64),
            ..Options::default()
        };
        let bench = bench(database, options).await;
        let (ids, desk) = (ids(&bench), bench.simulator.desk());
        desk.edit_resolution(&ids[0], "the real cause was the flugkompensator")
            .expect("edited");
        desk.reopen(&ids[1]).expect("reopened");
        assert_eq!(run(&bench, "sync"), "0 new, 1 updated, 1 withdrawn");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_stored_and_deletions_are_withdrawn() {
    for (database, edition) in [
        (Database::Postgres, Edition::Cloud),
        (Database::Sqlite, Edition::OnPremises),
    ] {
        let options = Options {
            edition,
            ..Options::default()
        };
        let bench = bench(database, options).await;
        let desk = bench.simulator.desk();
        let (ids, open) = (ids(&bench), bench.simulator.desk().open_tickets());
        assert_eq!(run(&bench, "sync"), "0 new, 0 updated, 0 withdrawn");

        desk.edit_resolution(&ids[0], "the real cause was the flugkompensator")
            .expect("edited");
        desk.reopen(&ids[1]).expect("reopened");
        desk.close(&open[0]).expect("closed");
        desk.add_tickets(2);
        assert_eq!(run(&bench, "sync"), "3 new, 1 updated, 1 withdrawn");
        bench.assert_complete().await;
        assert_eq!(bench.found("flugkompensator", &[]), [ids[0].clone()]);

        // The overlap reads them again; the store changes nothing.
        assert_eq!(run(&bench, "sync"), "0 new, 0 updated, 0 withdrawn");
        desk.close(&ids[1]).expect("closed again");
        assert_eq!(run(&bench, "sync"), "0 new, 1 updated, 0 withdrawn");
        bench.assert_complete().await;

        desk.trash(&ids[2]).expect("trashed");
        desk.delete(&ids[3]).expect("deleted");
        desk.merge(&ids[4], &ids[5]).expect("merged");
        if edition == Edition::OnPremises {
            desk.archive(&ids[6]).expect("archived");
        }
        run(&bench, "sync");
        assert_eq!(run(&bench, "reconcile"), "0 new, 0 updated, 3 withdrawn");
        bench.assert_complete().await;

        desk.restore(&ids[2]).expect("restored");
        assert_eq!(run(&bench, "reconcile"), "0 new, 1 updated, 0 withdrawn");
        bench.assert_complete().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_sees_less_withdraws_nothing() {
    for hide in [true, false] {
        let bench = bench(Database::Sqlite, Options::default()).await;
        let ids = ids(&bench);
        for id in ids.iter().skip(5) {
            let desk = bench.simulator.desk();
            let done = if hide { desk.hide(id) } else { desk.delete(id) };
            done.expect("gone");
        }
        let (code, _, stderr) = bench.run(&["reconcile", "--tenant-id=acme"]);
        assert_eq!(code, 5, "{stderr}");
        assert!(
            stderr.contains("at least 11 of 100 stored tickets vanished at once: none was withdrawn"),
            "{stderr}"
        );
        assert!(stderr.contains("check the technician's sites"), "{stderr}");
        assert!(bench.rows().await.iter().all(|row| row.withdrawn_at.is_none()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tenant_is_synced_though_another_fails() {
    let bench = bench(Database::Postgres, Options::default()).await;
    bench.add_tenant("beta", Edition::Cloud, Api::V3);
    let (code, _, stderr) = bench.run(&["sync", "--tenant-id=beta"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(
        stderr.contains("no import of tenant beta has finished yet"),
        "{stderr}"
    );
    bench.simulator.desk().add_tickets(1);
    bench.add_tenant("zeta", Edition::Cloud, Api::V3);
    let (code, stdout, stderr) = bench.run(&["sync", "--all", "--json"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("sync failed for 2 of 3 tenants"), "{stderr}");
    let line: serde_json::Value = serde_json::from_str(stdout.trim()).expect("one tenant's object");
    assert_eq!(
        (&line["tenant_id"], &line["imported"]),
        (&"acme".into(), &1.into())
    );
    assert_eq!(bench.run(&["sync", "--tenant-id=nobody"]).0, 2);
    assert_eq!(bench.run(&["sync"]).0, 1);
}
