//! Large builds of some tenants, and the searches of others.

use std::sync::Arc;

use serde_json::json;
use servicedesk_sim::Options;

use crate::support::{Bench, Server, index_of, read, status};

/// Tenants with a large history, and the tickets of each: more than a test can wait for.
const LARGE: usize = 5;
const TICKETS: usize = 12_000;

#[tokio::test(flavor = "multi_thread")]
async fn large_builds_of_others_do_not_delay_a_small_tenant() {
    let bench = Bench::new(Options::default()).await;
    bench.fill_tenants(LARGE + 2, 40).await;
    bench
        .execute(&format!(
            "insert into ticket_history
                 (id, tenant_id, ticket_id, subject, description, resolution, resolved_date, tags, source, revision)
             select gen_random_uuid(), 't' || n, 'x' || m, 'Device', string_agg(md5(m || 'word' || w), ' '), 'Replaced', now(),
                 '[]', 'bulk_import', 1
             from generate_series(0, {LARGE} - 1) n, generate_series(1, {TICKETS}) m, generate_series(1, 20) w
             group by n, m"
        ))
        .await;
    let server = Arc::new(Server::start(&bench, &["--requests-per-minute=0"]));
    let search = |tenant: usize| {
        let search = server.post(&format!("/v1/tenants/t{tenant}/search"));
        let search = search.bearer_auth(format!("precedent~t{tenant}~a~secret"));
        search.json(&json!({"description": "word7 fails"}))
    };
    let large: Vec<_> = (0..LARGE)
        .map(|tenant| tokio::spawn(status(search(tenant))))
        .collect();
    let begun = |tenant| {
        index_of(bench.home.path(), &format!("t{tenant}"))
            .with_extension("lock")
            .exists()
    };
    bench.wait_until("builds", || (0..LARGE).all(begun)).await;
    for tenant in [LARGE, LARGE + 1] {
        let (status, _, answer) = read(search(tenant).send().await.expect("an answer")).await;
        assert_eq!(status, 200, "{answer}");
    }
    for search in large {
        let status = search.await.expect("an answer");
        assert!(status == 200 || status == 503, "{status}");
    }
}
