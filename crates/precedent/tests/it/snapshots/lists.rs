//! Output of every command that lists something, without and with entries.

use serde_json::json;
use servicedesk_sim::{Api, Edition, Options};

use super::folder::Folder;
use super::redact::redact;
use crate::support::{Bench, Database, Server};

/// Name and arguments of each list, for the tenant that is given.
fn lists(tenant: &str) -> Vec<(&'static str, Vec<String>)> {
    let tenant = format!("--tenant-id={tenant}");
    let lists = [
        ("audit", "audit"),
        ("inbox", "inbox list"),
        ("jobs", "jobs list"),
        ("rejected", "rejected list"),
        ("runs", "runs list"),
        ("token", "token list"),
    ];
    let arguments = |command: &str| {
        let words = command.split(' ').chain([tenant.as_str()]);
        words.map(str::to_owned).collect()
    };
    let mut lists: Vec<_> = lists
        .iter()
        .map(|(name, command)| (*name, arguments(command)))
        .collect();
    let search = ["search", "--resolution=any", "--limit=3", tenant.as_str(), "vpn"];
    lists.push(("search", search.map(str::to_owned).to_vec()));
    lists.push(("tenant", ["tenant", "list"].map(str::to_owned).to_vec()));
    lists
}

/// Returns what a list prints on stdout and on stderr.
fn printed(bench: &Bench, arguments: &[String]) -> String {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (code, stdout, stderr) = bench.run(&arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    let output = format!("$ precedent {}\n{stdout}{stderr}", arguments.join(" "));
    redact(bench, &output)
}

/// Makes entries of every list.
async fn fill(bench: &Bench) {
    bench.import();
    bench.good(&["token", "create", "--tenant-id=acme", "--name=agent"]);
    let webhook = bench.create_webhook("acme");
    let server = Server::start(bench, &["--role=web"]);
    webhook.send(&server, json!({"id": "1"}).to_string()).await;
    bench.good(&["import", "--tenant-id=acme", "--days=90", "--detach"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_without_and_with_entries() {
    let options = Options {
        tickets: Some(20),
        days: 80,
        bad_every: 8,
        edition: Edition::OnPremises,
        ..Options::default()
    };
    let bench = Bench::on(Database::Sqlite, options).await;
    let mut folder = Folder::new("lists");
    fill(&bench).await;
    for (name, arguments) in lists("acme") {
        folder.compare(&format!("{name}-filled"), &printed(&bench, &arguments));
    }
    bench.add_tenant("empty", Edition::OnPremises, Api::V3);
    for (name, arguments) in lists("empty").into_iter().filter(|(name, _)| *name != "tenant") {
        folder.compare(&format!("{name}-empty"), &printed(&bench, &arguments));
    }
    for tenant in ["acme", "empty"] {
        bench.good(&["tenant", "remove", "--yes", "--tenant-id", tenant]);
    }
    let list = ["tenant", "list"].map(str::to_owned);
    folder.compare("tenant-empty", &printed(&bench, &list));
    folder.assert_no_other();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_is_left_out() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let commands = bench.commands();
    let all = commands
        .iter()
        .filter(|command| command.last().is_some_and(|name| name == "list"));
    let all: Vec<_> = all.map(|command| command[0].as_str()).collect();
    assert!(all.len() > 5, "{all:?}");
    let lists = lists("acme");
    for name in all {
        assert!(lists.iter().any(|(list, _)| *list == name), "{name}");
    }
}
