//! Every command keeps the embedded database up to date.

use std::process::{Command, Stdio};

use servicedesk_sim::{Edition, Options};
use sqlx::{Connection, Executor, SqliteConnection};

use crate::support::{Bench, Database, finished};

async fn bench() -> Bench {
    let options = Options {
        tickets: Some(30),
        edition: Edition::OnPremises,
        ..Options::default()
    };
    let bench = Bench::on(Database::Sqlite, options).await;
    let url = bench.simulator.url();
    let file = bench.home.path().join("credentials.json");
    let arguments = [
        "tenant",
        "add",
        "--tenant-id=home",
        "--name=Home",
        "--edition=on-premises",
    ];
    let file = file.to_str().expect("plain");
    let more = ["--url", &url, "--allow-loopback", "--credentials-file", file];
    good(&bench, &[&arguments[..], &more].concat());
    good(&bench, &["import", "--tenant-id=home", "--days=90"]);
    bench
}

/// Returns a command on the embedded database.
fn embedded(bench: &Bench, arguments: &[&str]) -> Command {
    let mut command = bench.command(arguments);
    command
        .env_remove("DATABASE_URL")
        .env_remove("PRECEDENT_MASTER_KEY");
    command
}

#[track_caller]
fn good(bench: &Bench, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = run(bench, arguments);
    assert_eq!(code, 0, "{arguments:?}\n{stderr}");
    stdout
}

fn run(bench: &Bench, arguments: &[&str]) -> (i32, String, String) {
    finished(embedded(bench, arguments).output().expect("started"))
}

fn version(bench: &Bench) -> i64 {
    let status = good(bench, &["db", "status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status).expect("an object");
    status["current"].as_i64().expect("a number")
}

/// Runs a command in two processes at the same time.
#[track_caller]
fn two_at_once(bench: &Bench, arguments: &[&str]) {
    let processes = [(); 2].map(|()| {
        embedded(bench, arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started")
    });
    for process in processes {
        let (code, _, stderr) = finished(process.wait_with_output().expect("ended"));
        assert_eq!(code, 0, "{stderr}");
    }
}

async fn open(bench: &Bench) -> SqliteConnection {
    let file = bench.home.path().join(".local/share/precedent/precedent.db");
    let url = format!("sqlite://{}", file.display());
    SqliteConnection::connect(&url).await.expect("connected")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_two_processes_migrates_an_older_database() {
    let bench = bench().await;
    let latest = version(&bench);
    let before = good(&bench, &["search", "--tenant-id=home", "--json", "vpn"]);
    for older in [5, 13] {
        good(&bench, &["db", "migrate", &format!("--to={older}")]);
        assert_eq!(version(&bench), older, "a look at the schema changes nothing");
        two_at_once(&bench, &["tenant", "list"]);
        assert_eq!(version(&bench), latest);
    }
    // The way down lost this setting.
    good(&bench, &["tenant", "set", "--tenant-id=home", "--allow-loopback"]);
    good(&bench, &["import", "--tenant-id=home", "--days=90"]);
    assert_eq!(
        good(&bench, &["search", "--tenant-id=home", "--json", "vpn"]),
        before
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_two_processes_creates_a_new_database() {
    let bench = bench().await;
    let folder = bench.home.path().join(".local/share/precedent");
    for _ in 0..3 {
        std::fs::remove_dir_all(&folder).expect("removed");
        two_at_once(&bench, &["tenant", "list"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_migration_is_rolled_back() {
    let bench = bench().await;
    let latest = version(&bench);
    good(&bench, &["db", "migrate", "--to=5"]);
    let mut database = open(&bench).await;
    // The ninth migration adds this column; the migrations before it succeed.
    let change = "alter table ticket_history add column expired_at text";
    database.execute(change).await.expect("changed");
    let (code, _, stderr) = run(&bench, &["tenant", "list"]);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("nothing was changed"), "{stderr}");
    assert_eq!(version(&bench), 5);
    let columns: Vec<(String,)> =
        sqlx::query_as("select name from pragma_table_info('tenant_configs') where name = 'language'")
            .fetch_all(&mut database)
            .await
            .expect("read");
    assert_eq!(columns, [], "of the seventh, which is rolled back");
    let change = "alter table ticket_history drop column expired_at";
    database.execute(change).await.expect("changed");
    assert!(good(&bench, &["tenant", "list"]).contains("home"));
    assert_eq!(version(&bench), latest);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_database_is_refused_and_not_changed() {
    let bench = bench().await;
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (99, 'later', 1, x'00', 0)";
    open(&bench).await.execute(newer).await.expect("changed");
    let (code, _, stderr) = run(&bench, &["tenant", "list"]);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("newer"), "{stderr}");
    assert_eq!(version(&bench), 99);
}
