//! Every command in a document runs, against a simulated helpdesk and an empty database.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use servicedesk_sim::{Options, Rows, Simulator};

use crate::support::{Scratch, finished, python_folder};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Setup that the guides expect.
const ONBOARD: &str = "echo '{\"api_key\": \"sim-api-key\"}' > acme.json
    chmod 600 acme.json
    precedent tenant add --tenant-id=acme --name=Acme --edition=cloud --url=https://desk.example.com --credentials-file=acme.json
    precedent import --tenant-id=acme --days=90\n";

/// Returns an address that was free a moment ago.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

/// Returns the `sh` blocks of a document.
fn blocks(document: &str) -> Vec<String> {
    let text = std::fs::read_to_string(format!("{REPOSITORY}/{document}")).expect(document);
    text.split("```sh\n")
        .skip(1)
        .map(|block| block.split("```").next().expect("never empty").to_owned())
        .collect()
}

/// Returns the `python` blocks of a document with the names in their first lines.
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

/// Returns the part of the scratch database's URL after the user.
fn server_of(scratch: &Scratch) -> String {
    let (_, server) = scratch.url.split_once('@').expect("a URL with a user");
    format!("@{server}")
}

/// Runs a script in an empty folder; example hosts become the simulator and the scratch database.
async fn run(script: &str) -> String {
    run_with(script, &[], "").await
}

/// Runs a script beside programs, with another folder of commands.
async fn run_with(script: &str, programs: &[(String, String)], commands: &str) -> String {
    let options = Options {
        tickets: Some(250),
        rows: Rows::Full,
        ..Options::default()
    };
    let simulator = Simulator::start(options).await.expect("a helpdesk");
    let scratch = Scratch::new().await;
    let script = script
        .replace(
            "https://desk.example.com",
            &format!("{} --allow-loopback", simulator.url()),
        )
        .replace("postgres://precedent@db.example.com/platform", &scratch.url)
        .replace("@db.example.com/platform", &server_of(&scratch));
    let home = tempfile::tempdir().expect("a folder");
    let binary = Path::new(env!("CARGO_BIN_EXE_precedent"))
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
async fn the_commands_of_the_readme_work() {
    let mut blocks = blocks("README.md");
    assert_eq!(blocks.remove(0), "cargo run --release -- demo\n");
    assert_eq!(blocks.remove(0), "scripts/test\n");
    // Another test runs the first; the second runs this test.
    let ci = std::fs::read_to_string(format!("{REPOSITORY}/.ci/run")).expect(".ci/run");
    assert!(ci.contains("scripts/test"));
    let output = run(&blocks.concat()).await;
    assert!(output.contains("Import complete: "), "{output}");
}

/// Runs some blocks of the import guide in order, after the first, which adds the tenant and imports its tickets.
async fn run_import_guide(later: std::ops::Range<usize>) -> String {
    let blocks = blocks("docs/import-guide.md");
    assert_eq!(blocks.len(), 8, "a test runs each block");
    run(&(blocks[0].clone() + &blocks[later].concat())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_imports_of_the_import_guide_work() {
    let output = run_import_guide(1..2).await;
    assert!(output.contains("up to date"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_of_the_import_guide_work() {
    let output = run_import_guide(2..3).await;
    assert!(output.contains("german"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_upkeep_of_the_import_guide_works() {
    let output = run_import_guide(3..6).await;
    assert!(output.contains("Reconciliation complete"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_removal_and_the_keys_of_the_import_guide_work() {
    let output = run_import_guide(6..8).await;
    assert!(output.contains("removed tenant acme"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_logins_of_the_database_guide_work() {
    let blocks = blocks("docs/database.md");
    assert_eq!(blocks.len(), 2, "a test runs each block");
    // Roles belong to the whole server.
    let unique = format!("precedent_app_{}", uuid::Uuid::new_v4().simple());
    let script = blocks
        .concat()
        .replace("precedent_app", &unique)
        .replace("precedent_admin", &format!("{unique}_2"));
    let server = std::env::var("PRECEDENT_TEST_POSTGRES").expect("a server");
    let drop_roles = format!("psql --quiet '{server}' --command='drop role {unique}, {unique}_2'\n");
    let output = run(&(script + &drop_roles)).await;
    assert!(output.contains("up to date\n"), "{output}");
    assert!(
        !output.contains("not isolated") && !output.contains("note:"),
        "{output}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_for_agent_developers_works_with_other_vendors_clients() {
    let address = free_address();
    let guide = blocks("docs/agent-guide.md")
        .concat()
        .replace("127.0.0.1:8080", &address);
    let programs = programs("docs/agent-guide.md");
    assert_eq!(programs.len(), 2);
    let output = run_with(&(ONBOARD.to_owned() + &guide), &programs, &python_folder()).await;
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
