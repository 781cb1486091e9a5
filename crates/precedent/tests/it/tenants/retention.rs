//! Tickets that are older than their tenant keeps are deleted, and no command stores them again.

use std::collections::BTreeSet;

use servicedesk_sim::{Api, Edition, Options, Rows, Truth};

use crate::support::{Bench, Database, Row, summary};

const DAY_MS: i64 = 86_400_000;

const WITHDRAWN: &str = "select count(withdrawn_at) from ticket_history where tenant_id = 'acme'";

/// Returns the helpdesk's tickets of the last 30 days, and the older ones.
fn truth(bench: &Bench) -> (Vec<Truth>, Vec<Truth>) {
    let desk = bench.simulator.desk();
    let since = desk.now_ms() - 30 * DAY_MS;
    desk.truth()
        .into_iter()
        .partition(|ticket| ticket.resolved_ms > Some(since))
}

/// The table must serve exactly the kept tickets, and hold no text of the others.
async fn assert_deleted(bench: &Bench, kept: &[Truth], what: &str) {
    let rows = bench.rows().await;
    let (served, left): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.withdrawn_at.is_none());
    let served: BTreeSet<_> = served.iter().map(|row| row.ticket_id.as_str()).collect();
    let expected: BTreeSet<_> = kept.iter().map(|ticket| ticket.id.as_str()).collect();
    assert_eq!(served, expected, "{what}");
    for row in left {
        assert!(
            row.subject.is_empty() && row.description.is_empty() && row.resolution.is_empty(),
            "{what}: {row:?}"
        );
        assert!(row.tags.is_empty() && row.status.is_none(), "{what}: {row:?}");
    }
}

async fn expired_tickets_are_deleted_for_good(database: Database) {
    let options = Options {
        tickets: Some(300),
        days: 80,
        open_every: 0,
        ..Options::default()
    };
    let bench = Bench::on(database, options).await;
    bench.add_tenant("beta", Edition::Cloud, Api::V3);
    bench.import();
    bench.good(&["import", "--tenant-id=beta", "--days=90"]);
    let (kept, old) = truth(&bench);
    assert!(kept.len() > 50 && old.len() > 50);
    let words = &old[0].words;
    let finds = || bench.found(words, &["--resolution=any"]).contains(&old[0].id);
    assert!(finds());
    let beta = || {
        let (_, found, _) = bench.run(&["search", "--tenant-id=beta", "--resolution=any", "--json", words]);
        found.contains(&old[0].id)
    };
    assert!(beta());

    bench.good(&["tenant", "set", "--tenant-id=acme", "--keep-days=30"]);
    let (_, shown, _) = bench.run(&["tenant", "show", "--tenant-id=acme"]);
    assert!(shown.contains("30 days after they were resolved"), "{shown}");
    let (code, stdout, stderr) = bench.run(&["tenant", "expire", "--all"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.contains(&format!("forgot {} tickets", old.len()))
            && stdout.contains("tenant beta keeps tickets for ever"),
        "{stdout}"
    );
    assert_deleted(&bench, &kept, "expired").await;
    assert!(!finds() && beta());
    let (_, audited, _) = bench.run(&["audit", "--tenant-id=acme"]);
    let deleted = format!("{} tickets", old.len());
    assert!(
        audited.contains("tenant expire") && audited.contains(&deleted),
        "{audited}"
    );
    assert_eq!(bench.run(&["audit"]).1.matches("tenant expire").count(), 1);

    assert_no_command_stores_them_again(&bench, &kept, &old).await;
    assert!(!finds());

    // An operator who keeps more imports again.
    bench.good(&["tenant", "set", "--tenant-id=acme", "--keep-days=0"]);
    bench.good(&["import", "--tenant-id=acme", "--days=90", "--fresh"]);
    bench.assert_complete().await;
    assert!(finds());
}

async fn assert_no_command_stores_them_again(bench: &Bench, kept: &[Truth], old: &[Truth]) {
    let stderr = bench.good(&["import", "--tenant-id=acme", "--days=90", "--fresh"]);
    assert!(
        stderr.contains("are left out") && summary(&stderr).starts_with("0 imported, 0 updated"),
        "{stderr}"
    );
    bench.good(&["verify", "--tenant-id=acme", "--days=90"]);
    bench
        .simulator
        .desk()
        .edit_resolution(&old[1].id, "another cause")
        .expect("edited");
    bench.good(&["sync", "--tenant-id=acme"]);
    // Checked before a reconciliation, which would delete it again.
    assert_deleted(bench, kept, "after import and sync").await;
    bench.good(&["reconcile", "--tenant-id=acme"]);
    assert_deleted(bench, kept, "after a reconciliation").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconciliation_deletes_expired_tickets_and_counts_them() {
    let options = Options {
        tickets: Some(200),
        days: 80,
        open_every: 0,
        ..Options::default()
    };
    let bench = Bench::on(Database::Sqlite, options).await;
    bench.import();
    let (kept, old) = truth(&bench);
    bench.good(&["tenant", "set", "--tenant-id=acme", "--keep-days=30"]);
    let stderr = bench.good(&["reconcile", "--tenant-id=acme"]);
    assert!(stderr.contains(&format!("{} tickets", old.len())), "{stderr}");
    assert_deleted(&bench, &kept, "reconciled").await;
}

async fn a_killed_expiry_is_resumed(database: Database) {
    let options = Options {
        tickets: Some(6_000),
        rows: Rows::Full,
        days: 80,
        open_every: 0,
        ..Options::default()
    };
    let bench = Bench::on(database, options).await;
    bench.import();
    let (kept, old) = truth(&bench);
    bench.good(&["tenant", "set", "--tenant-id=acme", "--keep-days=30"]);
    let arguments = ["tenant", "expire", "--tenant-id=acme"];
    let mut expiring = bench.command(&arguments).spawn().expect("started");
    while bench.count(WITHDRAWN).await == 0 {
        tokio::task::yield_now().await;
    }
    expiring.kill().expect("killed");
    expiring.wait().expect("ended");
    let (code, stdout, stderr) = bench.run(&arguments);
    assert!(code == 0 && stdout.contains("forgot "), "{stderr}");
    assert_deleted(&bench, &kept, "expired in two runs").await;
    assert!(
        !bench
            .found(&old[0].words, &["--resolution=any"])
            .contains(&old[0].id)
    );
}

on_both_databases!(expired_tickets_are_deleted_for_good, a_killed_expiry_is_resumed);
