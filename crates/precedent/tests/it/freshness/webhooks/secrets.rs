//! Each secret of a webhook has one purpose, and guesses lock nobody out.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, RequestBuilder};
use serde_json::json;
use servicedesk_sim::Edition;
use sha2::Sha256;
use sqlx::Executor as _;

use crate::support::{
    Bench, Database, SECRET, Server, Webhook, assert_accepted, finished, problem, resolved_ticket, signed,
    status,
};

/// More wrong secrets than one address or one webhook may show at once.
const MANY: usize = 150;

fn notification(client: &Client, server: &Server, path: &str, secret: &str) -> RequestBuilder {
    let request = client.post(format!("{}{path}", server.url));
    let body = json!({"id": "1"}).to_string();
    request.header("x-precedent-secret", secret).body(body)
}

/// Shows the webhook many wrong secrets; returns how many were answered with 429. The others must get the usual status.
async fn refused(client: &Client, server: &Server, path: &str, usual: u16) -> usize {
    let mut refused = 0;
    for number in 0..MANY {
        let guess = notification(client, server, path, &format!("guess-{number}"));
        match status(guess).await.as_u16() {
            429 => refused += 1,
            found => assert_eq!(found, usual),
        }
    }
    refused
}

#[tokio::test(flavor = "multi_thread")]
async fn each_secret_has_one_purpose() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let server = Server::start(&bench, &["--role=web"]);
    let Webhook { path, secret, .. } = bench.webhook();
    assert_ne!(secret, SECRET);
    problem(notification(&server.http, &server, &path, SECRET), 401).await;
    assert_accepted(status(notification(&server.http, &server, &path, &secret)).await);
    let event = resolved_ticket("4711", "Reset it", "2026-10-01T12:00:00Z");
    assert_accepted(status(signed(&server, &event)).await);
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    let signature = hex::encode(mac.chain_update(&event).finalize().into_bytes());
    let forged = server.post("/webhook/servicedesk/resolved-ticket");
    let forged = forged.header("x-servicedesk-signature", signature);
    problem(forged.body(event.clone()), 401).await;

    // A webhook of an earlier version has one secret, which must not sign whole tickets as well.
    let forget = "update webhooks set signing_secret = null";
    bench.postgres().await.execute(forget).await.expect("forgotten");
    let (_, shown, _) = bench.run(&["webhook", "show", "--tenant-id=acme"]);
    assert!(shown.contains("none yet"), "{shown}");
    tokio::time::timeout(Duration::from_secs(10), async {
        while status(signed(&server, &event)).await != 401 {}
    })
    .await
    .expect("forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_the_url_is_refused_by_default() {
    let bench = Bench::with_webhook(Database::Sqlite, Edition::Cloud).await;
    let server = Server::start(&bench, &["--role=web"]);
    let Webhook { path, secret, .. } = bench.webhook();
    // URLs are logged by proxies.
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    problem(server.get(&format!("{path}?secret={encoded}&id=1")), 401).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn short_secrets_are_refused() {
    let bench = Bench::with_webhook(Database::Sqlite, Edition::Cloud).await;
    for (characters, expected) in [(31, 1), (32, 0)] {
        let mut command = bench.command(&["tenant", "set", "--tenant-id=acme", "--webhook-secret-stdin"]);
        let file = bench.write("chosen", "x".repeat(characters));
        command.stdin(std::fs::File::open(file).expect("there"));
        let (code, _, stderr) = finished(command.output().expect("started"));
        assert_eq!(code, expected, "{characters}: {stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_limited_and_the_right_secret_always_passes() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let Webhook { path, secret, .. } = bench.webhook();
    let server = Server::start(&bench, &["--role=web"]);
    let elsewhere = Client::builder().local_address(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)));
    let elsewhere = elsewhere.build().expect("a client");
    let here = refused(&server.http, &server, &path, 401).await;
    assert!(here > 10 && MANY - here >= 60, "{here} of {MANY}");
    // The webhook is limited for every address, but neither for its helpdesk.
    let there = refused(&elsewhere, &server, &path, 401).await;
    assert!(there > MANY / 4 * 3, "{there} of {MANY}");
    let event = resolved_ticket("4711", "Reset it", "2026-10-01T12:00:00Z");
    for _ in 0..20 {
        for client in [&server.http, &elsewhere] {
            assert_accepted(status(notification(client, &server, &path, &secret)).await);
        }
        assert_accepted(status(signed(&server, &event)).await);
    }

    // An unknown tenant is limited in the same way.
    let unknown = path.replace("acme", "nobody");
    let client = Client::builder().local_address(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3)));
    let unknown = refused(&client.build().expect("a client"), &server, &unknown, 404).await;
    assert!(unknown > 10 && MANY - unknown >= 60, "{unknown} of {MANY}");
}
