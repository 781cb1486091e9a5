//! An erased tenant leaves nothing but its audit log.

use std::time::Duration;

use servicedesk_sim::{Api, Edition, Options, Rows};
use sqlx::Executor;

use crate::support::{Bench, Database, folders, index_folder};

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

/// Returns the number of a tenant's rows in each table.
async fn rows(bench: &Bench, tenant: &str) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in TABLES {
        let query = format!("select count(*) from {table} where tenant_id = '{tenant}'");
        counts.push(bench.count(&query).await);
    }
    counts
}

/// Kills an erasure that waits for the last ticket, which is locked.
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

async fn an_erased_tenant_leaves_no_rows_and_no_index(database: Database) {
    let options = Options {
        tickets: Some(1_500),
        rows: Rows::Full,
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
        bench.execute(&format!("{note} '{tenant}'")).await;
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

async fn an_interrupted_erasure_is_resumed(database: Database) {
    let options = Options {
        tickets: Some(5_000),
        rows: Rows::Full,
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
            // The database fails after half of the deletions.
            let failing = format!(
                "create trigger stop before delete on ticket_history
                 when (select count(*) from ticket_history) <= {}
                 begin select raise(abort, 'the disk is full'); end",
                all / 2
            );
            bench.execute(&failing).await;
            assert_eq!(bench.run(&arguments).0, 4);
            bench.execute("drop trigger stop").await;
        }
    }
    let left = rows(&bench, "acme").await[0];
    assert!(0 < left && left < all, "{left} of {all} are left");
    let (code, _, stderr) = bench.run(&arguments);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(rows(&bench, "acme").await, [0; TABLES.len()]);
}

on_both_databases!(
    an_erased_tenant_leaves_no_rows_and_no_index,
    an_interrupted_erasure_is_resumed
);
