//! What is older than its tenant keeps is forgotten, and nothing brings it back.

use std::collections::BTreeSet;

use servicedesk_sim::{Api, Edition, Options, Truth};
use sqlx::{Connection, SqliteConnection};

use crate::bench::{Bench, Database, Row, summary};

const DAY_MS: i64 = 86_400_000;

/// Tickets of the helpdesk that are kept with 30 days, and those that are not.
fn truth(bench: &Bench) -> (Vec<Truth>, Vec<Truth>) {
    let desk = bench.simulator.desk();
    let since = desk.now_ms() - 30 * DAY_MS;
    desk.truth()
        .into_iter()
        .partition(|ticket| ticket.resolved_ms > Some(since))
}

/// The served rows are those that are kept, and of the others not a word is left.
async fn assert_forgotten(bench: &Bench, kept: &[Truth], what: &str) {
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

/// Tickets that are withdrawn.
async fn withdrawn(bench: &Bench) -> i64 {
    let query = "select count(withdrawn_at) from ticket_history where tenant_id = 'acme'";
    let url = bench.database_url();
    let (count,): (i64,) = if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(&url).await.expect("connected");
        sqlx::query_as(query)
            .fetch_one(&mut connection)
            .await
            .expect("a count")
    } else {
        sqlx::query_as(query)
            .fetch_one(&mut bench.postgres().await)
            .await
            .expect("a count")
    };
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_a_tenant_keeps_is_forgotten_for_good() {
    for database in [Database::Postgres, Database::Sqlite] {
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
            let (_, found, _) =
                bench.run(&["search", "--tenant-id=beta", "--resolution=any", "--json", words]);
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
        assert_forgotten(&bench, &kept, "expired").await;
        assert!(!finds() && beta());
        let (_, audited, _) = bench.run(&["audit", "--tenant-id=acme"]);
        let told = format!("{} tickets", old.len());
        assert!(
            audited.contains("tenant expire") && audited.contains(&told),
            "{audited}"
        );
        assert_eq!(bench.run(&["audit"]).1.matches("tenant expire").count(), 1);

        // Nothing brings them back.
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
        // Before a reconciliation, which would forget it once more.
        assert_forgotten(&bench, &kept, "after import and sync").await;
        bench.good(&["reconcile", "--tenant-id=acme"]);
        assert_forgotten(&bench, &kept, "after a reconciliation").await;
        assert!(!finds());

        // Whoever changes their mind imports again.
        bench.good(&["tenant", "set", "--tenant-id=acme", "--keep-days=0"]);
        bench.good(&["import", "--tenant-id=acme", "--days=90", "--fresh"]);
        bench.assert_complete().await;
        assert!(finds());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconciliation_forgets_as_well_and_says_so() {
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
    assert_forgotten(&bench, &kept, "reconciled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expiry_that_was_killed_goes_on() {
    for database in [Database::Postgres, Database::Sqlite] {
        let options = Options {
            tickets: Some(6_000),
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
        while withdrawn(&bench).await == 0 {
            tokio::task::yield_now().await;
        }
        expiring.kill().expect("killed");
        expiring.wait().expect("ended");
        let (code, stdout, stderr) = bench.run(&arguments);
        assert!(code == 0 && stdout.contains("forgot "), "{stderr}");
        assert_forgotten(&bench, &kept, "expired in two goes").await;
        assert!(
            !bench
                .found(&old[0].words, &["--resolution=any"])
                .contains(&old[0].id)
        );
    }
}
