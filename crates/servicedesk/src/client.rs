//! One tenant's connection: every request goes through [`Client::call`].

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use reqwest::header::{ACCEPT, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tracing::{debug, warn};
use url::Url;

use crate::address::Address;
use crate::auth::Auth;
use crate::classify::{Exchange, classify};
use crate::error::Failure;
use crate::pace::Pacer;
use crate::wire::Answer;
use crate::{Error, Result, Settings};

/// Waited after a throttle that does not say how long.
const THROTTLE_WAIT: Duration = Duration::from_secs(60);

/// Waits in a row with nobody getting through, after which a throttle is an error.
const THROTTLE_WAITS: u32 = 3;

/// Retries of one request after a broken answer.
const RETRIES: usize = 3;

/// Longest body that is read, in bytes: a page of 100 tickets with long logs, not a runaway server.
const BODY_LIMIT: usize = 64 << 20;

/// Detail calls on their way at the same time.
const DETAILS_IN_FLIGHT: usize = 16;

/// A client of one tenant's helpdesk; clones share pace, token and connections.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    address: Address,
    http: reqwest::Client,
    auth: Auth,
    pacer: Pacer,
    details: Arc<Semaphore>,
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// `Settings` if the certificates cannot be read or the accounts server is unknown.
    pub fn new(settings: Settings) -> Result<Self> {
        let http = http_client(&settings)?;
        let auth = Auth::new(&settings)?;
        Ok(Self {
            shared: Arc::new(Shared {
                address: Address::new(&settings),
                auth,
                http,
                pacer: Pacer::new(settings.requests_per_minute),
                details: Arc::new(Semaphore::new(DETAILS_IN_FLIGHT)),
                settings,
            }),
        })
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    pub(crate) fn address(&self) -> &Address {
        &self.shared.address
    }

    pub(crate) fn pacer(&self) -> &Pacer {
        &self.shared.pacer
    }

    pub(crate) fn details(&self) -> &Arc<Semaphore> {
        &self.shared.details
    }

    /// Sends one GET until it is answered, or will not be: pace, send, classify, and wait or give up.
    ///
    /// `what` names the call in the log; `read` takes what is needed from the answer.
    pub(crate) async fn call<T>(
        &self,
        what: &str,
        url: Url,
        read: impl Fn(&Answer<'_>) -> Result<T, String>,
    ) -> Result<T> {
        let pacer = self.pacer();
        let mut delays = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(500))
            .with_jitter()
            .with_max_times(RETRIES)
            .build();
        let (mut throttles, mut answers_before) = (0, 0);
        let mut renewed = false;
        for tries in 1.. {
            pacer.place().await;
            let token = self.shared.auth.header(&self.shared.http).await?;
            let failure = match self.exchange(what, &url, &token.headers, &read).await {
                Ok(value) => {
                    pacer.answered();
                    return Ok(value);
                }
                Err(failure) => failure,
            };
            match failure {
                Failure::Throttled { wait, reason } => {
                    let wait = wait.unwrap_or(THROTTLE_WAIT);
                    let others_get_through = pacer.answers() > answers_before;
                    throttles = if others_get_through { 1 } else { throttles + 1 };
                    answers_before = pacer.answers();
                    if throttles > THROTTLE_WAITS {
                        return Err(Error::Throttled {
                            waits: THROTTLE_WAITS,
                            reason,
                        });
                    }
                    warn!(
                        wait_ms = wait.as_millis() as u64,
                        "throttled on {what} ({reason}); waiting {} s",
                        wait.as_secs()
                    );
                    pacer.pause(wait);
                }
                Failure::Transient { reason, source } => {
                    let Some(delay) = delays.next() else {
                        return Err(Error::Unavailable {
                            tries,
                            reason,
                            source,
                        });
                    };
                    warn!(
                        delay_ms = delay.as_millis() as u64,
                        "no usable answer on {what} ({reason}); trying again"
                    );
                    sleep(delay).await;
                }
                Failure::Unauthorised(reason) if renewed || !token.renewable => {
                    return Err(Error::Unauthorised(reason));
                }
                Failure::Unauthorised(reason) => {
                    debug!("access token not accepted on {what} ({reason}); asking for a new one");
                    self.shared.auth.discard(&token).await;
                    renewed = true;
                }
                Failure::Final(error) => return Err(error),
            }
        }
        unreachable!("the loop ends by returning")
    }

    /// One request and what came of it.
    async fn exchange<T>(
        &self,
        what: &str,
        url: &Url,
        headers: &HeaderMap,
        read: impl Fn(&Answer<'_>) -> Result<T, String>,
    ) -> Result<T, Failure> {
        let started = Instant::now();
        let broken = |error: reqwest::Error| transport_failure(error, self.settings().timeout);
        let mut response = self
            .shared
            .http
            .get(url.clone())
            .headers(headers.clone())
            .send()
            .await
            .map_err(broken)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > BODY_LIMIT {
                let limit = BODY_LIMIT >> 20;
                return Err(Failure::Final(Error::Refused(format!(
                    "the answer is longer than {limit} MiB"
                ))));
            }
            body.extend_from_slice(&chunk);
        }
        let status = response.status().as_u16();
        let text = |name| {
            response
                .headers()
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        debug!(
            http.status = status,
            size_bytes = body.len(),
            duration_ms = started.elapsed().as_millis() as u64,
            "answered {what}"
        );
        let retry_after = text(RETRY_AFTER).and_then(|value| retry_after(value, text(DATE)));
        let body = repair(body);
        let exchange = Exchange {
            status,
            retry_after,
            location: text(LOCATION),
            body: &body,
        };
        let answer = classify(&exchange)?;
        read(&answer).map_err(|reason| Failure::Transient {
            reason: format!("HTTP {status} with {reason}"),
            source: None,
        })
    }
}

fn http_client(settings: &Settings) -> Result<reqwest::Client> {
    // Fails only when another part of the program has chosen a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("precedent/", env!("CARGO_PKG_VERSION")))
        .default_headers(HeaderMap::from_iter([(
            ACCEPT,
            HeaderValue::from_static("application/vnd.manageengine.sdp.v3+json"),
        )]))
        // A redirect leads to a login page, and would carry the credentials along.
        .redirect(reqwest::redirect::Policy::none())
        .timeout(settings.timeout);
    if let Some(pem) = &settings.ca_certificate {
        let unreadable =
            |error: reqwest::Error| Error::Settings(format!("the CA certificate cannot be read: {error}"));
        let certificates = reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(unreadable)?;
        builder = builder.tls_certs_merge(certificates);
    }
    builder
        .build()
        .map_err(|error| Error::Settings(format!("the HTTP client cannot be set up: {error}")))
}

/// A timeout, a refused or cut connection. The URL holds no secret, but says little: left out.
fn transport_failure(error: reqwest::Error, timeout: Duration) -> Failure {
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

/// Makes readable what a strict parser refuses as a whole: a byte order mark, bytes that are not UTF-8 and raw
/// control characters within strings. Between values a control character is white space in any case.
fn repair(mut body: Vec<u8>) -> Vec<u8> {
    body.iter_mut()
        .filter(|byte| byte.is_ascii_control())
        .for_each(|byte| *byte = b' ');
    if body.starts_with(b"\xef\xbb\xbf") {
        body.drain(..3);
    }
    match String::from_utf8(body) {
        Ok(text) => text.into_bytes(),
        Err(error) => String::from_utf8_lossy(error.as_bytes())
            .into_owned()
            .into_bytes(),
    }
}

/// Seconds, or a date, which is compared with the server's own clock.
fn retry_after(value: &str, server_date: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let date = |text: &str| chrono::DateTime::parse_from_rfc2822(text.trim()).ok();
    (date(value)? - date(server_date?)?).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_survives_bytes_that_no_json_may_hold() {
        let body = repair(b"\xef\xbb\xbf{\"subject\":\"a\tb\x01c \xe9\"}".to_vec());
        assert_eq!(
            String::from_utf8(body).as_deref(),
            Ok("{\"subject\":\"a b c \u{fffd}\"}")
        );
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let date = Some("Wed, 11 Mar 2026 12:00:00 GMT");
        assert_eq!(retry_after("7", None), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after("Wed, 11 Mar 2026 12:01:30 GMT", date),
            Some(Duration::from_secs(90))
        );
        assert_eq!(retry_after("Wed, 11 Mar 2026 11:00:00 GMT", date), None);
        assert_eq!(retry_after("soon", date), None);
    }
}
