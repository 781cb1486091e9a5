//! One server with the indexes of many tenants.

use std::sync::Arc;

use serde_json::json;
use servicedesk_sim::Options;

use crate::support::{Bench, Server, read, setting};

/// Tickets of each tenant.
const TICKETS: usize = 40;

/// Clients at the same time.
const CLIENTS: usize = 8;

/// Adds the tenants t0, t1 and so on, each with its own tickets and a token such as `precedent~t0~a~secret`.
async fn fill(bench: &Bench, tenants: usize) {
    let last = tenants - 1;
    for statement in [
        format!(
            "insert into tenant_configs
                 (tenant_id, name, edition, api, base_url, credentials, requests_per_minute, created_at, updated_at, revision)
             select 't' || n, 'T', 'cloud', 'v3', 'https://desk.example.com', 'v1', 100, now(), now(), 1
             from generate_series(0, {last}) n"
        ),
        format!(
            "insert into api_tokens (tenant_id, token_id, name, secret_digest, scopes, created_at, expires_at)
             select 't' || n, 'a', 'agent', sha256('secret'), 'search', now(), now() + interval '1 day'
             from generate_series(0, {last}) n"
        ),
        format!(
            "insert into ticket_history
                 (id, tenant_id, ticket_id, subject, description, resolution, resolved_date, tags, source, revision)
             select gen_random_uuid(), 't' || n, m::text, 'Device word' || m || ' of owner' || n,
                 'Device word' || m || E' of owner' || n || E'\n\nfails since ' || md5(n::text || m), 'Replaced part' || m,
                 now(), '[]', 'bulk_import', 1
             from generate_series(0, {last}) n, generate_series(1, {TICKETS}) m"
        ),
    ] {
        bench.execute(&statement).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tenants_are_searched_in_bounded_memory_and_find_their_own() {
    let bench = Bench::new(Options::default()).await;
    let tenants = setting("PRECEDENT_MANY_TENANTS", 200) as usize;
    fill(&bench, tenants).await;
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
                    assert_eq!(best["subject"], subject, "{answer}");
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
