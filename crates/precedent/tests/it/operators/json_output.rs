//! Output of each command with `--json`, compared with `docs/reference/json-output.md`.

mod comparison;
mod reference;

use serde_json::Value;
use servicedesk_sim::Options;
use sqlx::Executor;

use self::comparison::Comparison;
use self::reference::reference;
use crate::support::{Bench, Database, FIRST_RELEASE, MASTER_KEY, Server};

const ACME: &str = "--tenant-id=acme";

#[tokio::test(flavor = "multi_thread")]
async fn each_command_prints_the_fields_of_the_reference() {
    let options = Options {
        tickets: Some(60),
        days: 80,
        bad_every: 20,
        ..Options::default()
    };
    let bench = Bench::new(options).await;
    let mut all = Comparison::new(&bench);
    run_tenant_commands(&mut all);
    run_import_commands(&mut all);
    run_freshness_commands(&mut all);
    run_http_commands(&mut all).await;
    run_key_commands(&mut all);
    run_offline_commands(&mut all);
    run_migration(&mut all).await;
    all.assert_whole_reference_was_seen();
}

fn run_tenant_commands(all: &mut Comparison) {
    all.run("db status", &[]);
    let credentials = all.bench.home.path().join("credentials.json");
    let credentials = format!("--credentials-file={}", credentials.display());
    let url = format!("--url={}", all.bench.simulator.url());
    let named = ["--tenant-id=other", "--name=Other", "--edition=cloud"];
    all.run(
        "tenant add",
        &[&named[..], &[&url, "--allow-loopback", &credentials]].concat(),
    );
    all.run("tenant check", &[ACME]);
    all.run("tenant list", &[]);
    all.run("tenant show", &[ACME]);
    let set = all.run("tenant set", &[ACME, "--keep-html", "--keep-days=300"]);
    assert_eq!(set[0]["changed"], serde_json::json!(["keep_days", "keep_html"]));
}

fn run_import_commands(all: &mut Comparison) {
    all.run("import --detach", &[ACME]);
    all.run("jobs list", &[]);
    all.run("jobs retry", &[ACME]);
    all.run("jobs cancel", &[ACME]);
    all.run("import", &[ACME]);
    let runs = all.run("runs list", &[ACME]);
    let run = format!("--run-id={}", runs[0]["run_id"].as_str().expect("an id"));
    all.run("runs show", &[ACME, &run]);
    all.run("runs resume", &[ACME, &run]);
    let rejected = all.run("rejected list", &[ACME]);
    let key = format!("--key={}", rejected[0]["key"].as_str().expect("a key"));
    all.run("rejected show", &[ACME, &key]);
    all.run("rejected retry", &[ACME]);
}

fn run_freshness_commands(all: &mut Comparison) {
    all.run("tenant expire", &[ACME]);
    all.run("sync", &[ACME]);
    all.run("reconcile", &[ACME]);
    let desk = all.bench.simulator.desk();
    desk.delete(&desk.truth()[3].id).expect("deleted");
    all.run("verify", &[ACME]);
    all.run("search", &[ACME, "printer does not print"]);
}

async fn run_http_commands(all: &mut Comparison<'_>) {
    let token = all.run("token create", &[ACME, "--name=agent"]);
    let token = format!("--token-id={}", token[0]["token_id"].as_str().expect("an id"));
    all.run("token list", &[ACME]);
    all.run("token revoke", &[ACME, &token]);
    let server = Server::start(all.bench, &["--role=web"]);
    let public = format!("--public-url={}", server.url);
    let webhook = all.run("webhook create", &[ACME, &public]);
    all.run("webhook show", &[ACME, &public]);
    let text = |field: &str| webhook[0][field].as_str().expect("a text");
    let event = server
        .http
        .post(text("url"))
        .header(text("header"), text("secret"))
        .body(r#"{"id": "1"}"#);
    assert!(event.send().await.expect("an answer").status().is_success());
    all.run("inbox list", &[ACME]);
    all.run("inbox retry", &[ACME]);
    all.run("webhook rotate", &[ACME, &public]);
    server.stop();
}

fn run_key_commands(all: &mut Comparison) {
    all.run("audit", &[]);
    let key = all.run("keys generate", &[]);
    let key = key[0]["master_key"].as_str().expect("a key");
    let keys = [
        ("PRECEDENT_MASTER_KEY", key),
        ("PRECEDENT_OLD_MASTER_KEY", MASTER_KEY),
    ];
    all.run_with("keys rotate", &[], &keys);
    all.run("tenant remove", &[ACME, "--yes"]);
}

fn run_offline_commands(all: &mut Comparison) {
    all.run("demo", &["--tickets=100"]);
    let corpus = "{\"id\": 1, \"description\": \"vpn drops\"}\n";
    let corpus = format!("--corpus={}", all.bench.write("corpus.jsonl", corpus));
    let queries = "{\"qid\": 2, \"text\": \"vpn\", \"relevant\": [1]}\n";
    let queries = format!("--queries={}", all.bench.write("queries.jsonl", queries));
    all.run("eval", &[&corpus, &queries]);
}

async fn run_migration(all: &mut Comparison<'_>) {
    all.bench.good(&["db", "migrate", "--to=1"]);
    let mut postgres = all.bench.postgres().await;
    postgres.execute(FIRST_RELEASE).await.expect("an older table");
    let migrated = all.run("db migrate", &[]);
    assert_ne!(migrated[0]["duplicates"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_command_is_missing_from_the_reference() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let reference = reference();
    let commands: Vec<_> = bench
        .commands()
        .into_iter()
        .filter(|command| bench.subcommands(command).is_empty())
        .collect();
    assert!(commands.len() > 30, "{commands:?}");
    for command in commands {
        let command = command.join(" ");
        let prints_nothing = ["serve", "mcp"].contains(&command.as_str());
        assert_ne!(reference.contains_key(&command), prints_nothing, "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_an_object() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    for (arguments, code) in [
        (&["import", "--tenant-id=nobody"][..], 2),
        (&["import"], 1),
        (&["frobnicate"], 1),
        (&["import", "--tenant-id=acme", "--log-level=loud"], 1),
    ] {
        let (ended, stdout, stderr) = bench.run(&[arguments, &["--json"]].concat());
        assert_eq!((ended, stdout.as_str()), (code, ""), "{arguments:?}: {stderr}");
        let last = stderr.lines().last().expect("an error");
        let error: Value = serde_json::from_str(last).expect(last);
        assert_eq!(error["exit_code"], code, "{error}");
        assert!(
            error["level"] == "ERROR" && error["message"].is_string() && error["causes"].is_array(),
            "{error}"
        );
    }
}
