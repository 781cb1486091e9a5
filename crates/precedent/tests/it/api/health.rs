//! Health checks, and a database that is gone.

use reqwest::StatusCode;
use serde_json::json;
use servicedesk_sim::Options;

use crate::support::{Bench, Server, problem, status};

#[tokio::test(flavor = "multi_thread")]
async fn health_checks_need_no_token_and_report_a_lost_database() {
    let bench = Bench::new(Options::default()).await;
    let token = bench.token("acme", &[]);
    let server = Server::start(&bench, &[]);
    for (path, says) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        let answer = server.get(path).send().await.expect("an answer");
        assert_eq!(
            (answer.status(), answer.text().await.expect("text").as_str()),
            (StatusCode::OK, says)
        );
    }
    bench.lose_database().await;
    let search = server
        .post("/v1/tenants/acme/search")
        .bearer_auth(&token)
        .json(&json!({"description": "vpn"}));
    let refused = problem(search, 503).await;
    assert!(!refused.to_string().contains("127.0.0.1"), "{refused}");
    problem(server.get("/readyz"), 503).await;
    assert_eq!(status(server.get("/healthz")).await, 200);
    assert_eq!(server.stop(), 0);
}
