//! Everything that the program prints passes two files, which escape texts from outside. A worker process also reports
//! numbers to the service.

use super::sources::{crates, sources_of};

/// Files that write to standard output or standard error.
const WRITERS: [&str; 3] = ["cli/output.rs", "setup/logs.rs", "workers/reporter.rs"];

/// Crates that are not part of the program, or print nothing but their own words.
const OTHERS: [&str; 2] = ["servicedesk-sim", "fuzz"];

#[test]
fn no_other_file_writes_to_a_terminal() {
    let ours = crates()
        .into_iter()
        .filter(|folder| !OTHERS.iter().any(|other| folder.ends_with(other)));
    let mut writers = 0;
    for file in ours.flat_map(|folder| sources_of(&folder.join("src"))) {
        if WRITERS.iter().any(|writer| file.ends_with(writer)) {
            writers += 1;
            continue;
        }
        let source = std::fs::read_to_string(&file).expect("readable");
        for (number, line) in (1..).zip(source.lines()) {
            let line = line
                .replace("::stdout().is_terminal()", "")
                .replace("::stderr().is_terminal()", "");
            let prints = [
                "::stdout()",
                "::stderr()",
                "println!",
                "eprintln!",
                "print!(",
                "/dev/tty",
            ];
            let found = prints.iter().find(|call| line.contains(**call));
            assert!(found.is_none(), "{}:{number} prints: {line}", file.display());
        }
    }
    assert_eq!(writers, WRITERS.len());
}
