//! What every test needs: a home of its own, a database, a helpdesk, and the binary.

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};

use servicedesk_sim::{Api, Desk, Edition, Options, Simulator};
use sqlx::{Connection, FromRow, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::scratch::{Scratch, admin};

/// Never to be seen in any output or file.
pub(crate) const PLANTED: &str = "planted-authtoken-4711";

pub(crate) struct Bench {
    pub(crate) home: TempDir,
    pub(crate) simulator: Simulator,
    scratch: Option<Scratch>,
}

/// A row of `ticket_history`.
#[derive(Clone, Debug, FromRow, PartialEq)]
pub(crate) struct Row {
    pub(crate) ticket_id: String,
    pub(crate) description: String,
    pub(crate) resolution: String,
    pub(crate) resolved_date: chrono::DateTime<chrono::Utc>,
    pub(crate) tags: sqlx::types::Json<Vec<String>>,
    pub(crate) source: String,
    pub(crate) ingested_at: chrono::DateTime<chrono::Utc>,
    pub(crate) tenant_id: String,
    pub(crate) subject: String,
    pub(crate) status: Option<String>,
    pub(crate) version: i64,
    pub(crate) withdrawn_at: Option<chrono::DateTime<chrono::Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Database {
    Postgres,
    Sqlite,
}

impl Bench {
    /// A migrated PostgreSQL with tenant acme, whose helpdesk is as told.
    pub(crate) async fn new(options: Options) -> Self {
        Self::on(Database::Postgres, options).await
    }

    pub(crate) async fn on(database: Database, mut options: Options) -> Self {
        let scratch = if database == Database::Postgres {
            Some(Scratch::new().await)
        } else {
            None
        };
        options.credentials.authtoken = PLANTED.to_owned();
        let (edition, api) = (options.edition, options.api);
        let simulator = Simulator::start(options).await.expect("a helpdesk");
        let bench = Self {
            home: tempfile::tempdir().expect("a folder"),
            simulator,
            scratch,
        };
        bench.good(&["db", "migrate"]);
        bench.add_tenant("acme", edition, api);
        bench
    }

    pub(crate) fn add_tenant(&self, id: &str, edition: Edition, api: Api) {
        self.add_tenant_of(&self.simulator, id, edition, api);
    }

    pub(crate) fn add_tenant_of(&self, simulator: &Simulator, id: &str, edition: Edition, api: Api) {
        let secrets = simulator.desk().credentials();
        let (edition, credentials) = match (edition, api) {
            (Edition::OnPremises, Api::V3) => {
                ("on-premises", serde_json::json!({"authtoken": secrets.authtoken}))
            }
            (Edition::Msp, Api::V3) => ("msp", serde_json::json!({"authtoken": secrets.authtoken})),
            _ => ("cloud", serde_json::json!({"api_key": secrets.api_key})),
        };
        let file = self.home.path().join("credentials.json");
        std::fs::write(&file, credentials.to_string()).expect("written");
        let api = if api == Api::Story {
            "--api=story"
        } else {
            "--api=v3"
        };
        self.good(&[
            "tenant",
            "add",
            "--tenant-id",
            id,
            "--name=Acme",
            "--edition",
            edition,
            "--url",
            &simulator.url(),
            api,
            "--requests-per-minute=0",
            "--credentials-file",
            file.to_str().expect("plain"),
        ]);
    }

    pub(crate) fn database_url(&self) -> String {
        match &self.scratch {
            Some(scratch) => scratch.url.clone(),
            None => format!("sqlite://{}/test.db", self.home.path().display()),
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precedent"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("DATABASE_URL", self.database_url())
            .env(
                "PRECEDENT_MASTER_KEY",
                "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
            )
            .stdin(Stdio::null());
        command
    }

    /// Exit code, stdout and stderr.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        finished(self.command(arguments).output().expect("started"))
    }

    /// Stderr of a command that succeeds.
    #[track_caller]
    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}\n{stdout}\n{stderr}");
        stderr
    }

    /// The summary line of an import of 90 days that succeeds, up to the time it took.
    #[track_caller]
    pub(crate) fn import(&self) -> String {
        let stderr = self.good(&["import", "--tenant-id=acme", "--days=90"]);
        summary(&stderr)
    }

    /// The table, ordered by ticket id.
    pub(crate) async fn rows(&self) -> Vec<Row> {
        self.rows_of("acme").await
    }

    async fn rows_of(&self, tenant: &str) -> Vec<Row> {
        let query = "select * from ticket_history where tenant_id = $1 order by ticket_id";
        match &self.scratch {
            Some(scratch) => {
                let mut connection = PgConnection::connect(&scratch.url).await.expect("connected");
                sqlx::query_as(query)
                    .bind(tenant)
                    .fetch_all(&mut connection)
                    .await
                    .expect("rows")
            }
            None => {
                let mut connection = SqliteConnection::connect(&self.database_url())
                    .await
                    .expect("connected");
                sqlx::query_as(query)
                    .bind(tenant)
                    .fetch_all(&mut connection)
                    .await
                    .expect("rows")
            }
        }
    }

    /// The day so many days ago by the helpdesk's clock, as commands take it.
    pub(crate) fn day(&self, ago: i64) -> String {
        let now = chrono::DateTime::from_timestamp_millis(self.simulator.desk().now_ms()).expect("in range");
        (now - chrono::TimeDelta::days(ago))
            .format("%Y-%m-%d")
            .to_string()
    }

    pub(crate) async fn postgres(&self) -> PgConnection {
        PgConnection::connect(&self.database_url())
            .await
            .expect("connected")
    }

    /// The database is gone from under whoever uses it.
    pub(crate) async fn lose_database(&self) {
        let url = self.database_url();
        let (_, name) = url.rsplit_once('/').expect("a URL with a database");
        admin(format!("drop database {name} with (force)")).await;
    }

    /// The table holds exactly the helpdesk's valid final tickets of the last 90 days, word for word.
    pub(crate) async fn assert_complete(&self) {
        let differences = self.differences().await;
        assert!(differences.is_empty(), "{differences:#?}");
    }

    /// What the table has too much, too little or otherwise; tickets that changed while they were read may be
    /// in either state.
    pub(crate) async fn differences(&self) -> Vec<String> {
        self.differences_of("acme", self.simulator.desk()).await
    }

    pub(crate) async fn differences_of(&self, tenant: &str, desk: &Desk) -> Vec<String> {
        let now = desk.now_ms();
        let since = now - 90 * 86_400_000;
        let mut truth: Vec<_> = desk.truth();
        truth.retain(|ticket| {
            ticket.valid
                && ticket
                    .resolved_ms
                    .is_some_and(|time| time >= since && time <= now)
        });
        let unsettled = desk.unsettled();
        truth.retain(|ticket| !unsettled.contains(&ticket.id));
        let rows = self.rows_of(tenant).await;
        let mut rows: BTreeMap<_, _> = rows
            .iter()
            .filter(|row| row.withdrawn_at.is_none() && !unsettled.contains(&row.ticket_id))
            .map(|row| (row.ticket_id.as_str(), row))
            .collect();
        let mut differences = Vec::new();
        for ticket in &truth {
            let Some(row) = rows.remove(ticket.id.as_str()) else {
                differences.push(format!("{} is missing", ticket.id));
                continue;
            };
            let told = format!("{} {}", ticket.subject, ticket.words);
            let resolved_ms = Some(row.resolved_date.timestamp_millis());
            let checks = [
                ("resolved date", resolved_ms == ticket.resolved_ms),
                ("tags", row.tags.0 == ticket.tags),
                ("status", row.status.as_deref() == Some(ticket.status.as_str())),
                (
                    "resolution",
                    words(&row.resolution) == words(&ticket.resolution_words),
                ),
                ("description", words(&row.description) == words(&told)),
                (
                    "source",
                    ["bulk_import", "sync", "webhook_resolved"].contains(&row.source.as_str())
                        && row.tenant_id == tenant,
                ),
            ];
            let wrong = checks.iter().filter(|(_, right)| !right);
            differences.extend(wrong.map(|(name, _)| format!("{name} of {row:?} is not that of {ticket:?}")));
        }
        differences.extend(rows.keys().map(|id| format!("{id} is too much")));
        differences
    }
}

/// Letters and digits in order: layout marks and images are not the helpdesk's words.
fn words(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[image") {
        plain.push_str(before);
        rest = after.split_once(']').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let unnumbered = plain.lines().map(|line| {
        let line = line.trim_start();
        match line.split_once(". ") {
            Some((number, item)) if number.chars().all(|c| c.is_ascii_digit()) => item,
            _ => line,
        }
    });
    let joined: Vec<_> = unnumbered.collect();
    joined.join(" ").chars().filter(|c| c.is_alphanumeric()).collect()
}

pub(crate) fn finished(output: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

/// `Import complete: ..` without the time it took.
#[track_caller]
pub(crate) fn summary(stderr: &str) -> String {
    let (_, line) = stderr.rsplit_once("Import complete: ").expect(stderr);
    line.split(" rejected").next().expect("never empty").to_owned()
}
