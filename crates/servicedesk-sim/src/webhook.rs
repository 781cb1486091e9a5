//! Reports of changes, as ServiceDesk Plus sends them to a webhook: one POST each, without a retry.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Serialize;
use tokio::net::TcpStream;

use crate::population::change::Change;

/// Timeout for one report.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of an answer that hold its status.
const STATUS_BYTES: usize = 64;

/// The receiver of reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// `host:port`.
    authority: String,
    path: String,
    headers: Vec<(String, String)>,
}

/// Number of reports by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reports {
    /// Reports answered with a status of 200 to 299.
    pub accepted: usize,
    /// Reports answered otherwise, or not at all.
    pub failed: usize,
}

impl Webhook {
    /// Creates a receiver with these headers, such as its secret.
    ///
    /// # Errors
    /// When the URL is not `http://host:port/path`, or a header is not one line of text.
    pub fn new(url: &str, headers: Vec<(String, String)>) -> anyhow::Result<Self> {
        let rest = url
            .strip_prefix("http://")
            .with_context(|| format!("{url} does not begin with http://"))?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_line = |text: &str| !text.chars().any(char::is_control);
        let lines = headers
            .iter()
            .all(|(name, value)| is_line(name) && is_line(value));
        if !lines || !is_line(rest) || rest.contains(' ') {
            bail!("URL and headers are one line each");
        }
        Ok(Self {
            authority: authority.to_owned(),
            path: path.to_owned(),
            headers,
        })
    }

    /// Reports a change, and counts the result.
    pub(crate) async fn report(&self, change: &Change, counter: &ReportCounter) {
        match tokio::time::timeout(TIMEOUT, self.post(change)).await {
            Ok(Ok(200..300)) => counter.accepted.fetch_add(1, Ordering::Relaxed),
            _ => counter.failed.fetch_add(1, Ordering::Relaxed),
        };
    }

    async fn post(&self, change: &Change) -> anyhow::Result<u16> {
        let connection = TcpStream::connect(&self.authority).await?;
        let request = self.request(change);
        let mut rest = request.as_bytes();
        while !rest.is_empty() {
            connection.writable().await?;
            match connection.try_write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        let (mut answer, mut read) = ([0; STATUS_BYTES], 0);
        while read < STATUS_BYTES {
            connection.readable().await?;
            match connection.try_read(&mut answer[read..]) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        let answer = String::from_utf8_lossy(&answer[..read]);
        let status = answer.split(' ').nth(1).context("no status")?;
        Ok(status.parse()?)
    }

    fn request(&self, change: &Change) -> String {
        let body = serde_json::json!({"id": change.id, "event": change.kind}).to_string();
        let mut request = format!("POST /{} HTTP/1.1\r\nHost: {}\r\n", self.path, self.authority);
        for (name, value) in &self.headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        let length = body.len();
        request.push_str(&format!(
            "Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ));
        request
    }
}

/// Counts reports while they are sent.
#[derive(Default)]
pub(crate) struct ReportCounter {
    accepted: AtomicUsize,
    failed: AtomicUsize,
}

impl ReportCounter {
    pub(crate) fn reports(&self) -> Reports {
        Reports {
            accepted: self.accepted.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }

    /// Counts a report that did not fit into the queue.
    pub(crate) fn dropped(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }
}
