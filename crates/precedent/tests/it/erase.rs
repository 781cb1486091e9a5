//! Of a tenant that is erased nothing is left, but that it was.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use servicedesk_sim::{Api, Edition, Options};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

use crate::bench::{Bench, Database};

const TABLES: [&str; 9] = [
    "ticket_history",
    "rejected_tickets",
    "import_runs",
    "import_windows",
    "inbox",
    "jobs",
    "webhooks",
    "api_tokens",
    "tenant_configs",
];

/// Rows of a tenant in each table.
async fn rows(bench: &Bench, tenant: &str) -> Vec<i64> {
    let url = bench.database_url();
    let mut counts = Vec::new();
    for table in TABLES {
        let query = AssertSqlSafe(format!(
            "select count(*) from {table} where tenant_id = '{tenant}'"
        ));
        let (count,): (i64,) = if url.starts_with("sqlite") {
            let mut connection = SqliteConnection::connect(&url).await.expect("connected");
            sqlx::query_as(query)
                .fetch_one(&mut connection)
                .await
                .expect("a count")
        } else {
            let mut connection = PgConnection::connect(&url).await.expect("connected");
            sqlx::query_as(query)
                .fetch_one(&mut connection)
                .await
                .expect("a count")
        };
        counts.push(count);
    }
    counts
}

/// Name of the folder of a tenant's index.
pub(crate) fn index_folder(tenant: &str) -> String {
    format!("tenant={}", &hex::encode(Sha256::digest(tenant))[..32])
}

async fn execute(bench: &Bench, statement: &str) {
    let url = bench.database_url();
    let statement = AssertSqlSafe(statement.to_owned());
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(&url).await.expect("connected");
        connection.execute(statement).await.expect("executed");
    } else {
        let mut connection = PgConnection::connect(&url).await.expect("connected");
        connection.execute(statement).await.expect("executed");
    }
}

/// Kills an erasure that cannot go on, because the last ticket is locked.
async fn kill_when_some_are_deleted(bench: &Bench, arguments: &[&str], all: i64) {
    let mut holder = bench.postgres().await;
    holder.execute("begin").await.expect("begun");
    let last = "select 1 from ticket_history order by ctid desc limit 1 for update";
    holder.execute(last).await.expect("locked");
    let mut erasing = bench.command(arguments).spawn().expect("started");
    while rows(bench, "acme").await[0] == all {
        assert!(
            erasing.try_wait().expect("a process").is_none(),
            "it ended before"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    erasing.kill().expect("killed");
    erasing.wait().expect("ended");
    holder.execute("rollback").await.expect("released");
}

/// Names of all folders below one.
pub(crate) fn folders(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            names.extend(folders(&path));
            let name = path.file_name().expect("a name").to_string_lossy();
            names.insert(name.into_owned());
        }
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_tenant_that_is_erased() {
    for database in [Database::Postgres, Database::Sqlite] {
        let options = Options {
            tickets: Some(1_500),
            days: 80,
            bad_every: 50,
            ..Options::default()
        };
        let bench = Bench::on(database, options).await;
        bench.add_tenant("beta", Edition::Cloud, Api::V3);
        for tenant in ["acme", "beta"] {
            bench.good(&["import", "--tenant-id", tenant, "--days=90"]);
            bench.good(&["token", "create", "--tenant-id", tenant, "--name=agent"]);
            bench.good(&["webhook", "create", "--tenant-id", tenant]);
            bench.good(&["search", "--tenant-id", tenant, "vpn"]);
            bench.good(&["import", "--tenant-id", tenant, "--detach"]);
            let note = "insert into inbox (tenant_id, note_id, kind, body, received_at, due_at)
                select tenant_id, 'changed:1', 'changed', '1', created_at, created_at from webhooks where tenant_id = ";
            execute(&bench, &format!("{note} '{tenant}'")).await;
            let before = rows(&bench, tenant).await;
            assert!(before.iter().all(|rows| *rows > 0), "{before:?}");
        }
        let before = rows(&bench, "beta").await;
        assert!(before[0] > 1_000, "{before:?}");
        let (code, _, stderr) = bench.run(&["tenant", "remove", "--tenant-id=acme", "--erase"]);
        assert!(code == 1 && stderr.contains("--yes"), "{stderr}");
        let (code, stdout, stderr) = bench.run(&["tenant", "remove", "--tenant-id=acme", "--erase", "--yes"]);
        assert!(
            code == 0 && stdout.starts_with("erased tenant acme: "),
            "{stdout}{stderr}"
        );
        assert_eq!(rows(&bench, "acme").await, [0; TABLES.len()]);
        assert_eq!(rows(&bench, "beta").await, before, "untouched");
        let (_, audited, _) = bench.run(&["audit", "--tenant-id=acme"]);
        assert!(
            audited.contains("begun") && audited.contains(" rows"),
            "{audited}"
        );
        assert_eq!(bench.run(&["search", "--tenant-id=acme", "vpn"]).0, 2);
        let indexes = folders(bench.home.path());
        assert!(indexes.contains(&index_folder("beta")), "{indexes:?}");
        assert!(!indexes.contains(&index_folder("acme")), "{indexes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_was_stopped_goes_on() {
    for database in [Database::Postgres, Database::Sqlite] {
        let options = Options {
            tickets: Some(5_000),
            days: 80,
            ..Options::default()
        };
        let bench = Bench::on(database, options).await;
        bench.import();
        let arguments = ["tenant", "remove", "--tenant-id=acme", "--erase", "--yes"];
        let all = rows(&bench, "acme").await[0];
        match database {
            Database::Postgres => kill_when_some_are_deleted(&bench, &arguments, all).await,
            Database::Sqlite => {
                // The database fails when half are deleted.
                let failing = format!(
                    "create trigger stop before delete on ticket_history
                     when (select count(*) from ticket_history) <= {}
                     begin select raise(abort, 'the disk is full'); end",
                    all / 2
                );
                execute(&bench, &failing).await;
                assert_eq!(bench.run(&arguments).0, 4);
                execute(&bench, "drop trigger stop").await;
            }
        }
        let left = rows(&bench, "acme").await[0];
        assert!(0 < left && left < all, "{left} of {all} are left");
        let (code, _, stderr) = bench.run(&arguments);
        assert_eq!(code, 0, "{stderr}");
        assert_eq!(rows(&bench, "acme").await, [0; TABLES.len()]);
    }
}
