//! The binary works with a login that has no rights of its own.

use sqlx::{AssertSqlSafe, Executor};

use super::bench;
use crate::support::{Bench, Database, finished};

/// A login of the service, which is dropped by `drop`.
struct Login(String);

impl Login {
    async fn new(bench: &Bench, roles: &str) -> Self {
        let name = format!("app_{}", uuid::Uuid::new_v4().simple());
        let make = format!("create role {name} login noinherit password 'x'; grant {roles} to {name}");
        let made = bench.postgres().await.execute(AssertSqlSafe(make)).await;
        made.expect("made");
        Self(name)
    }

    fn run(&self, bench: &Bench, arguments: &[&str]) -> (i32, String) {
        let url = bench.database_url();
        let (_, server) = url.split_once('@').expect("a URL with a user");
        let mut command = bench.command(arguments);
        command.env("DATABASE_URL", format!("postgres://{}:x@{server}", self.0));
        let (code, stdout, stderr) = finished(command.output().expect("started"));
        (code, stdout + &stderr)
    }

    async fn drop(self, bench: &Bench) {
        let drop = format!("drop role {}", self.0);
        let dropped = bench.postgres().await.execute(AssertSqlSafe(drop)).await;
        dropped.expect("dropped");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_works_with_a_login_without_rights_of_its_own() {
    let bench = bench(Database::Postgres).await;
    let login = Login::new(&bench, "precedent_service, precedent_scheduler").await;
    for command in [
        &["db", "status", "--json"][..],
        &["tenant", "list"],
        &["tenant", "check", "--tenant-id=acme"],
        &["import", "--tenant-id=acme"],
        &["sync", "--tenant-id=acme"],
        &["reconcile", "--tenant-id=acme"],
        &["verify", "--tenant-id=acme"],
        &["search", "--tenant-id=acme", "vpn"],
        &["jobs", "list"],
        &["inbox", "list", "--tenant-id=acme"],
        &["audit", "--tenant-id=acme"],
        &["webhook", "create", "--tenant-id=acme"],
        &["token", "create", "--tenant-id=acme", "--name=agent"],
        &["tenant", "set", "--tenant-id=acme", "--keep-days=900"],
        &["tenant", "expire", "--tenant-id=acme"],
        &["tenant", "remove", "--tenant-id=acme", "--yes", "--erase"],
    ] {
        let (code, output) = login.run(&bench, command);
        assert_eq!(code, 0, "{command:?}: {output}");
        if command[0] == "db" {
            assert!(output.contains("\"isolation_gaps\":[],\"latest\""), "{output}");
            assert!(output.contains("\"notes\":[]"), "{output}");
        }
    }
    for command in [&["audit"][..], &["db", "migrate", "--to=5"]] {
        let (code, output) = login.run(&bench, command);
        assert_eq!(code, 4, "{command:?}: {output}");
    }
    login.drop(&bench).await;
    let operator = Login::new(
        &bench,
        "precedent_service, precedent_scheduler, precedent_operator",
    )
    .await;
    let (code, output) = operator.run(&bench, &["audit"]);
    assert_eq!(code, 0, "{output}");
    operator.drop(&bench).await;
}
