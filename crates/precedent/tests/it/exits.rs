//! Exit codes, one by one, and the words that come with them.

use servicedesk_sim::{Options, Rows};

use crate::bench::{Bench, Database, finished};

async fn bench() -> Bench {
    let options = Options {
        tickets: Some(30),
        rows: Rows::Full,
        ..Options::default()
    };
    Bench::on(Database::Sqlite, options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn success_is_0_for_results_and_for_help() {
    let bench = bench().await;
    bench.import();
    bench.good(&["--help"]);
    bench.good(&["--version"]);
    bench.good(&["import", "--help"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_usage_is_1() {
    let bench = bench().await;
    for arguments in [
        &[][..],
        &["import"],
        &["import", "--tenant-id=acme", "--days=many"],
        &["import", "--tenant-id=acme", "--days=0"],
        &["import", "--tenant-id=ac me"],
        &["import", "--tenant-id=acme", "--start-date=31.12.2025"],
        &[
            "import",
            "--tenant-id=acme",
            "--start-date=2026-02-01",
            "--end-date=2026-01-01",
        ],
        &["import", "--tenant-id=acme", "--log-level=loud"],
        &["import", "--tenant-id=acme", "--config=/nowhere.toml"],
        &["frobnicate"],
        &[
            "tenant",
            "add",
            "--tenant-id=x",
            "--name=X",
            "--edition=cloud",
            "--url=http://desk.example.com",
        ],
        &["tenant", "remove", "--tenant-id=acme"],
        &["db", "migrate", "--to=99"],
    ] {
        let (code, _, stderr) = bench.run(arguments);
        assert_eq!(code, 1, "{arguments:?}: {stderr}");
        assert!(!stderr.is_empty(), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_tenant_is_2() {
    let bench = bench().await;
    for arguments in [
        &["import", "--tenant-id=nobody"][..],
        &["tenant", "show", "--tenant-id=nobody"],
    ] {
        let (code, _, stderr) = bench.run(arguments);
        assert_eq!(code, 2, "{stderr}");
        assert!(
            stderr.contains("tenant nobody not found") && stderr.contains("precedent tenant list"),
            "{stderr}"
        );
    }
    let (code, _, stderr) = bench.run(&["import", "--tenant-id=nobody", "--json"]);
    let error: serde_json::Value = serde_json::from_str(stderr.trim()).expect("one object");
    assert_eq!((code, &error["exit_code"]), (2, &2.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helpdesk_that_is_away_is_3() {
    let bench = bench().await;
    let (code, _, stderr) = bench.run(&["tenant", "set", "--tenant-id=acme", "--url=http://127.0.0.1:9"]);
    assert_eq!(code, 0, "{stderr}");
    let (code, _, stderr) = bench.run(&["import", "--tenant-id=acme"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(
        stderr.contains("tenant acme") && stderr.contains("caused by"),
        "{stderr}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_or_not_migrated_is_4() {
    let bench = bench().await;
    let away = bench
        .command(&["import", "--tenant-id=acme"])
        .env("DATABASE_URL", "postgres://user:planted-password@127.0.0.1:9/x")
        .output()
        .expect("started");
    let (code, _, stderr) = finished(away);
    assert_eq!(code, 4, "{stderr}");
    assert!(!stderr.contains("planted-password"), "{stderr}");

    bench.good(&["db", "migrate", "--to=0"]);
    let (code, _, stderr) = bench.run(&["import", "--tenant-id=acme"]);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("precedent db migrate"), "{stderr}");
}
