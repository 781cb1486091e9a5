//! PostgreSQL behind PgBouncer.

use servicedesk_sim::{Api, Edition};
use sqlx::Executor;

use crate::support::{Bench, Database, Pooler, finished};

const TICKETS: u32 = 120;

impl Bench {
    /// Runs a command through a pooler; returns its exit code and its output.
    fn through(&self, pooler: &Pooler, lock_url: Option<&str>, arguments: &[&str]) -> (i32, String) {
        let mut command = self.command(arguments);
        command.env("DATABASE_URL", &pooler.url);
        command.envs(lock_url.map(|url| ("PRECEDENT_LOCK_URL", url)));
        let (code, stdout, stderr) = finished(command.output().expect("started"));
        (code, stdout + &stderr)
    }

    #[track_caller]
    fn good_through(&self, pooler: &Pooler, lock_url: Option<&str>, arguments: &[&str]) -> String {
        let (code, output) = self.through(pooler, lock_url, arguments);
        assert_eq!(code, 0, "{arguments:?}: {output}");
        output
    }

    /// Runs every kind of command through a pooler.
    #[track_caller]
    fn use_through(&self, pooler: &Pooler, lock_url: Option<&str>) {
        let good = |arguments: &[&str]| self.good_through(pooler, lock_url, arguments);
        good(&["db", "migrate"]);
        let status = good(&["db", "status", "--json"]);
        assert!(status.contains("\"isolation_gaps\":[]"), "{status}");
        let imported = good(&["import", "--tenant-id=acme", "--days=90"]);
        assert!(imported.contains("120 imported"), "{imported}");
        good(&["sync", "--tenant-id=acme"]);
        good(&["reconcile", "--tenant-id=acme"]);
        good(&["verify", "--tenant-id=acme"]);
        good(&["tenant", "set", "--tenant-id=acme", "--name=Other"]);
        good(&["tenant", "expire", "--tenant-id=acme"]);
        good(&["webhook", "create", "--tenant-id=acme"]);
        good(&["audit", "--json"]);
        let words = self.simulator.desk().truth()[0].subject.clone();
        let found = good(&["search", "--tenant-id=acme", "--json", &words]);
        assert!(found.contains("ticket_id"), "{found}");
    }
}

async fn bench() -> Bench {
    Bench::with_closed_tickets(Database::Postgres, TICKETS).await
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_that_shares_sessions_everything_works_with_a_lock_url() {
    let bench = bench().await;
    let pooler = Pooler::start(&bench, "transaction", 2).await;
    bench.use_through(&pooler, Some(&bench.database_url()));
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_that_keeps_sessions_everything_works_as_it_is() {
    let bench = bench().await;
    let pooler = Pooler::start(&bench, "session", 20).await;
    bench.use_through(&pooler, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_lock_url_a_command_that_needs_a_session_says_so() {
    let bench = bench().await;
    bench.import();
    for sessions in [1, 3] {
        let pooler = Pooler::start(&bench, "transaction", sessions).await;
        for command in [
            &["import", "--tenant-id=acme"][..],
            &["sync", "--tenant-id=acme"],
            &["serve", "--listen=127.0.0.1:0", "--metrics-listen=off"],
            &["db", "migrate", "--to=13"],
        ] {
            // The pooler itself is no address of PostgreSQL either.
            for lock_url in [None, Some(pooler.url.as_str())] {
                let (code, output) = bench.through(&pooler, lock_url, command);
                assert_eq!(code, 1, "{command:?}: {output}");
                assert!(output.contains("set PRECEDENT_LOCK_URL"), "{command:?}: {output}");
            }
        }
        bench.good_through(&pooler, None, &["search", "--tenant-id=acme", "vpn"]);
        bench.good_through(&pooler, None, &["db", "status"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_share_sessions_do_not_meet_each_others_statements() {
    let bench = bench().await;
    bench.add_tenant("second", Edition::Cloud, Api::V3);
    let pooler = Pooler::start(&bench, "transaction", 2).await;
    // Another program leaves statements under the names that sqlx chooses, on both sessions.
    let mut others = Vec::new();
    for _ in 0..2 {
        let mut other = pooler.connect().await.expect("connected");
        let leave = (1..40).map(|number| format!("prepare sqlx_s_{number} as select 'of another program';"));
        let leave = format!("begin; {}", leave.collect::<String>());
        other.execute(sqlx::AssertSqlSafe(leave)).await.expect("prepared");
        others.push(other);
    }
    for other in &mut others {
        other.execute("commit").await.expect("left");
    }
    let lock_url = bench.database_url();
    let imports = ["acme", "second"].map(|tenant| {
        let mut import = bench.command(&["import", "--days=90", "--tenant-id", tenant]);
        import
            .env("DATABASE_URL", &pooler.url)
            .env("PRECEDENT_LOCK_URL", &lock_url);
        std::thread::spawn(move || finished(import.output().expect("started")))
    });
    for import in imports {
        let (code, _, stderr) = import.join().expect("no panic");
        assert_eq!(code, 0, "{stderr}");
        assert!(stderr.contains("120 imported"), "{stderr}");
    }
    bench.good(&["verify", "--tenant-id=acme"]);
    bench.good(&["verify", "--tenant-id=second"]);
    let left = "select 1 from pg_prepared_statements where name like 'sqlx%' and statement not like '%of another program%'";
    for other in &mut others {
        let found = other.fetch_all(left).await.expect("read");
        assert!(found.is_empty(), "no statement was left behind");
    }
}
