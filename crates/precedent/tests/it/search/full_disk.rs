//! A search index that cannot be written is kept, and its tenant waits no longer than others.

use std::process::Command;

use servicedesk_sim::Options;

use crate::support::{Bench, finished, index_of};

/// Runs a search whose files may have no more than this number of KiB.
fn search(bench: &Bench, limit_kib: u32, tenant: &str) -> (i32, String, String) {
    let command = bench.command(&["search", "--tenant-id", tenant, "--json", "word7 fails"]);
    let mut limited = Command::new("bash");
    limited
        .args(["-c", &format!("ulimit -f {limit_kib}; exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        limited.env(name, value.expect("set"));
    }
    finished(limited.output().expect("started"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_keeps_the_index_and_says_what_to_do() {
    let bench = Bench::new(Options::default()).await;
    bench.fill_tenants(2, 40).await;
    let (code, whole, stderr) = search(&bench, 10_000, "t0");
    assert_eq!(code, 0, "{stderr}");
    let list = index_of(bench.home.path(), "t0").join("meta.json");
    let before = std::fs::read(&list).expect("an index");
    bench
        .execute(
            "update ticket_history set revision = 2 where tenant_id = 't0';
             update tenant_configs set revision = 2 where tenant_id = 't0'",
        )
        .await;
    let (code, _, stderr) = search(&bench, 1, "t0");
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("free space on its disk"), "{stderr}");
    assert_eq!(std::fs::read(&list).expect("kept"), before);
    // The index goes on from where it was.
    let (code, again, stderr) = search(&bench, 10_000, "t0");
    assert_eq!((code, again), (0, whole), "{stderr}");
    assert!(!stderr.contains("rebuilding"), "{stderr}");
}
