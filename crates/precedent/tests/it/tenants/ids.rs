//! A tenant id names one tenant and no file of another.

use servicedesk_sim::{Api, Edition, Options};

use crate::support::{Bench, Database, folders, index_folder};

const TENANTS: [&str; 4] = ["two", "two.lock", "TWO", "two.lock.lock"];

async fn bench(database: Database) -> Bench {
    let options = Options {
        tickets: Some(40),
        days: 80,
        ..Options::default()
    };
    Bench::on(database, options).await
}

async fn tenants_with_ids_like_file_names_are_imported_and_searched(database: Database) {
    let bench = bench(database).await;
    let word = bench.simulator.desk().truth()[0].subject.clone();
    for tenant in TENANTS {
        bench.add_tenant(tenant, Edition::Cloud, Api::V3);
        bench.good(&["import", "--tenant-id", tenant, "--days=90"]);
        let (code, found, stderr) = bench.run(&["search", "--tenant-id", tenant, "--json", "--", &word]);
        assert_eq!(code, 0, "{tenant}: {stderr}");
        assert!(!found.is_empty(), "{tenant}");
    }
    let indexes = folders(bench.home.path());
    for tenant in TENANTS {
        bench.good(&["search", "--tenant-id", tenant, "--", &word]);
        assert!(indexes.contains(&index_folder(tenant)), "{indexes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_was_named_by_its_tenant_id_is_removed() {
    let bench = bench(Database::Sqlite).await;
    bench.import();
    bench.good(&["search", "--tenant-id=acme", "vpn"]);
    let caches = bench.home.path().join(".cache/precedent/search");
    let database = std::fs::read_dir(&caches).expect("caches").next();
    let version = database.expect("one").expect("readable").path().join("v2");
    let by_id = version.join("acme");
    // The files of the version before.
    let leave = || {
        std::fs::remove_dir_all(version.join(index_folder("acme"))).ok();
        std::fs::create_dir_all(&by_id).expect("made");
        std::fs::write(by_id.join("words"), "of a ticket").expect("written");
        std::fs::write(version.join("acme.lock"), "").expect("written");
    };
    leave();
    bench.good(&["search", "--tenant-id=acme", "vpn"]);
    assert!(!by_id.exists() && !version.join("acme.lock").exists());
    leave();
    bench.good(&["tenant", "remove", "--tenant-id=acme", "--erase", "--yes"]);
    assert!(!by_id.exists() && !version.join("acme.lock").exists());
}

on_both_databases!(tenants_with_ids_like_file_names_are_imported_and_searched);
