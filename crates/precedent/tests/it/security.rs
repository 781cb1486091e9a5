//! Keys, the audit log, what leaves this machine, and where no secret may be.

use std::process::Stdio;
use std::time::Duration;

use servicedesk_sim::{Options, Rows};
use sqlx::{Connection, Executor, SqliteConnection};

use crate::bench::{Bench, Database, PLANTED};

async fn bench(database: Database) -> Bench {
    Bench::on(
        database,
        Options {
            tickets: Some(30),
            days: 80,
            rows: Rows::Full,
            edition: servicedesk_sim::Edition::OnPremises,
            ..Options::default()
        },
    )
    .await
}

/// Base64 of 32 bytes, all of them this one.
fn key(byte: u8) -> String {
    match byte {
        7 => "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned(),
        8 => "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=".to_owned(),
        _ => "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=".to_owned(),
    }
}

impl Bench {
    /// Exit code and everything that was printed, with other master keys.
    fn with_keys(&self, new: u8, old: Option<u8>, arguments: &[&str]) -> (i32, String) {
        let mut command = self.command(arguments);
        command.env("PRECEDENT_MASTER_KEY", key(new));
        if let Some(old) = old {
            command.env("PRECEDENT_OLD_MASTER_KEY", key(old));
        }
        let (code, stdout, stderr) = crate::bench::finished(command.output().expect("started"));
        (code, stdout + &stderr)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_without_the_secrets_and_the_old_one_is_refused() {
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = bench(database).await;
        bench.add_tenant(
            "second",
            servicedesk_sim::Edition::OnPremises,
            servicedesk_sim::Api::V3,
        );
        let generated = bench.run(&["keys", "generate"]).1;
        assert_eq!(generated.trim().len(), 44, "{generated}");
        assert_eq!(bench.with_keys(8, None, &["keys", "rotate"]).0, 1, "no old key");
        let hook = |command, new| bench.with_keys(new, None, &["webhook", command, "--tenant-id=second"]);
        let made = hook("create", 7);
        assert_eq!(made.0, 0, "{}", made.1);
        bench.stop_a_rotation_at_the_second_tenant(database).await;
        // One tenant is wrapped anew, so each needs its own key, and both keys open both.
        let check = |new, old, tenant: &str| {
            let arguments = ["tenant", "check", &format!("--tenant-id={tenant}")];
            bench.with_keys(new, old, &arguments).0
        };
        assert_eq!((check(8, None, "acme"), check(7, None, "acme")), (0, 1));
        assert_eq!((check(8, None, "second"), check(7, None, "second")), (1, 0));
        assert_eq!((check(8, Some(7), "acme"), check(8, Some(7), "second")), (0, 0));

        let (code, told) = bench.with_keys(8, Some(7), &["keys", "rotate"]);
        assert_eq!(code, 0, "{told}");
        assert!(told.contains("of 1 tenants"), "what is left: {told}");
        let (code, told) = bench.with_keys(8, Some(7), &["keys", "rotate"]);
        assert_eq!(code, 0, "{told}");
        assert!(told.contains("of 0 tenants"), "given again: {told}");
        assert_eq!(
            hook("show", 8),
            made,
            "the webhook's secret is wrapped anew as well"
        );
        assert_eq!(bench.with_keys(8, None, &["import", "--tenant-id=acme"]).0, 0);
        let (code, told) = bench.with_keys(7, None, &["import", "--tenant-id=acme"]);
        assert_eq!(code, 1, "{told}");
        assert!(told.contains("is retired"), "{told}");
        assert_eq!(
            bench
                .with_keys(9, None, &["tenant", "check", "--tenant-id=acme"])
                .0,
            1,
            "a stranger's key"
        );
    }
}

impl Bench {
    /// A rotation that ends when the first of two tenants is wrapped anew: killed, or because the database fails.
    async fn stop_a_rotation_at_the_second_tenant(&self, database: Database) {
        if database == Database::Sqlite {
            let mut sqlite = SqliteConnection::connect(&self.database_url())
                .await
                .expect("connected");
            let failing = "create trigger stop before update of credentials on tenant_configs
                when old.tenant_id = 'second' begin select raise(abort, 'the disk is full'); end";
            sqlite.execute(failing).await.expect("made");
            let (code, told) = self.with_keys(8, Some(7), &["keys", "rotate"]);
            assert_eq!(code, 4, "{told}");
            sqlite.execute("drop trigger stop").await.expect("dropped");
            return;
        }
        let mut postgres = self.postgres().await;
        postgres.execute("begin").await.expect("begun");
        let hold = "select 1 from tenant_configs where tenant_id = 'second' for update";
        postgres.execute(hold).await.expect("held");
        let mut rotation = self
            .command(&["keys", "rotate"])
            .env("PRECEDENT_MASTER_KEY", key(8))
            .env("PRECEDENT_OLD_MASTER_KEY", key(7))
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        // It waits for the row that is held here.
        let waiting = "select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'";
        let mut others = self.postgres().await;
        while sqlx::query_scalar::<_, i64>(waiting)
            .fetch_one(&mut others)
            .await
            .expect("read")
            == 0
        {
            let ended = rotation.try_wait().expect("a process");
            assert!(ended.is_none(), "it ended before: {ended:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        rotation.kill().expect("killed");
        rotation.wait().expect("ended");
        // The server notices the loss when it writes to the connection, or not at all.
        let end = "select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'";
        others.execute(end).await.expect("ended");
        postgres.execute("rollback").await.expect("released");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_does_is_in_the_log() {
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = bench(database).await;
        bench.good(&[
            "tenant",
            "set",
            "--tenant-id=acme",
            "--requests-per-minute=50",
            "--keep-html",
        ]);
        bench.import();
        bench.good(&["verify", "--tenant-id=acme"]);
        bench.good(&["tenant", "remove", "--tenant-id=acme", "--yes"]);
        let (_, log, _) = bench.run(&["audit", "--tenant-id=acme"]);
        let actions: Vec<_> = log
            .lines()
            .filter_map(|line| line.split_once(") "))
            .map(|(_, what)| what)
            .collect();
        assert_eq!(
            actions,
            [
                "tenant remove: ",
                "verify: 27 the same, 0 missing, 0 stale, 0 gone, 0 rejected",
                "import: 90 days before..now",
                "tenant set: requests per minute, keep html",
                &format!("tenant add: {}", bench.simulator.url()),
            ]
        );
        let (_, whole, _) = bench.run(&["audit", "--json"]);
        assert!(
            whole.contains("db migrate") && whole.lines().count() > actions.len(),
            "{whole}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_tenants_helpdesk_is_on_the_internet() {
    let bench = bench(Database::Sqlite).await;
    let file = bench.home.path().join("credentials.json");
    std::fs::write(&file, "{\"api_key\": \"x\"}").expect("written");
    for (id, url) in [
        ("metadata", "https://169.254.169.254/latest"),
        ("private", "https://10.0.0.7:8443"),
        ("mapped", "https://[::ffff:192.168.0.1]"),
    ] {
        bench.good(&[
            "tenant",
            "add",
            "--tenant-id",
            id,
            "--name=X",
            "--edition=cloud",
            "--url",
            url,
            "--credentials-file",
            file.to_str().expect("plain"),
        ]);
        let (code, _, stderr) = bench.run(&["import", "--tenant-id", id]);
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains("within a private network"), "{stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_secrets_are_nowhere_but_in_their_envelope() {
    let mut searched = Vec::new();
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = bench(database).await;
        let mut look = |place: String, bytes: &[u8]| {
            for secret in [PLANTED, &key(7)] {
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
        let wrong = bench.with_keys(9, None, &["import", "--tenant-id=acme"]).1;
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
    /// Every table of ours as text.
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
