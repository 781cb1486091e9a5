//! A tenant id names one tenant and no file of another.

use servicedesk_sim::{Api, Edition, Options};

use crate::support::{Bench, Database, folders, index_folder, index_of};

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
async fn indexes_of_an_earlier_version_are_removed() {
    let bench = bench(Database::Sqlite).await;
    bench.import();
    bench.good(&["search", "--tenant-id=acme", "vpn"]);
    let version = index_of(bench.home.path(), "acme");
    let earlier = version.parent().expect("a parent").with_file_name("v2");
    std::fs::create_dir_all(earlier.join("acme")).expect("made");
    std::fs::write(earlier.join("acme/words"), "of a ticket").expect("written");
    bench.good(&["search", "--tenant-id=acme", "vpn"]);
    assert!(!earlier.exists());
}

on_both_databases!(tenants_with_ids_like_file_names_are_imported_and_searched);
