//! A process that holds the lock of a tenant's index.

use std::time::Duration;

use serde_json::json;
use servicedesk_sim::Options;

use crate::support::{Bench, Server, index_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_held_lock_delays_one_tenant_for_a_bounded_time() {
    let bench = Bench::new(Options::default()).await;
    bench.fill_tenants(2, 40).await;
    bench.good(&["search", "--tenant-id=t0", "word7 fails"]);
    let lock = index_of(bench.home.path(), "t0").with_extension("lock");
    let lock = std::fs::File::open(lock).expect("a lock");
    lock.lock().expect("locked");
    let server = Server::start(&bench, &[]);
    let search = async |tenant: &str| {
        let search = server.post(&format!("/v1/tenants/{tenant}/search"));
        let search = search.bearer_auth(format!("precedent~{tenant}~a~secret"));
        let search = search.json(&json!({"description": "word7 fails"}));
        let answer = tokio::time::timeout(Duration::from_secs(30), search.send());
        answer.await.expect("in time").expect("an answer")
    };
    let (held, other) = tokio::join!(search("t0"), search("t1"));
    assert_eq!(other.status(), 200);
    assert_eq!(held.status(), 503);
    assert!(held.headers().contains_key("retry-after"), "{held:?}");
    drop(lock);
    assert_eq!(search("t0").await.status(), 200);
}
