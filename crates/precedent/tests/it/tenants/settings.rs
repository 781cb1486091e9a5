//! Tenants are added, shown, changed, checked and removed; the embedded default and the demo need no settings.

use std::os::unix::fs::PermissionsExt;

use servicedesk_sim::{Edition, Options};

use crate::support::{Bench, Database};

async fn bench() -> Bench {
    let options = Options {
        tickets: Some(30),
        edition: Edition::OnPremises,
        ..Options::default()
    };
    Bench::on(Database::Sqlite, options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_added_shown_changed_checked_and_removed() {
    let bench = bench().await;
    let (code, _, stderr) = bench.run(&["tenant", "show", "--tenant-id=acme"]);
    assert_eq!(code, 0, "{stderr}");
    bench.good(&[
        "tenant",
        "set",
        "--tenant-id=acme",
        "--requests-per-minute=42",
        "--name=Acme Ltd",
        "--portal=3",
        "--keep-days=730",
    ]);
    let (_, stdout, _) = bench.run(&["tenant", "list", "--json"]);
    let tenant: serde_json::Value = serde_json::from_str(&stdout).expect("one object");
    assert_eq!(tenant["name"], "Acme Ltd");
    assert_eq!(tenant["requests_per_minute"], 42);
    assert_eq!(tenant["portal"], "3");
    assert_eq!(tenant["keep_days"], 730);
    assert_eq!(tenant["edition"], "on-premises");

    let (code, stdout, stderr) = bench.run(&["tenant", "check", "--tenant-id=acme"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.contains("the address and the credentials work"),
        "{stdout}"
    );
    assert!(stdout.contains("list rows lack description"), "{stdout}");
    let (_, stdout, _) = bench.run(&["tenant", "show", "--tenant-id=acme", "--json"]);
    let tenant: serde_json::Value = serde_json::from_str(&stdout).expect("one object");
    assert_eq!(tenant["probe"]["filters_honoured"], true, "{stdout}");

    bench.good(&["tenant", "remove", "--tenant-id=acme", "--yes"]);
    assert_eq!(bench.run(&["tenant", "show", "--tenant-id=acme"]).0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_database_and_key_are_readable_by_the_owner_only() {
    let bench = bench().await;
    let credentials = bench.home.path().join("credentials.json");
    let url = bench.simulator.url();
    let add = bench
        .command(&[
            "tenant",
            "add",
            "--tenant-id=home",
            "--name=Home",
            "--edition=on-premises",
        ])
        .args(["--url", &url, "--allow-loopback", "--credentials-file"])
        .arg(&credentials)
        .env_remove("DATABASE_URL")
        .env_remove("PRECEDENT_MASTER_KEY")
        .output()
        .expect("started");
    assert!(add.status.success(), "{}", String::from_utf8_lossy(&add.stderr));
    let folder = bench.home.path().join(".local/share/precedent");
    for file in ["precedent.db", "master.key"] {
        let mode = std::fs::metadata(folder.join(file))
            .expect(file)
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let import = bench
        .command(&["import", "--tenant-id=home"])
        .env_remove("DATABASE_URL")
        .env_remove("PRECEDENT_MASTER_KEY")
        .output()
        .expect("started");
    assert!(
        import.status.success(),
        "{}",
        String::from_utf8_lossy(&import.stderr)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_needs_no_settings() {
    let bench = bench().await;
    let demo = bench
        .command(&["demo", "--tickets=300"])
        .env_remove("DATABASE_URL")
        .env_remove("PRECEDENT_MASTER_KEY")
        .output()
        .expect("started");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&demo.stdout),
        String::from_utf8_lossy(&demo.stderr),
    );
    assert!(demo.status.success(), "{stderr}");
    assert_eq!(stdout.matches("  solved: ").count(), 3, "{stdout}");
    assert!(stdout.contains("precedent tenant add"), "{stdout}");
    assert!(stderr.contains("Import complete: "), "{stderr}");
}
