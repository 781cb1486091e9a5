//! One request and its classified answer.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION};
use tokio::time::Instant;
use tracing::debug;
use url::Url;

use super::classify::{self, Exchange};
use super::client::Client;
use super::failure::Failure;
use super::{network, retry_after, transport};
use crate::wire::{Answer, Row};
use crate::{Error, Result};

/// Maximum size of a body in bytes: room for a page of 100 tickets with long logs.
const BODY_LIMIT: usize = 64 << 20;

impl Client {
    /// Sends one GET and classifies the answer.
    pub(super) async fn exchange<T>(
        &self,
        what: &str,
        url: &Url,
        headers: &HeaderMap,
        read: impl Fn(Answer<Row>) -> Result<T, String>,
    ) -> Result<T, Failure> {
        let started = Instant::now();
        let broken = |error: reqwest::Error| transport_failure(error, self.settings().timeout);
        let allowed = self.network().check_before_proxy(url).await;
        allowed.map_err(Failure::Final)?;
        let request = self.http().get(url.clone()).headers(headers.clone());
        let mut response = request.send().await.map_err(broken)?;
        let body = transport::body(&mut response, BODY_LIMIT).await.map_err(broken)?;
        let body = Arc::new(body.ok_or(Failure::Final(Error::TooLong {
            limit_bytes: BODY_LIMIT,
        }))?);
        let status = response.status().as_u16();
        debug!(
            http.status = status,
            size_bytes = body.len(),
            duration_ms = started.elapsed().as_millis() as u64,
            "received an answer to {what}"
        );
        let location = response.headers().get(LOCATION);
        let exchange = Exchange {
            status,
            retry_after: retry_after::in_headers(response.headers()),
            location: location.and_then(|value| value.to_str().ok()),
            body: &body,
        };
        classify::read(&exchange, read)
    }
}

/// Describes a timeout or a refused or cut connection. Leaves the URL out: it says little to an operator.
fn transport_failure(error: reqwest::Error, timeout: Duration) -> Failure {
    if let Some(refused) = network::refused(&error) {
        return Failure::Final(Error::Settings(refused));
    }
    let error = error.without_url();
    let reason = if error.is_timeout() {
        format!("no answer within {} s", timeout.as_secs_f32())
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the connection broke".to_owned()
    };
    Failure::Transient {
        reason,
        source: Some(error),
    }
}
