//! Secrets are in no output, log or file but sealed.

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::bench;
use crate::support::{Bench, Database, MASTER_KEY, PLANTED, finished};

#[tokio::test(flavor = "multi_thread")]
async fn planted_secrets_are_only_in_their_envelope() {
    let mut searched = Vec::new();
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = bench(database).await;
        let mut look = |place: String, bytes: &[u8]| {
            for secret in [PLANTED, MASTER_KEY] {
                let found = bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} in {place}");
            }
            searched.push(place);
        };
        let failing = "status:code=401,on=list,at=1".parse().expect("a fault");
        bench.simulator.desk().add_fault(failing);
        for arguments in [
            &["tenant", "show", "--tenant-id=acme"][..],
            &["tenant", "show", "--tenant-id=acme", "--json"],
            &["tenant", "list"],
            &["import", "--tenant-id=acme", "--log-level=trace"],
            &["import", "--tenant-id=acme", "--log-level=trace", "--json"],
            &["tenant", "check", "--tenant-id=acme", "--log-level=trace"],
            &["verify", "--tenant-id=acme", "--log-level=trace"],
            &["runs", "list", "--tenant-id=acme", "--json"],
            &["rejected", "list", "--tenant-id=acme", "--json"],
            &["audit", "--json"],
            &["db", "status", "--json"],
            &["--help"],
        ] {
            let (_, stdout, stderr) = bench.run(arguments);
            look(format!("stdout of {arguments:?}"), stdout.as_bytes());
            look(format!("stderr of {arguments:?}"), stderr.as_bytes());
        }
        let wrong = bench.import_with_another_key();
        look("the error about a wrong key".into(), wrong.as_bytes());
        for call in bench.simulator.desk().log() {
            look(
                "the helpdesk's log of a call".into(),
                format!("{call:?}").as_bytes(),
            );
        }
        if database == Database::Postgres {
            for table in bench.tables().await {
                look(format!("a dump of {}", table.0), table.1.as_bytes());
            }
        }
        for file in std::fs::read_dir(bench.home.path()).expect("a folder") {
            let path = file.expect("a file").path();
            if path.is_file() && !path.ends_with("credentials.json") {
                look(
                    path.display().to_string(),
                    &std::fs::read(&path).expect("readable"),
                );
            }
        }
    }
    println!("{} places searched", searched.len());
    assert!(searched.len() > 60, "{}", searched.len());
}

impl Bench {
    /// Imports with a wrong master key; returns the output.
    fn import_with_another_key(&self) -> String {
        let mut command = self.command(&["import", "--tenant-id=acme"]);
        command.env("PRECEDENT_MASTER_KEY", BASE64_STANDARD.encode([9; 32]));
        let (_, stdout, stderr) = finished(command.output().expect("started"));
        stdout + &stderr
    }

    /// Returns every table of Precedent as text.
    async fn tables(&self) -> Vec<(String, String)> {
        let mut connection = self.postgres().await;
        let names: Vec<(String,)> =
            sqlx::query_as("select tablename::text from pg_tables where schemaname = current_schema()")
                .fetch_all(&mut connection)
                .await
                .expect("names");
        let mut tables = Vec::new();
        for (name,) in names {
            let query = format!("select coalesce(string_agg(t::text, chr(10)), '') from {name} t");
            let (text,): (String,) = sqlx::query_as(sqlx::AssertSqlSafe(query))
                .fetch_one(&mut connection)
                .await
                .expect("a dump");
            tables.push((name, text));
        }
        tables
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_no_output_and_not_in_the_database() {
    let bench = bench(Database::Sqlite).await;
    for arguments in [
        &["tenant", "show", "--tenant-id=acme"][..],
        &["tenant", "list", "--json"],
        &["import", "--tenant-id=acme", "--log-level=trace"],
        &["import", "--tenant-id=acme", "--log-level=trace", "--json"],
    ] {
        let (code, stdout, stderr) = bench.run(arguments);
        assert_eq!(code, 0, "{stderr}");
        assert!(
            !stdout.contains(PLANTED) && !stderr.contains(PLANTED),
            "{arguments:?}"
        );
    }
    let mut searched = 0;
    for file in std::fs::read_dir(bench.home.path()).expect("a folder") {
        let path = file.expect("a file").path();
        if path.to_string_lossy().contains("test.db") {
            let bytes = std::fs::read(&path).expect("readable");
            assert!(
                !bytes
                    .windows(PLANTED.len())
                    .any(|window| window == PLANTED.as_bytes()),
                "{path:?}"
            );
            searched += 1;
        }
    }
    assert!(searched > 0);
}
