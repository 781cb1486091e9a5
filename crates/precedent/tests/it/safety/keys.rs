//! Master keys are rotated.

use std::process::Stdio;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use servicedesk_sim::{Api, Edition};
use sqlx::Executor;

use super::bench;
use crate::support::{Bench, Database, finished};

/// Returns base64 of 32 bytes with this value.
fn key(byte: u8) -> String {
    BASE64_STANDARD.encode([byte; 32])
}

impl Bench {
    /// Runs a command with other master keys; returns exit code and output.
    fn with_keys(&self, new: u8, old: Option<u8>, arguments: &[&str]) -> (i32, String) {
        let mut command = self.command(arguments);
        command.env("PRECEDENT_MASTER_KEY", key(new));
        if let Some(old) = old {
            command.env("PRECEDENT_OLD_MASTER_KEY", key(old));
        }
        let (code, stdout, stderr) = finished(command.output().expect("started"));
        (code, stdout + &stderr)
    }
}

async fn keys_are_rotated_and_the_old_one_is_refused(database: Database) {
    let bench = bench(database).await;
    bench.add_tenant("second", Edition::OnPremises, Api::V3);
    let generated = bench.run(&["keys", "generate"]).1;
    assert_eq!(generated.trim().len(), 44, "{generated}");
    assert_eq!(bench.with_keys(8, None, &["keys", "rotate"]).0, 1, "no old key");
    let hook = |command, new| bench.with_keys(new, None, &["webhook", command, "--tenant-id=second"]);
    let made = hook("create", 7);
    assert_eq!(made.0, 0, "{}", made.1);
    bench.stop_a_rotation_at_the_second_tenant(database).await;
    // One tenant is rewrapped: each needs its own key, and both keys together open both.
    let check = |new, old, tenant: &str| {
        let arguments = ["tenant", "check", &format!("--tenant-id={tenant}")];
        bench.with_keys(new, old, &arguments).0
    };
    assert_eq!((check(8, None, "acme"), check(7, None, "acme")), (0, 1));
    assert_eq!((check(8, None, "second"), check(7, None, "second")), (1, 0));
    assert_eq!((check(8, Some(7), "acme"), check(8, Some(7), "second")), (0, 0));

    let (code, output) = bench.with_keys(8, Some(7), &["keys", "rotate"]);
    assert_eq!(code, 0, "{output}");
    assert!(output.contains("of 1 tenants"), "the rest: {output}");
    let (code, output) = bench.with_keys(8, Some(7), &["keys", "rotate"]);
    assert_eq!(code, 0, "{output}");
    assert!(output.contains("of 0 tenants"), "repeated: {output}");
    assert_eq!(hook("show", 8), made, "the webhook's secret is rewrapped, too");
    assert_eq!(bench.with_keys(8, None, &["import", "--tenant-id=acme"]).0, 0);
    let (code, output) = bench.with_keys(7, None, &["import", "--tenant-id=acme"]);
    assert_eq!(code, 1, "{output}");
    assert!(output.contains("is retired"), "{output}");
    assert_eq!(
        bench
            .with_keys(9, None, &["tenant", "check", "--tenant-id=acme"])
            .0,
        1,
        "a stranger's key"
    );
}

impl Bench {
    /// Stops a rotation after the first of two tenants: by SIGKILL, or by a failure of the database.
    async fn stop_a_rotation_at_the_second_tenant(&self, database: Database) {
        if database == Database::Sqlite {
            let mut sqlite = self.sqlite().await;
            let failing = "create trigger stop before update of credentials on tenant_configs
                when old.tenant_id = 'second' begin select raise(abort, 'the disk is full'); end";
            sqlite.execute(failing).await.expect("made");
            let (code, output) = self.with_keys(8, Some(7), &["keys", "rotate"]);
            assert_eq!(code, 4, "{output}");
            sqlite.execute("drop trigger stop").await.expect("dropped");
            return;
        }
        let mut postgres = self.postgres().await;
        postgres.execute("begin").await.expect("begun");
        let hold = "select 1 from tenant_configs where tenant_id = 'second' for update";
        postgres.execute(hold).await.expect("held");
        let mut rotation = self
            .command(&["keys", "rotate"])
            .env("PRECEDENT_MASTER_KEY", key(8))
            .env("PRECEDENT_OLD_MASTER_KEY", key(7))
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        // The rotation waits for the row that is locked here.
        let waiting = "select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'";
        let mut others = self.postgres().await;
        while sqlx::query_scalar::<_, i64>(waiting)
            .fetch_one(&mut others)
            .await
            .expect("read")
            == 0
        {
            let ended = rotation.try_wait().expect("a process");
            assert!(ended.is_none(), "it ended before: {ended:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        rotation.kill().expect("killed");
        rotation.wait().expect("ended");
        // PostgreSQL notices the lost client only when it writes to the connection.
        let end = "select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'";
        others.execute(end).await.expect("ended");
        postgres.execute("rollback").await.expect("released");
    }
}

on_both_databases!(keys_are_rotated_and_the_old_one_is_refused);
