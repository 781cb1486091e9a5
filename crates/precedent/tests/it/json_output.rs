//! What each command prints with `--json` is what `docs/reference/json-output.md` says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use servicedesk_sim::Options;
use sqlx::Executor;

use crate::adopt::FIRST_RELEASE;
use crate::bench::{Bench, finished};
use crate::server::Server;

/// Types by field.
type Schema = BTreeMap<String, String>;

/// Of each command of the page, the schemas of its objects.
fn page() -> BTreeMap<String, Vec<Schema>> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/json-output.md");
    let text = std::fs::read_to_string(file).expect("the page");
    let mut page = BTreeMap::new();
    for section in text.split("\n### ").skip(1) {
        let section = section.split("\n## ").next().expect("never empty");
        let (commands, tables) = section.split_once('\n').expect("a body");
        let schemas: Vec<_> = tables.split("| field | type |").skip(1).map(schema).collect();
        assert!(!schemas.is_empty(), "{commands}");
        for command in commands.split(", ") {
            let known = page.insert(command.trim_matches('`').to_owned(), schemas.clone());
            assert!(known.is_none(), "{command} is there twice");
        }
    }
    page
}

fn schema(table: &str) -> Schema {
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.split('|').map(str::trim).skip(1);
        let field = cells.next().expect("a field").trim_matches('`').to_owned();
        (field, cells.next().expect("a type").to_owned())
    })
    .collect()
}

/// What is wrong with an object, if it is to have this schema.
fn differences(object: &Value, schema: &Schema) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for (path, kind) in schema {
        let (at, field) = path.rsplit_once('.').unwrap_or(("", path));
        let holders: Vec<&Value> = match at.strip_suffix("[]") {
            Some(list) => object[list].as_array().into_iter().flatten().collect(),
            None if at.is_empty() => vec![object],
            None => vec![&object[at]],
        };
        if at.is_empty() {
            names.insert(field);
        }
        for holder in holders {
            match holder.get(field) {
                None => wrong.push(format!("{path} is missing")),
                Some(value) if !is(value, kind) => wrong.push(format!("{path} is {value}, not {kind}")),
                Some(_) => {}
            }
        }
    }
    let unknown = object
        .as_object()
        .expect("an object")
        .keys()
        .filter(|name| !names.contains(name.as_str()));
    wrong.extend(unknown.map(|name| format!("{name} is not on the page")));
    wrong
}

fn is(value: &Value, kind: &str) -> bool {
    match kind.strip_suffix(" or null") {
        Some(kind) => value.is_null() || is(value, kind),
        None => match kind {
            "text" => value.is_string(),
            "time" => value
                .as_str()
                .is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "object" => value.is_object(),
            "list" => value.is_array(),
            unknown => panic!("the page names an unknown type {unknown}"),
        },
    }
}

/// Commands that were run, and which of their schemas were met.
struct Comparison<'a> {
    bench: &'a Bench,
    page: BTreeMap<String, Vec<Schema>>,
    met: BTreeSet<(String, usize)>,
}

impl Comparison<'_> {
    /// Runs a command of the page with more arguments; its objects. An empty line means that there are none.
    #[track_caller]
    fn run(&mut self, command: &str, more: &[&str]) -> Vec<Value> {
        self.run_with(command, more, &[])
    }

    #[track_caller]
    fn run_with(&mut self, command: &str, more: &[&str], variables: &[(&str, &str)]) -> Vec<Value> {
        let arguments: Vec<_> = command.split(' ').chain(more.iter().copied()).collect();
        let mut process = self.bench.command(&[&arguments[..], &["--json"]].concat());
        process.envs(variables.iter().copied());
        let (code, stdout, stderr) = finished(process.output().expect("started"));
        assert!(code == 0 || code == 5, "{arguments:?}\n{stdout}\n{stderr}");
        for line in stderr.lines() {
            let logged: Value = serde_json::from_str(line).expect(line);
            assert!(
                logged["level"].is_string() && logged["message"].is_string(),
                "{line}"
            );
        }
        let schemas = &self.page[command];
        let objects: Vec<Value> = stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{command} printed {line}")))
            .collect();
        assert!(!objects.is_empty(), "{command} printed nothing");
        for object in &objects {
            let found: Vec<_> = schemas.iter().map(|schema| differences(object, schema)).collect();
            let met = found.iter().position(Vec::is_empty);
            let met = met.unwrap_or_else(|| panic!("{command}: {found:#?}"));
            self.met.insert((command.to_owned(), met));
        }
        objects
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_command_prints_what_the_page_says() {
    let options = Options {
        tickets: Some(60),
        days: 80,
        bad_every: 20,
        ..Options::default()
    };
    let bench = Bench::new(options).await;
    let mut all = Comparison {
        bench: &bench,
        page: page(),
        met: BTreeSet::new(),
    };
    let acme = "--tenant-id=acme";

    all.run("db status", &[]);
    let credentials = bench.home.path().join("credentials.json");
    let credentials = format!("--credentials-file={}", credentials.display());
    let url = format!("--url={}", bench.simulator.url());
    let edition = "--edition=cloud";
    let other = "--tenant-id=other";
    all.run(
        "tenant add",
        &[other, "--name=Other", edition, &url, &credentials],
    );
    all.run("tenant check", &[acme]);
    all.run("tenant list", &[]);
    all.run("tenant show", &[acme]);
    let set = all.run("tenant set", &[acme, "--keep-html", "--keep-days=300"]);
    assert_eq!(set[0]["changed"], serde_json::json!(["keep_days", "keep_html"]));

    all.run("import --detach", &[acme]);
    all.run("jobs list", &[]);
    all.run("jobs retry", &[acme]);
    all.run("jobs cancel", &[acme]);
    all.run("import", &[acme]);
    let runs = all.run("runs list", &[acme]);
    let run = format!("--run-id={}", runs[0]["run_id"].as_str().expect("an id"));
    all.run("runs show", &[acme, &run]);
    all.run("runs resume", &[acme, &run]);
    let rejected = all.run("rejected list", &[acme]);
    let key = format!("--key={}", rejected[0]["key"].as_str().expect("a key"));
    all.run("rejected show", &[acme, &key]);
    all.run("rejected retry", &[acme]);
    all.run("tenant expire", &[acme]);
    all.run("sync", &[acme]);
    all.run("reconcile", &[acme]);
    let ids: Vec<_> = bench.simulator.desk().truth();
    bench.simulator.desk().delete(&ids[3].id).expect("deleted");
    all.run("verify", &[acme]);
    all.run("search", &[acme, "printer does not print"]);

    let token = all.run("token create", &[acme, "--name=agent"]);
    let token = format!("--token-id={}", token[0]["token_id"].as_str().expect("an id"));
    all.run("token list", &[acme]);
    all.run("token revoke", &[acme, &token]);
    let server = Server::start(&bench, &["--role=web"]);
    let public = format!("--public-url={}", server.url);
    let hook = all.run("webhook create", &[acme, &public]);
    all.run("webhook show", &[acme, &public]);
    let text = |field: &str| hook[0][field].as_str().expect("a text");
    let report = server
        .http
        .post(text("url"))
        .header(text("header"), text("secret"))
        .body(r#"{"id": "1"}"#);
    assert!(report.send().await.expect("an answer").status().is_success());
    all.run("inbox list", &[acme]);
    all.run("inbox retry", &[acme]);
    all.run("webhook rotate", &[acme, &public]);
    server.stop();

    all.run("audit", &[]);
    let key = all.run("keys generate", &[]);
    let new_key = key[0]["master_key"].as_str().expect("a key");
    let old_key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    let keys = [
        ("PRECEDENT_MASTER_KEY", new_key),
        ("PRECEDENT_OLD_MASTER_KEY", old_key),
    ];
    all.run_with("keys rotate", &[], &keys);
    all.run("tenant remove", &[acme, "--yes"]);
    all.run("demo", &["--tickets=100"]);
    let corpus = bench.home.path().join("corpus.jsonl");
    std::fs::write(&corpus, "{\"id\": 1, \"description\": \"vpn drops\"}\n").expect("written");
    let queries = bench.home.path().join("queries.jsonl");
    std::fs::write(&queries, "{\"qid\": 2, \"text\": \"vpn\", \"relevant\": [1]}\n").expect("written");
    let corpus = format!("--corpus={}", corpus.display());
    let queries = format!("--queries={}", queries.display());
    all.run("eval", &[&corpus, &queries]);
    bench.good(&["db", "migrate", "--to=1"]);
    bench
        .postgres()
        .await
        .execute(FIRST_RELEASE)
        .await
        .expect("an older table");
    let migrated = all.run("db migrate", &[]);
    assert_ne!(migrated[0]["duplicates"], serde_json::json!([]));

    for (command, schemas) in &all.page {
        for (place, schema) in schemas.iter().enumerate() {
            let met = all.met.contains(&(command.clone(), place));
            assert!(met, "{command} never printed {schema:?}");
        }
    }
}

/// The subcommands that `--help` names.
fn subcommands(bench: &Bench, of: &[&str]) -> Vec<String> {
    let (_, help, _) = bench.run(&[of, &["--help"]].concat());
    let Some((_, commands)) = help.split_once("Commands:\n") else {
        return Vec::new();
    };
    let named = commands
        .lines()
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    named.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_command_is_missing_from_the_page() {
    let bench = Bench::on(crate::bench::Database::Sqlite, Options::default()).await;
    let page = page();
    let mut commands = Vec::new();
    for command in subcommands(&bench, &[]) {
        let below = subcommands(&bench, &[&command]);
        match below.is_empty() {
            true => commands.push(command),
            false => commands.extend(below.into_iter().map(|below| format!("{command} {below}"))),
        }
    }
    assert!(commands.len() > 30, "{commands:?}");
    for command in commands {
        let silent = ["serve", "mcp"].contains(&command.as_str());
        assert_ne!(page.contains_key(&command), silent, "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_objects_too() {
    let bench = Bench::on(crate::bench::Database::Sqlite, Options::default()).await;
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
