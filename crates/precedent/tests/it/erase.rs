//! Of a tenant that is erased nothing is left, but that it was.

use std::collections::BTreeSet;
use std::path::Path;

use servicedesk_sim::{Api, Edition, Options};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::bench::{Bench, Database};

const TABLES: [&str; 8] = [
    "ticket_history",
    "rejected_tickets",
    "import_runs",
    "import_windows",
    "inbox",
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
        }
        let before = rows(&bench, "beta").await;
        assert!(before[0] > 1_000 && before[1] > 0, "{before:?}");
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
        let mut erasing = bench.command(&arguments).spawn().expect("started");
        while rows(&bench, "acme").await[0] == all {
            tokio::task::yield_now().await;
        }
        erasing.kill().expect("killed");
        erasing.wait().expect("ended");
        let (code, _, stderr) = bench.run(&arguments);
        // It may have been at its end already.
        assert!(code == 0 || code == 2, "{stderr}");
        assert_eq!(rows(&bench, "acme").await, [0; TABLES.len()]);
    }
}
