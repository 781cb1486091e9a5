//! Metrics name all tenants, so they have their own address.

use std::net::TcpListener;

use reqwest::StatusCode;
use servicedesk_sim::Options;

use crate::support::{Bench, Database, Server, problem, status};

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_their_own_address() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    for role in ["--role=all", "--role=web", "--role=worker"] {
        let server = Server::start(&bench, &[role]);
        problem(server.get("/metrics"), 404).await;
        let metrics = server.metrics().await;
        assert!(
            metrics.contains("precedent_helpdesk_requests_per_minute{tenant=\"acme\"}"),
            "{metrics}"
        );
        for path in ["/healthz", "/readyz"] {
            let callers = status(server.get(path)).await;
            let operators = status(server.operators(path)).await;
            assert_eq!((callers, operators), (StatusCode::OK, StatusCode::OK), "{path}");
        }
        problem(server.operators("/openapi.json"), 404).await;
        problem(server.operators("/v1/tenants/acme/tickets/1"), 404).await;
        let metrics_url = server.operators("/metrics").build().expect("a request");
        let post = server.http.post(metrics_url.url().clone());
        problem(post, 405).await;
        problem(server.operators("/metrics").body("x"), 400).await;
        assert_eq!(server.stop(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_can_be_off_and_only_a_chosen_address_must_be_free() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let server = Server::start(&bench, &["--metrics-listen=off"]);
    problem(server.get("/metrics"), 404).await;
    assert_eq!(server.stop(), 0);

    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let serve = ["serve", "--listen=127.0.0.1:0", "--metrics-listen"];
    let (code, _, stderr) = bench.run(&[&serve[..], &[&address]].concat());
    assert_eq!(code, 1, "{stderr}");
    assert!(
        stderr.contains("cannot serve metrics on") && stderr.contains("--metrics-listen"),
        "{stderr}"
    );
    let (code, _, stderr) = bench.run(&[&serve[..], &["on"]].concat());
    assert!(code == 1 && stderr.contains("`off`"), "{code}: {stderr}");

    // The service starts even if the default port is taken.
    let _default = TcpListener::bind("127.0.0.1:9464");
    let server = Server::start_with_default_metrics(&bench);
    assert_eq!(status(server.get("/readyz")).await, 200);
    assert_eq!(server.stop(), 0);
}
