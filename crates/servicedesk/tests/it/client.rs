//! A client of a scripted server.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use secrecy::SecretString;
use servicedesk::{Api, Client, Credentials, Edition, InProcess, Settings};
use tokio_util::task::AbortOnDropHandle;

/// Starts a server and a client without a limit. The server ends when its handle is dropped.
pub(crate) async fn client_of(edition: Edition, router: Router) -> (Client, AbortOnDropHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let base_url = format!("http://{}", listener.local_addr().expect("bound"));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
    let client = Client::new(Settings {
        edition,
        api: Api::V3,
        base_url: base_url.parse().expect("a URL"),
        portal: None,
        accounts_url: None,
        credentials: Credentials::AuthToken(SecretString::from("key")),
        ca_certificate: None,
        timeout: Duration::from_secs(30),
        insecure: false,
        allow_http: false,
        allow_loopback: true,
        requests_per_minute: 0,
        learned_pace: None,
        pace: Arc::new(InProcess::default()),
        statuses: None,
        lock: Duration::from_secs(1),
        resolution_from_notes: false,
        keep_html: false,
    })
    .expect("good settings");
    (client, AbortOnDropHandle::new(serving))
}
