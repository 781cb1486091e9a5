//! Files of this program and files with secrets: closed to other users.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use servicedesk_sim::Options;

use crate::support::{Bench, Database, Server, finished};

/// Runs a command with the file mode mask of most systems.
fn run(bench: &Bench, arguments: &[&str]) -> (i32, String, String) {
    let command = bench.command(arguments);
    let mut masked = Command::new("sh");
    masked
        .args(["-c", "umask 022; exec \"$0\" \"$@\""])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        masked.env(name, value.expect("set"));
    }
    finished(masked.output().expect("started"))
}

#[track_caller]
fn assert_closed(folder: &Path) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        let mode = path.symlink_metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} {mode:o}", path.display());
        files += if path.is_dir() { assert_closed(&path) } else { 1 };
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_locks_and_indexes_are_closed_to_others() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    for command in [
        &["import", "--tenant-id=acme", "--days=90"][..],
        &["search", "--tenant-id=acme", "vpn"],
    ] {
        let (code, _, stderr) = run(&bench, command);
        assert_eq!(code, 0, "{stderr}");
    }
    // A process that has the database open keeps its journal.
    let _server = Server::start(&bench, &[]);
    let files = assert_closed(bench.home.path());
    assert!(files > 8, "{files}");
    assert!(bench.home.path().join("test.db-wal").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_others_may_write_is_closed() {
    let bench = Bench::with_imported_tickets(Database::Sqlite, 20).await;
    bench.good(&["search", "--tenant-id=acme", "vpn"]);
    let cache = bench.home.path().join(".cache/precedent");
    for folder in [cache.clone(), cache.join("search")] {
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("opened");
    }
    let stderr = bench.good(&["search", "--tenant-id=acme", "vpn"]);
    assert!(stderr.contains("closed the folder"), "{stderr}");
    assert_closed(&cache);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_in_files_that_others_may_read_are_refused() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let file = bench.write("secret", "{\"api_key\": \"planted\"}");
    let config = bench.write(
        "config.toml",
        "database_url = \"postgres://me:planted@localhost/none\"",
    );
    let url = bench.write("url", bench.database_url());
    let by_file = bench.write("by-file.toml", format!("database_url_file = \"{url}\""));
    let set = ["tenant", "set", "--tenant-id=acme", "--credentials-file", &file];
    let refused = |arguments: &[&str], with_url: bool| {
        let mut command = bench.command(arguments);
        if !with_url {
            command.env_remove("DATABASE_URL");
        }
        let (code, stdout, stderr) = finished(command.output().expect("started"));
        assert!(!format!("{stdout}{stderr}").contains("planted"), "{stderr}");
        stderr.contains("is open to others").then_some(code)
    };
    assert_eq!(refused(&set, true), None);
    assert_eq!(refused(&["tenant", "list", "--config", &by_file], false), None);
    for mode in [0o640, 0o604, 0o602] {
        for file in [&file, &config, &url] {
            fs::set_permissions(file, Permissions::from_mode(mode)).expect("opened");
        }
        assert_eq!(refused(&set, true), Some(1), "{mode:o}");
        assert_eq!(
            refused(&["tenant", "list", "--config", &config], false),
            Some(1),
            "{mode:o}"
        );
        assert_eq!(
            refused(&["tenant", "list", "--config", &by_file], false),
            Some(1),
            "{mode:o}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_of_a_server_is_never_dumped() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let server = Server::start(&bench, &[]);
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.id())).expect("Linux");
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .expect("a limit");
    let values: Vec<_> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(values, ["0", "0"], "{core}");
    // The system gives the files of a process without dumps to root.
    let found = fs::metadata(format!("/proc/{}/environ", server.id())).expect("there");
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&found), 0);
}
