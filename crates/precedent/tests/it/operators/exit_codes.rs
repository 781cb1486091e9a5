//! Exit codes, one by one, and the messages that come with them.

use std::path::{Path, PathBuf};

use servicedesk_sim::{Options, Rows};

use crate::support::{Bench, Database, finished};

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
async fn an_unreachable_helpdesk_is_3() {
    let bench = bench().await;
    let file = bench.home.path().join("credentials.json");
    let file = format!("--credentials-file={}", file.display());
    let url = "--url=http://127.0.0.1:9";
    let (code, _, stderr) = bench.run(&["tenant", "set", "--tenant-id=acme", url, &file]);
    assert_eq!(code, 0, "{stderr}");
    let (code, _, stderr) = bench.run(&["import", "--tenant-id=acme"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(
        stderr.contains("tenant acme") && stderr.contains("caused by"),
        "{stderr}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_or_unmigrated_database_is_4() {
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

/// Returns all files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unwritable_index_is_1_and_a_damaged_index_is_rebuilt() {
    let bench = bench().await;
    bench.import();
    let search = ["search", "--tenant-id=acme", "vpn"];
    bench.good(&search);
    let cache = bench.home.path().join(".cache/precedent/search");
    let files = files(&cache);
    assert!(files.len() > 3, "{files:?}");
    for file in &files {
        std::fs::write(file, "damaged").expect("written");
    }
    bench.good(&search);

    std::fs::remove_dir_all(&cache).expect("removed");
    std::fs::write(&cache, "not a folder").expect("written");
    let (code, _, stderr) = bench.run(&search);
    assert_eq!(code, 1, "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_are_3_for_each_command() {
    let bench = bench().await;
    bench.import();
    let fault = "status:code=401,every=1".parse().expect("a fault");
    bench.simulator.desk().add_fault(fault);
    for command in ["import", "sync", "reconcile", "verify"] {
        let (code, _, stderr) = bench.run(&[command, "--tenant-id=acme"]);
        assert_eq!(code, 3, "{command}: {stderr}");
    }
    let (code, _, stderr) = bench.run(&["tenant", "check", "--tenant-id=acme"]);
    assert_eq!(code, 3, "{stderr}");
}

#[test]
fn the_guide_and_the_help_name_every_code() {
    let read = |file: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(folder.join(file)).expect(file)
    };
    let source = read("src/exit.rs");
    let guide = read("../../docs/import-guide.md");
    let (_, codes) = source
        .split_once("pub(crate) enum ExitCode {")
        .expect("the codes");
    let (codes, _) = codes.split_once("\n}").expect("their end");
    let codes: Vec<_> = codes
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(_, code)| code.trim_end_matches(','))
        .collect();
    assert_eq!(codes, ["0", "1", "2", "3", "4", "5", "130"]);
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_precedent"))
        .arg("--help")
        .output();
    let (_, help, _) = finished(help.expect("started"));
    let (_, help) = help.split_once("Exit codes: ").expect("the codes");
    for code in codes {
        assert!(guide.contains(&format!("| {code} | ")), "{code} in the guide");
        assert!(
            help.split([' ', '\n', ',']).any(|word| word == code),
            "{code} in the help"
        );
    }
}
