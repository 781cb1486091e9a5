//! The binary in a home folder and with a database that no other test uses.

use std::process::{Command, Stdio};

use servicedesk_sim::Simulator;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use super::process::finished;
use super::scratch::{Scratch, admin};

/// Secret of the helpdesk; no output and no file may contain it.
pub(crate) const PLANTED: &str = "planted-authtoken-4711";

/// Master key of every test.
pub(crate) const MASTER_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// A home folder, a database and a simulated helpdesk; all of them end with it.
pub(crate) struct Bench {
    pub(crate) home: TempDir,
    pub(crate) simulator: Simulator,
    /// The PostgreSQL database; without one, the database is an SQLite file in the home folder.
    pub(super) scratch: Option<Scratch>,
}

impl Bench {
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
            .env("PRECEDENT_MASTER_KEY", MASTER_KEY)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command; returns its exit code, stdout and stderr.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        finished(self.command(arguments).output().expect("started"))
    }

    /// Runs a command that must succeed; returns its stderr.
    #[track_caller]
    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}\n{stdout}\n{stderr}");
        stderr
    }

    /// Returns the day that many days ago by the helpdesk's clock, in the form that commands take.
    pub(crate) fn day(&self, days_ago: i64) -> String {
        let now = chrono::DateTime::from_timestamp_millis(self.simulator.desk().now_ms()).expect("in range");
        (now - chrono::TimeDelta::days(days_ago))
            .format("%Y-%m-%d")
            .to_string()
    }

    pub(crate) async fn postgres(&self) -> PgConnection {
        PgConnection::connect(&self.database_url())
            .await
            .expect("connected")
    }

    /// Drops the database while processes use it.
    pub(crate) async fn lose_database(&self) {
        let url = self.database_url();
        let (_, name) = url.rsplit_once('/').expect("a URL with a database");
        admin(format!("drop database {name} with (force)")).await;
    }
}
