//! One request and its classified answer.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION};
use tokio::time::{Instant, timeout_at};
use tracing::debug;
use url::Url;

use super::classify::{self, Exchange};
use super::client::Client;
use super::failure::Failure;
use super::transport::{self, BodyError, BodyInRoom};
use super::{network, retry_after};
use crate::wire::{Answer, Body, Row};
use crate::{Error, Result};

/// Maximum time of a request with all its waits for room, after which something must have been forgotten.
const LONGEST: Duration = Duration::from_hours(1);

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
        let timeout = self.settings().timeout;
        let deadline = started + timeout;
        let failed = |error| body_failure(error, timeout);
        let allowed = self.network().check_before_proxy(url).await;
        allowed.map_err(Failure::Final)?;
        // The deadline applies here, since the wait for room does not count.
        let request = self
            .http()
            .get(url.clone())
            .headers(headers.clone())
            .timeout(LONGEST);
        let response = timeout_at(deadline, request.send()).await;
        let response = response.map_err(|_| failed(BodyError::Late))?;
        let mut response = response.map_err(|error| failed(BodyError::Broken(error)))?;
        let body = transport::body(&mut response, self.longest_answer(), deadline, self.room()).await;
        let BodyInRoom { text, room } = body.map_err(failed)?;
        let body = Arc::new(Body::from(text));
        let status = response.status().as_u16();
        debug!(
            http.status = status,
            size_bytes = body.text().len(),
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
        let answer = classify::read(&exchange, read);
        drop(room);
        answer
    }
}

/// Describes why there is no body.
fn body_failure(error: BodyError, timeout: Duration) -> Failure {
    let broken = |reason| Failure::Transient { reason, source: None };
    match error {
        BodyError::Broken(error) => transport_failure(error, timeout),
        BodyError::Late => broken(no_answer_within(timeout)),
        BodyError::Garbled(reason) => broken(format!("a body in {reason}")),
        BodyError::TooLong(reason) => Failure::Final(Error::TooLong { reason }),
    }
}

fn no_answer_within(timeout: Duration) -> String {
    format!("no answer within {} s", timeout.as_secs_f32())
}

/// Describes a timeout or a refused or cut connection. Leaves the URL out: it says little to an operator.
fn transport_failure(error: reqwest::Error, timeout: Duration) -> Failure {
    if let Some(refused) = network::refused(&error) {
        return Failure::Final(Error::Settings(refused));
    }
    let error = error.without_url();
    let reason = if error.is_timeout() {
        no_answer_within(timeout)
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
