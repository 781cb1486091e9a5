//! The program prints one line, and ends with its parent.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_servicedesk-sim"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start")
}

#[test]
fn the_program_prints_its_url_and_stops_with_its_parent() {
    let mut child = start(&[
        "--tickets",
        "7",
        "--edition",
        "on-premises",
        "--until-stdin-closes",
    ]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let line: Value = serde_json::from_str(&line).expect("JSON");
    assert!(
        line["url"]
            .as_str()
            .is_some_and(|url| url.starts_with("http://127.0.0.1:"))
    );
    assert_eq!(line["tickets"], 7);
    assert_eq!(line["credentials"]["authtoken"], "SIM-TECHNICIAN-KEY");
    drop(child.stdin.take());
    assert!(child.wait().expect("end").success());
}

#[test]
fn a_wrong_fault_is_refused_at_the_start() {
    let output = start(&["--fault", "boom"]).wait_with_output().expect("end");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no kind of fault is called boom"));
}
