//! Standard output and standard error that are closed or cannot be written.

use std::fs::File;
use std::process::Stdio;

use servicedesk_sim::{Options, Rows};

use crate::support::{Bench, Database, finished};

async fn bench() -> Bench {
    let options = Options {
        tickets: Some(250),
        days: 80,
        rows: Rows::Full,
        bad_every: 50,
        ..Options::default()
    };
    Bench::on(Database::Sqlite, options).await
}

impl Bench {
    /// Runs a command with a pipe without a reader as stdout; returns exit code and stderr.
    fn unread(&self, arguments: &[&str]) -> (i32, String) {
        let mut process = self
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        // The command has not opened its database yet.
        drop(process.stdout.take());
        let (code, _, stderr) = finished(process.wait_with_output().expect("ended"));
        (code, stderr)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_ends_without_an_error_when_its_reader_leaves() {
    let bench = bench().await;
    bench.import();
    bench.good(&["token", "create", "--tenant-id=acme", "--name=agent"]);
    bench.good(&["import", "--tenant-id=acme", "--detach"]);
    for command in [
        &["audit"][..],
        &["tenant", "list"],
        &["tenant", "show", "--tenant-id=acme"],
        &["runs", "list", "--tenant-id=acme"],
        &["rejected", "list", "--tenant-id=acme"],
        &["jobs", "list"],
        &["token", "list", "--tenant-id=acme"],
        &["search", "--tenant-id=acme", "printer"],
    ] {
        for json in [&[][..], &["--json"]] {
            let arguments = [command, json].concat();
            let (code, stderr) = bench.unread(&arguments);
            assert_eq!((code, stderr.as_str()), (0, ""), "{arguments:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_without_a_reader_completes_its_work() {
    let bench = bench().await;
    let (code, stderr) = bench.unread(&["import", "--tenant-id=acme", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    bench.assert_complete().await;
    let set = ["tenant", "set", "--tenant-id=acme", "--name=Changed"];
    let (code, stderr) = bench.unread(&set);
    assert_eq!(code, 0, "{stderr}");
    let (_, shown, _) = bench.run(&["tenant", "show", "--tenant-id=acme"]);
    assert!(shown.contains("Changed"), "{shown}");
    // The exit code still shows the result.
    let ids = bench.simulator.desk().truth();
    bench.simulator.desk().delete(&ids[3].id).expect("deleted");
    let (code, stderr) = bench.unread(&["verify", "--tenant-id=acme"]);
    assert_eq!(code, 5, "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_a_reader_stops_no_command() {
    let bench = bench().await;
    for json in [&[][..], &["--json"]] {
        let mut process = bench
            .command(&[&["import", "--tenant-id=acme"][..], json].concat())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        drop(process.stderr.take());
        assert_eq!(process.wait().expect("ended").code(), Some(0), "{json:?}");
        bench.assert_complete().await;
    }
    // An error keeps its exit code, too.
    let mut process = bench
        .command(&["import", "--tenant-id=nobody"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    drop(process.stderr.take());
    assert_eq!(process.wait().expect("ended").code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_cannot_be_written_is_an_error() {
    let bench = bench().await;
    for arguments in [&["audit"][..], &["db", "status"], &["tenant", "list", "--json"]] {
        let full = File::options().write(true).open("/dev/full").expect("Linux");
        let output = bench
            .command(arguments)
            .stdout(full)
            .stderr(Stdio::piped())
            .output();
        let (code, _, stderr) = finished(output.expect("started"));
        assert_eq!(code, 1, "{arguments:?}: {stderr}");
        assert!(stderr.contains("standard output cannot be written"), "{stderr}");
    }
}
