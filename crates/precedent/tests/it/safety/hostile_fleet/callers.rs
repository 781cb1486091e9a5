//! Who calls the service meanwhile: agents that search, a helpdesk that floods it with hints, and half-open connections.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::support::{Server, Webhook};

/// Time between two searches.
const SEARCH_EVERY: Duration = Duration::from_millis(50);

/// Number of hints that are under way at the same time.
const HINTS_AT_ONCE: usize = 4;

/// Searches of all tenants in turn. Each must be answered. The first of each tenant, which builds its index, is not measured.
pub(super) struct Searches {
    task: tokio::task::JoinHandle<Vec<Duration>>,
    stop: CancellationToken,
}

/// Durations of searches.
pub(super) struct Measured {
    pub(super) count: usize,
    pub(super) p95: Duration,
}

impl Searches {
    pub(super) async fn start(server: &Server, tokens: &[(String, String)]) -> Self {
        let stop = CancellationToken::new();
        let requests = tokens.iter().map(|(tenant, token)| {
            server
                .post(&format!("/v1/tenants/{tenant}/search"))
                .bearer_auth(token)
                .json(&json!({"text": "printer does not print", "limit": 5}))
        });
        let requests: Vec<_> = requests.collect();
        let stopped = stop.clone();
        for request in &requests {
            search(request).await;
        }
        let task = tokio::spawn(async move {
            let mut durations = Vec::new();
            for request in requests.iter().cycle() {
                if stopped.is_cancelled() {
                    break;
                }
                durations.push(search(request).await);
                tokio::time::sleep(SEARCH_EVERY).await;
            }
            durations
        });
        Self { task, stop }
    }

    pub(super) async fn end(self) -> Measured {
        self.stop.cancel();
        let mut durations = self.task.await.expect("every search was answered");
        durations.sort_unstable();
        Measured {
            count: durations.len(),
            p95: durations[durations.len() * 95 / 100],
        }
    }
}

/// Searches; returns the time until the whole answer was there.
async fn search(request: &RequestBuilder) -> Duration {
    let request = request.try_clone().expect("a body in memory");
    let started = Instant::now();
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.bytes().await.expect("a body");
    started.elapsed()
}

/// Sends hints of ever new tickets as fast as they are answered, until it is dropped.
pub(super) fn flood_hints(server: &Server, webhook: Webhook) -> Vec<AbortOnDropHandle<()>> {
    let webhook = Arc::new(webhook);
    let flood = |lane: usize| {
        let request = server
            .post(&webhook.path)
            .header("x-precedent-secret", &webhook.secret);
        let send = async move {
            for number in 0_u64.. {
                let id = format!("{lane}{number:012}");
                let body = json!({"request": {"id": id}}).to_string();
                let request = request.try_clone().expect("no body yet").body(body);
                // Too many are refused.
                if request.send().await.is_err() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        };
        AbortOnDropHandle::new(tokio::spawn(send))
    };
    (1..=HINTS_AT_ONCE).map(flood).collect()
}

/// Opens connections that send half a request. The service may close them.
pub(super) fn open_half(server: &Server, count: usize) -> Vec<TcpStream> {
    let address = server.url.strip_prefix("http://").expect("an address");
    let open = |_| {
        let mut stream = TcpStream::connect(address).ok()?;
        stream
            .write_all(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-")
            .ok()?;
        Some(stream)
    };
    (0..count).filter_map(open).collect()
}
