//! A helpdesk that answers what a test makes up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Uri, header};
use axum::response::Response;

use super::bench::Bench;

/// A body, and its `Content-Encoding`.
pub(crate) type Answer = (Vec<u8>, Option<&'static str>);

/// A running helpdesk; it stops when it is dropped.
pub(crate) struct HostileDesk {
    url: String,
    calls: Arc<AtomicUsize>,
    serving: tokio::task::JoinHandle<()>,
}

impl HostileDesk {
    /// Starts a helpdesk that answers each path with what `answer` returns.
    pub(crate) async fn start(answer: impl Fn(&str) -> Answer + Clone + Send + Sync + 'static) -> Self {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let router = Router::new().fallback(move |uri: Uri| {
            counted.fetch_add(1, Ordering::Relaxed);
            let (body, encoding) = answer(uri.path());
            let mut response = Response::builder().header(header::CONTENT_TYPE, "application/json");
            if let Some(encoding) = encoding {
                response = response.header(header::CONTENT_ENCODING, encoding);
            }
            std::future::ready(response.body(Body::from(body)).expect("an answer"))
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("served") });
        Self { url, calls, serving }
    }

    /// Returns the number of calls so far.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

impl Drop for HostileDesk {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Bench {
    /// Adds a tenant of this helpdesk, without a limit of requests.
    pub(crate) fn add_tenant_of_hostile(&self, desk: &HostileDesk, id: &str) {
        let file = self.write_credentials(&serde_json::json!({"authtoken": "any"}));
        self.good(&[
            "tenant",
            "add",
            "--tenant-id",
            id,
            "--name=Hostile",
            "--edition=on-premises",
            "--url",
            &desk.url,
            "--allow-loopback",
            "--requests-per-minute=0",
            "--credentials-file",
            &file,
        ]);
    }
}
