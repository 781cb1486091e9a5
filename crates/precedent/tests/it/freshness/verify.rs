//! `verify` compares the table with the helpdesk and repairs it.

use crate::support::{Bench, Database};

async fn verify_finds_and_repairs_missing_stale_and_gone_tickets(database: Database) {
    let bench = Bench::with_closed_tickets(database, 230).await;
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

    let repaired = bench.objects(&["verify", "--tenant-id=acme", "--repair"]);
    assert_eq!(repaired.last().expect("a summary")["repaired"], true);
    let (code, stdout, _) = bench.run(&verify);
    assert_eq!(code, 0, "{stdout}");
    let served = bench.rows().await;
    assert_eq!(served.iter().filter(|row| row.withdrawn_at.is_some()).count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mass_deletion_withdraws_no_ticket() {
    let bench = Bench::with_closed_tickets(Database::Sqlite, 100).await;
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

on_both_databases!(verify_finds_and_repairs_missing_stale_and_gone_tickets);
