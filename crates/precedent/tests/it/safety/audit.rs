//! The audit log names what operators did.

use super::bench;
use crate::support::Database;

async fn the_audit_log_lists_what_operators_did(database: Database) {
    let bench = bench(database).await;
    bench.good(&[
        "tenant",
        "set",
        "--tenant-id=acme",
        "--requests-per-minute=50",
        "--keep-html",
    ]);
    bench.import();
    bench.good(&["verify", "--tenant-id=acme"]);
    bench.good(&["tenant", "remove", "--tenant-id=acme", "--yes"]);
    let (_, log, _) = bench.run(&["audit", "--tenant-id=acme"]);
    let actions: Vec<_> = log
        .lines()
        .filter_map(|line| line.split_once(") "))
        .map(|(_, what)| what)
        .collect();
    assert_eq!(
        actions,
        [
            "tenant remove: ",
            "verify: 27 the same, 0 missing, 0 stale, 0 gone, 0 rejected",
            "import: 90 days before..now",
            "tenant set: requests per minute, keep html",
            &format!("tenant add: {}", bench.simulator.url()),
        ]
    );
    let (_, whole, _) = bench.run(&["audit", "--json"]);
    assert!(
        whole.contains("db migrate") && whole.lines().count() > actions.len(),
        "{whole}"
    );
}

on_both_databases!(the_audit_log_lists_what_operators_did);
