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

/// A command with what is wrong around it, and how it ends.
struct Trouble {
    what: &'static str,
    arguments: Vec<String>,
    /// Environment variables, and their values.
    around: Vec<(&'static str, String)>,
    code: i32,
    /// Part of the error's words.
    words: &'static str,
}

/// The table of the import guide, as far as one command and its surroundings can show it.
fn troubles(bench: &Bench) -> Vec<Trouble> {
    let home = bench.home.path();
    let place = |name: &str| home.join(name).display().to_string();
    // A file where a folder should be: no user may write there, not even root.
    let file = place("a-file");
    std::fs::write(&file, "not a folder").expect("written");
    let garbage = place("garbage.db");
    std::fs::write(&garbage, "this is no database, but long enough to be looked at").expect("written");
    let key = place("half.key");
    std::fs::write(&key, "BwcH\n").expect("written");
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("closed");
    let corpus = place("corpus.jsonl");
    std::fs::write(&corpus, "{\"id\": 1, \"description\": \"vpn\"}\n").expect("written");
    let empty = String::new;
    let trouble = |what, arguments: &[&str], around: Vec<_>, code, words| Trouble {
        what,
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        around,
        code,
        words,
    };
    let import = ["import", "--tenant-id=acme"];
    let search = ["search", "--tenant-id=acme", "vpn"];
    let inside = format!("{file}/inside");
    let embedded = vec![("DATABASE_URL", empty()), ("XDG_DATA_HOME", inside.clone())];
    let on_garbage = vec![("DATABASE_URL", format!("sqlite://{garbage}"))];
    let nowhere = vec![("DATABASE_URL", format!("sqlite://{inside}/test.db"))];
    let key_file = |file: &str| {
        vec![
            ("PRECEDENT_MASTER_KEY", empty()),
            ("PRECEDENT_MASTER_KEY_FILE", file.to_owned()),
        ]
    };
    let credentials = format!("--credentials-file={inside}");
    let certificate = format!("--ca-certificate={inside}");
    let corpus = format!("--corpus={corpus}");
    let queries = format!("--queries={inside}");
    let same_queries = corpus.replace("--corpus", "--queries");
    let set = ["tenant", "set", "--tenant-id=acme"];
    vec![
        trouble("no key file", &import, key_file(&inside), 1, "cannot be read"),
        trouble("half a key", &import, key_file(&key), 1, "not base64 of 32 bytes"),
        trouble(
            "no credentials file",
            &[&set[..], &[&credentials]].concat(),
            vec![],
            1,
            "cannot be read",
        ),
        trouble(
            "no certificate",
            &[&set[..], &[&certificate]].concat(),
            vec![],
            1,
            "cannot be read",
        ),
        trouble(
            "no queries",
            &["eval", &corpus, &queries],
            vec![],
            1,
            "cannot be read",
        ),
        trouble(
            "broken queries",
            &["eval", &corpus, &same_queries],
            vec![],
            1,
            "is not as expected",
        ),
        trouble(
            "no folder for temporary files",
            &["eval", &corpus, &same_queries],
            vec![("TMPDIR", inside.clone())],
            1,
            "",
        ),
        trouble(
            "no cache folder",
            &search,
            vec![("XDG_CACHE_HOME", inside.clone())],
            1,
            "cannot be made",
        ),
        trouble(
            "no cache folder",
            &["tenant", "remove", "--tenant-id=acme", "--yes", "--erase"],
            vec![("XDG_CACHE_HOME", inside.clone())],
            1,
            "cannot be made",
        ),
        trouble(
            "no data folder",
            &["tenant", "list"],
            embedded,
            1,
            "cannot be made",
        ),
        trouble(
            "no database file",
            &["tenant", "list"],
            nowhere,
            4,
            "the database failed",
        ),
        trouble(
            "a file that is no database",
            &["tenant", "list"],
            on_garbage,
            4,
            "the database failed",
        ),
        trouble(
            "no such tenant",
            &["search", "--tenant-id=nobody", "vpn"],
            vec![],
            2,
            "not found",
        ),
        trouble(
            "no such tenant",
            &["rejected", "list", "--tenant-id=nobody"],
            vec![],
            2,
            "not found",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_has_its_code() {
    let bench = bench().await;
    bench.import();
    let mut wrong = Vec::new();
    for trouble in troubles(&bench) {
        let arguments: Vec<_> = trouble.arguments.iter().map(String::as_str).collect();
        let mut command = bench.command(&arguments);
        command.envs(trouble.around.clone());
        let (code, _, stderr) = finished(command.output().expect("started"));
        if code != trouble.code || !stderr.contains(trouble.words) {
            wrong.push(format!(
                "{}: {arguments:?} ended with {code} instead of {}: {stderr}",
                trouble.what, trouble.code
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    bench.good(&["search", "--tenant-id=acme", "vpn"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_cannot_be_written_is_1_and_one_that_is_damaged_is_made_anew() {
    let bench = bench().await;
    bench.import();
    let search = ["search", "--tenant-id=acme", "vpn"];
    bench.good(&search);
    let cache = bench.home.path().join(".cache/precedent/search");
    let mut folders = vec![cache.clone()];
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
async fn refused_credentials_are_3_for_whatever_needs_the_helpdesk() {
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
    let source = include_str!("../../src/exit.rs");
    let guide = include_str!("../../../../docs/import-guide.md");
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
