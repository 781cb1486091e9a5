//! Tokens: their tenant, their scope, their end and their limit of requests.

use reqwest::RequestBuilder;
use serde_json::json;
use servicedesk_sim::{Api, Edition};

use crate::support::{Bench, Database, Server, problem, status};

fn search(server: &Server, tenant: &str) -> RequestBuilder {
    let body = json!({"description": "vpn network printer"});
    server.post(&format!("/v1/tenants/{tenant}/search")).json(&body)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_token_opens_only_its_tenant() {
    let bench = Bench::with_imported_tickets(Database::Postgres, 300).await;
    bench.add_tenant("other", Edition::Cloud, Api::V3);
    let server = Server::start(&bench, &["--requests-per-minute=0"]);
    let token = bench.token("acme", &[]);
    for bad in [
        "",
        "x",
        "precedent~acme~a~b",
        &format!("{token}x"),
        &token.replace("acme", "other"),
    ] {
        problem(search(&server, "acme").bearer_auth(bad), 401).await;
    }
    let unsigned = search(&server, "acme").send().await.expect("an answer");
    assert_eq!(unsigned.headers()["www-authenticate"], "Bearer");
    problem(search(&server, "acme").basic_auth("acme", Some(&token)), 401).await;
    assert_eq!(status(search(&server, "acme").bearer_auth(&token)).await, 200);

    // The answers do not tell another tenant from one that does not exist.
    let other = problem(search(&server, "other").bearer_auth(&token), 404).await;
    let missing = problem(search(&server, "nobody").bearer_auth(&token), 404).await;
    assert_eq!(other, missing);
    for strange in ["%ff", "..%2Facme", "%00", "acme%20", "ACME"] {
        problem(search(&server, strange).bearer_auth(&token), 404).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_only_its_scope() {
    let bench = Bench::with_imported_tickets(Database::Postgres, 300).await;
    let server = Server::start(&bench, &[]);
    let reader = bench.token("acme", &["--scope=tickets"]);
    let refused = problem(search(&server, "acme").bearer_auth(&reader), 403).await;
    let detail = refused["detail"].as_str();
    assert!(detail.is_some_and(|text| text.contains("`search`")), "{refused}");
    let searcher = bench.token("acme", &["--scope=search"]);
    let read = server.get("/v1/tenants/acme/tickets/1");
    problem(read.bearer_auth(&searcher), 403).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_when_it_is_revoked_and_with_its_tenant() {
    let bench = Bench::with_imported_tickets(Database::Postgres, 300).await;
    let server = Server::start(&bench, &["--requests-per-minute=0"]);
    let token = bench.token("acme", &[]);
    let kept = bench.token("acme", &["--scope=search"]);
    let list = ["token", "list", "--tenant-id=acme"];
    let listed = bench.objects(&list);
    let id = token.split('~').nth(2).expect("an id");
    let first = listed.iter().find(|listed| listed["token_id"] == id);
    let first = first.expect("the token");
    assert_eq!(
        (&first["state"], &first["name"]),
        (&json!("valid"), &json!("test agent"))
    );
    let secret = token.rsplit('~').next().expect("a secret");
    let printed = format!("{listed:?}");
    assert!(
        !printed.contains(secret) && !printed.contains("digest"),
        "{printed}"
    );
    let revoke = ["token", "revoke", "--tenant-id=acme", "--token-id"];
    bench.good(&[&revoke[..], &[id]].concat());
    problem(search(&server, "acme").bearer_auth(&token), 401).await;
    assert!(bench.run(&list).1.contains("revoked"));
    assert_eq!(bench.run(&[&revoke[..], &["none"]].concat()).0, 1);
    bench.good(&["tenant", "remove", "--tenant-id=acme", "--erase", "--yes"]);
    bench.add_tenant("acme", Edition::Cloud, Api::V3);
    problem(search(&server, "acme").bearer_auth(&kept), 401).await;
    let (_, log, _) = bench.run(&["audit", "--tenant-id=acme"]);
    assert!(
        log.contains("token create") && log.contains("token revoke") && !log.contains(secret),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_too_many_requests_has_to_wait() {
    let bench = Bench::with_imported_tickets(Database::Sqlite, 300).await;
    let (token, calm) = (bench.token("acme", &[]), bench.token("acme", &[]));
    let server = Server::start(&bench, &["--requests-per-minute=3"]);
    let ask = |token: &str| server.get("/v1/tenants/acme/tickets/1").bearer_auth(token);
    for _ in 0..3 {
        problem(ask(&token), 404).await;
    }
    let refused = ask(&token).send().await.expect("an answer");
    let wait = refused.headers()["retry-after"].to_str().expect("text");
    let seconds: u64 = wait.parse().expect("seconds");
    assert!((1..=60).contains(&seconds), "{wait}");
    problem(ask(&token), 429).await;
    problem(ask(&calm), 404).await;
}
