//! Every command in a document is run, against a simulated helpdesk and a scratch database.

use std::process::Command;

use servicedesk_sim::{Options, Rows, Simulator};

use crate::bench::finished;
use crate::scratch::Scratch;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The commands of a document's `sh` blocks, each block in one piece.
fn blocks(document: &str) -> Vec<String> {
    let text = std::fs::read_to_string(format!("{REPOSITORY}/{document}")).expect(document);
    text.split("```sh\n")
        .skip(1)
        .map(|block| block.split("```").next().expect("never empty").to_owned())
        .collect()
}

/// Runs a script in a folder of its own; example hosts become the simulator and the scratch database.
async fn run(script: &str) -> String {
    let options = Options {
        tickets: Some(250),
        rows: Rows::Full,
        ..Options::default()
    };
    let simulator = Simulator::start(options).await.expect("a helpdesk");
    let scratch = Scratch::new().await;
    let script = script
        .replace("https://desk.example.com", &simulator.url())
        .replace("postgres://precedent@db.example.com/platform", &scratch.url);
    let home = tempfile::tempdir().expect("a folder");
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_precedent"))
        .parent()
        .expect("a folder");
    let path = format!("{}:/usr/bin:/bin", binary.display());
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", path)
        .output()
        .expect("bash");
    let (code, stdout, stderr) = finished(output);
    assert_eq!(code, 0, "{script}\n{stdout}\n{stderr}");
    format!("{stdout}{stderr}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_begins_with_the_demo_and_the_tests_and_its_other_commands_work() {
    let mut blocks = blocks("README.md");
    assert_eq!(blocks.remove(0), "cargo run --release -- demo\n");
    assert_eq!(blocks.remove(0), "scripts/test\n");
    // The first is run by a test of its own; the second is what runs this test.
    let ci = std::fs::read_to_string(format!("{REPOSITORY}/.ci/run")).expect(".ci/run");
    assert!(ci.contains("scripts/test"));
    let output = run(&blocks.concat()).await;
    assert!(output.contains("Import complete: "), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_import_guide_work_in_order() {
    let output = run(&blocks("docs/import-guide.md").concat()).await;
    assert!(
        output.contains("up to date") && output.contains("removed tenant acme"),
        "{output}"
    );
}

#[test]
fn every_dependency_is_justified() {
    let manifest = std::fs::read_to_string(format!("{REPOSITORY}/Cargo.toml")).expect("the manifest");
    let reasons = std::fs::read_to_string(format!("{REPOSITORY}/docs/dependencies.md")).expect("the reasons");
    let (_, dependencies) = manifest.split_once("[workspace.dependencies]").expect("a table");
    let (dependencies, _) = dependencies.split_once("\n[profile").expect("another table");
    let named = dependencies
        .lines()
        .filter(|line| !line.starts_with('#') && !line.contains("path ="));
    for name in named
        .filter_map(|line| line.split_once(" ="))
        .map(|(name, _)| name)
    {
        let listed = reasons.lines().any(|line| {
            line.split('|')
                .nth(1)
                .is_some_and(|names| names.split(',').any(|listed| listed.trim() == name))
        });
        assert!(listed, "{name}");
    }
}
