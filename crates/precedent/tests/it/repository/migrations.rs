//! A released migration is never edited: databases that have it would refuse the program.

use std::path::Path;
use std::process::Command;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Folder of the migrations, from the root of the repository.
const MIGRATIONS: &str = "crates/store/migrations";

/// Runs git; returns its output, or the reason why there is none.
fn git(arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(REPOSITORY)
        .args(arguments)
        .output()
        .map_err(|error| format!("git does not run: {error}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

/// Returns the newest tag `v*` of the history.
fn newest_release() -> Result<String, String> {
    let tag = git(&["describe", "--tags", "--abbrev=0", "--match=v*"])?;
    Ok(String::from_utf8_lossy(&tag).trim().to_owned())
}

/// Returns the names of the migrations at a tag.
fn released(tag: &str) -> Vec<String> {
    let names = git(&["ls-tree", "-r", "--full-tree", "--name-only", tag, MIGRATIONS]).expect("a tree");
    let names = String::from_utf8(names).expect("UTF-8");
    names.lines().map(str::to_owned).collect()
}

#[test]
fn released_migrations_are_not_edited() {
    let tag = match newest_release() {
        Ok(tag) => tag,
        Err(reason) => {
            println!("no release to compare the migrations with: {reason}");
            return;
        }
    };
    let released = released(&tag);
    assert!(!released.is_empty(), "{tag} has no {MIGRATIONS}");
    let is_edited = |name: &&String| {
        let content = git(&["show", &format!("{tag}:{name}")]).expect("a file");
        std::fs::read(Path::new(REPOSITORY).join(name)).ok() != Some(content)
    };
    let edited: Vec<_> = released.iter().filter(is_edited).collect();
    assert!(
        edited.is_empty(),
        "{edited:#?} differ from {tag}: add a migration instead of editing a released one"
    );
    println!("{} migrations are those of {tag}", released.len());
}
