//! A person who can write to the database, but has no master key, tries to get at the secrets.

use servicedesk_sim::{Edition, Options, Simulator};
use sqlx::{AssertSqlSafe, Executor};

use super::bench;
use crate::support::{Bench, Database};

impl Bench {
    /// Executes a statement on the database, as its owner.
    async fn tamper(&self, database: Database, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        match database {
            Database::Postgres => self.postgres().await.execute(statement).await.map(drop),
            Database::Sqlite => self.sqlite().await.execute(statement).await.map(drop),
        }
        .expect("changed");
    }

    /// Returns the option with the file of acme's credentials.
    fn credentials_option(&self) -> String {
        format!(
            "--credentials-file={}/credentials.json",
            self.home.path().display()
        )
    }

    /// Runs a command that must fail as a wrong setting does, and returns the error.
    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> String {
        let (code, _, stderr) = self.run(arguments);
        assert_eq!(code, 1, "{arguments:?}: {stderr}");
        stderr
    }
}

const IMPORT: [&str; 2] = ["import", "--tenant-id=acme"];

/// A helpdesk of the attacker.
async fn thief() -> Simulator {
    let options = Options {
        edition: Edition::OnPremises,
        ..Options::default()
    };
    Simulator::start(options).await.expect("a helpdesk")
}

async fn changed_settings_get_no_credentials(database: Database) {
    let bench = bench(database).await;
    let thief = thief().await;
    bench.import();
    let calls = bench.simulator.desk().log().len();
    let stored = format!("base_url = '{}'", bench.simulator.url());
    for (attack, undo) in [
        (format!("base_url = '{}'", thief.url()), stored.clone()),
        (
            format!("base_url = '{}', allow_http = true", thief.url()),
            format!("{stored}, allow_http = false"),
        ),
        (format!("base_url = '{}/other'", bench.simulator.url()), stored),
        (
            format!("accounts_url = '{}'", thief.url()),
            "accounts_url = null".into(),
        ),
        ("insecure = true".into(), "insecure = false".into()),
        ("allow_http = true".into(), "allow_http = false".into()),
        ("allow_loopback = false".into(), "allow_loopback = true".into()),
        (
            "ca_certificate = 'of the thief'".into(),
            "ca_certificate = null".into(),
        ),
        ("edition = 'msp'".into(), "edition = 'on_premises'".into()),
        ("api = 'story'".into(), "api = 'v3'".into()),
        ("portal = 'x'".into(), "portal = null".into()),
    ] {
        let update = |set: &str| format!("update tenant_configs set {set}");
        bench.tamper(database, &update(&attack)).await;
        let error = bench.refused(&IMPORT);
        assert!(error.contains("sealed for other settings"), "{attack}: {error}");
        bench.refused(&["tenant", "check", "--tenant-id=acme"]);
        bench.refused(&["tenant", "set", "--tenant-id=acme", "--name=Other"]);
        bench.tamper(database, &update(&undo)).await;
    }
    assert_eq!(thief.desk().log().len(), 0, "nothing was sent to the thief");
    assert_eq!(bench.simulator.desk().log().len(), calls);
    bench.good(&IMPORT);
}

async fn an_operator_is_not_led_to_the_attackers_server(database: Database) {
    let bench = bench(database).await;
    let thief = thief().await;
    let redirect = format!(
        "update tenant_configs set base_url = '{}', insecure = true",
        thief.url()
    );
    bench.tamper(database, &redirect).await;
    let credentials = bench.credentials_option();
    let set = ["tenant", "set", "--tenant-id=acme", &credentials];
    let error = bench.refused(&set);
    assert!(error.contains("its stored address cannot be trusted"), "{error}");
    let url = format!("--url={}", bench.simulator.url());
    bench.refused(&[&set[..], &[&url]].concat());
    bench.good(&[&set[..], &[&url, "--allow-loopback"]].concat());
    let (_, shown, _) = bench.run(&["tenant", "show", "--tenant-id=acme", "--json"]);
    assert!(
        shown.contains("\"insecure\":false"),
        "not as the attacker set it: {shown}"
    );
    bench.import();
    assert_eq!(thief.desk().log().len(), 0);
}

async fn an_operator_changes_settings_with_the_master_key(database: Database) {
    let bench = bench(database).await;
    let second = thief().await;
    let url = format!("--url={}", second.url());
    let error = bench.refused(&["tenant", "set", "--tenant-id=acme", &url]);
    assert!(error.contains("needs the credentials"), "{error}");
    let accounts = format!("--accounts-url={}", second.url());
    bench.refused(&["tenant", "set", "--tenant-id=acme", &accounts]);
    assert_eq!(second.desk().log().len(), 0);
    for change in ["--insecure", "--insecure=false", "--portal=3", "--allow-http"] {
        bench.good(&["tenant", "set", "--tenant-id=acme", change]);
        bench.good(&IMPORT);
    }
    let file =
        bench.write_credentials(&serde_json::json!({"authtoken": second.desk().credentials().authtoken}));
    let file = format!("--credentials-file={file}");
    bench.good(&["tenant", "set", "--tenant-id=acme", &url, &file]);
    bench.good(&IMPORT);
    assert!(!second.desk().log().is_empty());
}

async fn envelopes_open_in_no_other_row_and_are_not_rewrapped_there(database: Database) {
    let bench = bench(database).await;
    bench.add_tenant("second", Edition::OnPremises, servicedesk_sim::Api::V3);
    bench.create_webhook("acme");
    bench.create_webhook("second");
    for (attack, command) in [
        (
            "update webhooks set hook_id = 'attackers' where tenant_id = 'acme'",
            &["webhook", "show", "--tenant-id=acme"][..],
        ),
        (
            "update webhooks set secret = (select credentials from tenant_configs where tenant_id = 'second')
             where tenant_id = 'second'",
            &["webhook", "show", "--tenant-id=second"],
        ),
        (
            "update tenant_configs set credentials = (select credentials from tenant_configs
             where tenant_id = 'second') where tenant_id = 'acme'",
            &IMPORT,
        ),
        (
            "update tenant_configs set credentials = replace(credentials, 'v2.', 'v1.') where tenant_id = 'second'",
            &["import", "--tenant-id=second"],
        ),
    ] {
        bench.tamper(database, attack).await;
        bench.refused(command);
    }
    let mut rotate = bench.command(&["keys", "rotate"]);
    rotate.env("PRECEDENT_OLD_MASTER_KEY", crate::support::MASTER_KEY);
    rotate.env(
        "PRECEDENT_MASTER_KEY",
        "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=",
    );
    let (code, _, stderr) = crate::support::finished(rotate.output().expect("started"));
    assert_eq!(code, 1, "a changed envelope is not rewrapped: {stderr}");
    let rotated = ["webhook", "rotate", "--tenant-id=second"];
    bench.good(&rotated);
    bench.good(&["webhook", "show", "--tenant-id=second"]);
}

on_both_databases!(
    changed_settings_get_no_credentials,
    an_operator_is_not_led_to_the_attackers_server,
    an_operator_changes_settings_with_the_master_key,
    envelopes_open_in_no_other_row_and_are_not_rewrapped_there,
);
