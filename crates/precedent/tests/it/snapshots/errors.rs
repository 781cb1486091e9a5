//! Errors that a user may meet, with their hints.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;

use servicedesk_sim::{Api, Edition, Options};

use super::folder::Folder;
use super::redact::redact_places;
use crate::support::{Bench, Database, finished};

/// Name, command and environment variables of each error. `{name}` stands for a file of [`write_files`].
const ERRORS: &[(&str, &str, &str)] = &[
    ("usage-no-command", "", ""),
    ("usage-unknown-command", "frobnicate", ""),
    ("usage-unknown-option", "import --tenant-id=acme --dayz=3", ""),
    ("usage-no-tenant", "import", ""),
    ("usage-days-no-number", "import --tenant-id=acme --days=many", ""),
    ("usage-days-zero", "import --tenant-id=acme --days=0", ""),
    ("usage-tenant-id", "import --tenant-id=ac/me", ""),
    (
        "usage-date",
        "import --tenant-id=acme --start-date=31.12.2025",
        "",
    ),
    (
        "usage-range",
        "import --tenant-id=acme --start-date=2026-02-01 --end-date=2026-01-01",
        "",
    ),
    ("usage-log-level", "tenant list --log-level=loud", ""),
    ("usage-search-limit", "search --tenant-id=acme --limit=0 vpn", ""),
    ("usage-sync-of-no-tenant", "sync", ""),
    ("usage-listen", "serve --listen=nowhere", ""),
    (
        "usage-metrics-listen",
        "serve --listen=127.0.0.1:0 --metrics-listen=on",
        "",
    ),
    ("tenant-unknown", "import --tenant-id=nobody", ""),
    (
        "tenant-exists",
        "tenant add --tenant-id=acme --name=A --edition=on-premises --url={helpdesk} --allow-loopback --credentials-file={credentials}",
        "",
    ),
    (
        "tenant-url-plain-http",
        "tenant add --tenant-id=x --name=X --edition=cloud --url=http://desk.example.com --credentials-file={credentials}",
        "",
    ),
    (
        "tenant-url-without-scheme",
        "tenant add --tenant-id=x --name=X --edition=cloud --url=desk.example.com --credentials-file={credentials}",
        "",
    ),
    (
        "tenant-without-credentials",
        "tenant add --tenant-id=x --name=X --edition=cloud --url=https://desk.example.com",
        "",
    ),
    ("tenant-remove-without-yes", "tenant remove --tenant-id=acme", ""),
    (
        "tenant-erase-without-yes",
        "tenant remove --tenant-id=acme --erase",
        "",
    ),
    (
        "credentials-missing",
        "tenant set --tenant-id=acme --credentials-file={missing}",
        "",
    ),
    (
        "credentials-no-json",
        "tenant set --tenant-id=acme --credentials-file={no-toml}",
        "",
    ),
    (
        "credentials-no-object",
        "tenant set --tenant-id=acme --credentials-file={list}",
        "",
    ),
    (
        "credentials-of-another-edition",
        "tenant set --tenant-id=acme --credentials-file={grant}",
        "",
    ),
    (
        "certificate-missing",
        "tenant set --tenant-id=acme --ca-certificate={missing}",
        "",
    ),
    ("config-missing", "tenant list --config={missing}", ""),
    ("config-no-toml", "tenant list --config={no-toml}", ""),
    ("config-unknown-key", "tenant list --config={unknown-key}", ""),
    ("config-no-text", "tenant list --config={no-text}", ""),
    (
        "config-two-databases",
        "tenant list --config={two-databases}",
        "DATABASE_URL=",
    ),
    ("key-none", "import --tenant-id=acme", "PRECEDENT_MASTER_KEY="),
    (
        "key-not-base64",
        "import --tenant-id=acme",
        "PRECEDENT_MASTER_KEY=BwcH",
    ),
    (
        "key-of-another-database",
        "import --tenant-id=acme",
        "PRECEDENT_MASTER_KEY=CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=",
    ),
    (
        "key-file-missing",
        "import --tenant-id=acme",
        "PRECEDENT_MASTER_KEY= PRECEDENT_MASTER_KEY_FILE={missing}",
    ),
    (
        "key-file-open-to-others",
        "import --tenant-id=acme",
        "PRECEDENT_MASTER_KEY= PRECEDENT_MASTER_KEY_FILE={open-key}",
    ),
    ("key-rotation-without-old-key", "keys rotate", ""),
    (
        "database-unknown-scheme",
        "tenant list",
        "DATABASE_URL=mysql://db.example.com/platform",
    ),
    (
        "database-unreachable",
        "tenant list",
        "DATABASE_URL=postgres://user:secret@127.0.0.1:9/platform",
    ),
    (
        "database-no-database",
        "tenant list",
        "DATABASE_URL=sqlite://{list}",
    ),
    ("database-unknown-version", "db migrate --to=99", ""),
    ("helpdesk-refused-credentials", "import --tenant-id=wrong", ""),
    ("helpdesk-in-a-private-network", "import --tenant-id=private", ""),
    ("helpdesk-unreachable", "tenant check --tenant-id=away", ""),
    ("sync-before-an-import", "sync --tenant-id=acme", ""),
    (
        "run-unknown",
        "runs show --tenant-id=acme --run-id=018f0000-0000-7000-8000-000000000000",
        "",
    ),
    ("run-id", "runs show --tenant-id=acme --run-id=7", ""),
    (
        "rejected-unknown",
        "rejected show --tenant-id=acme --key=nothing",
        "",
    ),
    ("job-unknown", "jobs cancel --tenant-id=acme", ""),
    (
        "token-unknown",
        "token revoke --tenant-id=acme --token-id=nothing",
        "",
    ),
    (
        "token-scope",
        "token create --tenant-id=acme --name=agent --scope=everything",
        "",
    ),
    ("webhook-none", "webhook show --tenant-id=acme", ""),
    ("webhook-exists", "webhook create --tenant-id=hooked", ""),
    ("eval-missing", "eval --corpus={missing} --queries={missing}", ""),
    ("eval-line", "eval --corpus={list} --queries={list}", ""),
];

/// Writes the files that the errors need; returns their names in the table and in the file system.
fn write_files(bench: &Bench) -> Vec<(&'static str, String)> {
    let open_key = bench.write("open-key", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n");
    set_permissions(&open_key, Permissions::from_mode(0o644)).expect("opened");
    let two = "database_url = \"sqlite::memory:\"\ndatabase_url_file = \"url\"\n";
    vec![
        ("{helpdesk}", bench.simulator.url()),
        (
            "{credentials}",
            bench.write_credentials(&serde_json::json!({"authtoken": "x"})),
        ),
        ("{grant}", bench.write_grant("1000.refresh")),
        ("{missing}", format!("{}/missing", bench.home.path().display())),
        ("{list}", bench.write("list", "[1, 2]\n")),
        ("{open-key}", open_key),
        ("{no-toml}", bench.write("no.toml", "no toml\n")),
        ("{no-text}", bench.write("no-text.toml", "log_level = 3\n")),
        (
            "{unknown-key}",
            bench.write("unknown-key.toml", "databse_url = \"sqlite::memory:\"\n"),
        ),
        ("{two-databases}", bench.write("two.toml", two)),
    ]
}

/// Adds the tenants that the errors need.
fn add_tenants(bench: &Bench) {
    bench.add_tenant("hooked", Edition::OnPremises, Api::V3);
    bench.create_webhook("hooked");
    let wrong = bench.write("wrong.json", r#"{"authtoken": "not the right one"}"#);
    let key = bench.write("key.json", r#"{"api_key": "x"}"#);
    let helpdesk = bench.simulator.url();
    for (id, edition, url, file) in [
        ("wrong", "on-premises", helpdesk.as_str(), &wrong),
        ("private", "cloud", "https://10.0.0.7:8443", &key),
        ("away", "on-premises", "http://127.0.0.1:9", &wrong),
    ] {
        let named = [
            "tenant",
            "add",
            "--tenant-id",
            id,
            "--name=X",
            "--edition",
            edition,
        ];
        let reached = ["--url", url, "--allow-loopback", "--credentials-file", file];
        bench.good(&[&named[..], &reached].concat());
    }
}

/// Runs a command that must fail; returns it with its exit code and stderr.
fn error(bench: &Bench, command: &str, variables: &str, files: &[(&str, String)]) -> String {
    let place = |text: &str| {
        let replace = |text: String, (name, file): &(&str, String)| text.replace(name, file);
        files.iter().fold(text.to_owned(), replace)
    };
    let (arguments, placed) = (place(command), place(variables));
    let mut process = bench.command(&arguments.split_whitespace().collect::<Vec<_>>());
    process.env("PRECEDENT_LOG", "error");
    process.envs(placed.split_whitespace().filter_map(|pair| pair.split_once('=')));
    let (code, stdout, stderr) = finished(process.output().expect("started"));
    assert!(code != 0 && stdout.is_empty(), "{command}: {code}: {stdout}");
    let typed = [variables, "precedent", command].map(str::trim).join(" ");
    redact_places(bench, &format!("$ {}\n{stderr}exit code {code}\n", typed.trim()))
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_and_their_hints() {
    let options = Options {
        tickets: Some(30),
        edition: Edition::OnPremises,
        ..Options::default()
    };
    let bench = Bench::on(Database::Sqlite, options).await;
    add_tenants(&bench);
    let files = write_files(&bench);
    let mut folder = Folder::new("errors");
    for (name, command, variables) in ERRORS {
        folder.compare(name, &error(&bench, command, variables, &files));
    }
    bench.good(&["db", "migrate", "--to=0"]);
    folder.compare("database-not-migrated", &error(&bench, "tenant list", "", &files));
    folder.assert_no_other();
}
