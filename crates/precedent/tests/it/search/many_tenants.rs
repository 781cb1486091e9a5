//! One server with the indexes of many tenants.

use std::sync::Arc;

use serde_json::json;
use servicedesk_sim::Options;

use crate::support::{Bench, Server, read, setting};

/// Tickets of each tenant.
const TICKETS: usize = 40;

/// Clients at the same time.
const CLIENTS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn many_tenants_are_searched_in_bounded_memory_and_find_their_own() {
    let bench = Bench::new(Options::default()).await;
    let tenants = setting("PRECEDENT_MANY_TENANTS", 200) as usize;
    bench.fill_tenants(tenants, TICKETS).await;
    let server = Arc::new(Server::start(&bench, &["--requests-per-minute=0"]));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let server = server.clone();
            tokio::spawn(async move {
                let mut random = fastrand::Rng::with_seed(client as u64);
                for _ in 0..2 * tenants / CLIENTS {
                    let (tenant, word) = (random.usize(..tenants), 1 + random.usize(..TICKETS));
                    let search = server
                        .post(&format!("/v1/tenants/t{tenant}/search"))
                        .bearer_auth(format!("precedent~t{tenant}~a~secret"))
                        .json(&json!({"description": format!("word{word} fails")}));
                    let (status, _, answer) = read(search.send().await.expect("an answer")).await;
                    assert_eq!(status, 200, "{answer}");
                    let best = &answer["results"][0];
                    let subject = format!("Device word{word} of owner{tenant}");
                    assert_eq!(best["untrusted_content"]["subject"], subject, "{answer}");
                }
            })
        })
        .collect();
    for client in clients {
        client.await.expect("served");
    }
    let peak = server.peak_memory_bytes();
    println!("{tenants} tenants: at most {} MiB", peak >> 20);
    assert!(peak < 256 << 20, "{peak}");
}
