//! Every command in a document is run, against a simulated helpdesk and a scratch database.

use std::process::Command;

use servicedesk_sim::{Options, Rows, Simulator};

use crate::bench::finished;
use crate::clients::commands;
use crate::scratch::Scratch;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// What the guides begin with.
const ONBOARD: &str = "echo '{\"api_key\": \"sim-api-key\"}' > acme.json
    precedent tenant add --tenant-id=acme --name=Acme --edition=cloud --url=https://desk.example.com --credentials-file=acme.json
    precedent import --tenant-id=acme --days=90\n";

/// Where nobody listens, a moment ago.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

/// The commands of a document's `sh` blocks, each block in one piece.
fn blocks(document: &str) -> Vec<String> {
    let text = std::fs::read_to_string(format!("{REPOSITORY}/{document}")).expect(document);
    text.split("```sh\n")
        .skip(1)
        .map(|block| block.split("```").next().expect("never empty").to_owned())
        .collect()
}

/// The programs of a document's `python` blocks, by the name in their first line.
fn programs(document: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(format!("{REPOSITORY}/{document}")).expect(document);
    let program = |block: &str| {
        let program = block.split("```").next().expect("never empty");
        let name = program
            .trim_start_matches("# ")
            .split(':')
            .next()
            .expect("a name");
        (name.to_owned(), program.to_owned())
    };
    text.split("```python\n").skip(1).map(program).collect()
}

/// Runs a script in a folder of its own; example hosts become the simulator and the scratch database.
async fn run(script: &str) -> String {
    run_with(script, &[], "").await
}

/// The same beside programs, with a folder of commands more.
async fn run_with(script: &str, programs: &[(String, String)], commands: &str) -> String {
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
    for (name, program) in programs {
        std::fs::write(home.path().join(name), program).expect("written");
    }
    let path = format!("{}:{commands}:/usr/bin:/bin", binary.display());
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

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_for_agent_developers_works_with_clients_that_are_not_ours() {
    let address = free_address();
    let guide = blocks("docs/agent-guide.md")
        .concat()
        .replace("127.0.0.1:8080", &address);
    let programs = programs("docs/agent-guide.md");
    assert_eq!(programs.len(), 2);
    let output = run_with(&(ONBOARD.to_owned() + &guide), &programs, &commands()).await;
    let tools = output.matches("get_ticket search_similar_tickets").count();
    assert_eq!(tools, 2, "over HTTP and on standard input and output: {output}");
    assert!(output.contains("\"results\":[{"), "curl: {output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_webhook_guide_work() {
    let address = free_address();
    let guide = blocks("docs/webhooks.md").concat();
    let onboard = ONBOARD.to_owned() + &guide.replace("127.0.0.1:8080", &address);
    let output = run(&onboard).await;
    assert!(output.contains("x-precedent-secret: whsec_"), "{output}");
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
