//! One tenant's connection: every request goes through [`Client::call`].

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, LOCATION};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tracing::{debug, warn};
use url::Url;

use crate::address::Address;
use crate::auth::Auth;
use crate::classify::{self, Exchange};
use crate::error::Failure;
use crate::network::{self, PublicOnly};
use crate::pace::Pacer;
use crate::pages::PAGE_ROWS;
use crate::statuses::Learned;
use crate::stop::Stop;
use crate::transport::{self, LONGEST_WAIT};
use crate::wire::Answer;
use crate::{Edition, Error, Result, Row, Settings};

/// Waited after a throttle that does not say how long and is no lock; twice as long after the next one.
const THROTTLE_WAIT: Duration = Duration::from_secs(60);

/// Times that one request is sent anew with a fresh token that nobody has used with success.
const FRESH_TOKENS: u32 = 2;

/// Waits in a row with nobody getting through, after which a throttle is an error.
const THROTTLE_WAITS: u32 = 3;

/// Throttles of one request in all, after which it is an error although others get through.
const THROTTLES: u32 = 5;

/// Longest body that is read, in bytes: a page of 100 tickets with long logs, not a runaway server.
const BODY_LIMIT: usize = 64 << 20;

/// Detail calls on their way at the same time.
const DETAILS_IN_FLIGHT: usize = 16;

/// Seconds that the details of a part of a page take at the pace of the connection.
const PART_SECONDS: usize = 5;

/// A client of one tenant's helpdesk; clones share pace, token and connections.
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
    stop: Stop,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    address: Address,
    http: reqwest::Client,
    auth: Auth,
    pacer: Pacer,
    details: Semaphore,
    conversions: Semaphore,
    statuses: Learned,
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// `Settings` if the certificates cannot be read or the accounts server is unknown.
    pub fn new(settings: Settings) -> Result<Self> {
        network::check(&settings)?;
        let http = http_client(&settings)?;
        let auth = Auth::new(&settings)?;
        Ok(Self {
            stop: Stop::default(),
            shared: Arc::new(Shared {
                address: Address::new(&settings),
                auth,
                http,
                pacer: Pacer::new(
                    settings.pace.clone(),
                    settings.requests_per_minute,
                    settings.learned_pace,
                ),
                details: Semaphore::new(DETAILS_IN_FLIGHT),
                conversions: Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)),
                statuses: Learned::new(settings.statuses.clone()),
                settings,
            }),
        })
    }

    /// The same client for work that ends when told to.
    pub fn stopped_by(&self, stop: Stop) -> Self {
        Self {
            shared: self.shared.clone(),
            stop,
        }
    }

    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
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

    pub(crate) fn details(&self) -> &Semaphore {
        &self.shared.details
    }

    /// Pages that are converted at the same time: more than there are cores for would only take more memory.
    pub(crate) fn conversions(&self) -> &Semaphore {
        &self.shared.conversions
    }

    pub(crate) fn learned_statuses(&self) -> &Learned {
        &self.shared.statuses
    }

    /// Rows whose details are worth asking for together: what takes a few seconds, so that it is stored in time.
    pub fn rows_per_part(&self) -> usize {
        match self.pacer().limit() {
            0 => PAGE_ROWS as usize,
            limit => (limit * PART_SECONDS / 60).clamp(1, PAGE_ROWS as usize),
        }
    }

    /// Rows that may wait for their details at a time: enough to keep the pace.
    pub fn rows_ahead(&self) -> usize {
        match self.pacer().limit() {
            0 => 10 * PAGE_ROWS as usize,
            limit => (2 * limit * PART_SECONDS / 60).clamp(DETAILS_IN_FLIGHT, 10 * PAGE_ROWS as usize),
        }
    }

    /// Requests a minute that were learned to be safe; `None` while the allowed pace is.
    pub fn learned_pace(&self) -> Option<u32> {
        self.pacer().learned()
    }

    /// Sends one GET until it is answered, or will not be: pace, send, classify, and wait or give up.
    ///
    /// `what` names the call in the log; `read` takes what is needed from the answer.
    pub(crate) async fn call<T>(
        &self,
        what: &str,
        url: Url,
        read: impl Fn(Answer<Row>) -> Result<T, String>,
    ) -> Result<T> {
        Ok(self.timed_call(what, url, read).await?.0)
    }

    /// As `call`, with the time that the server took, without waits of ours.
    pub(crate) async fn timed_call<T>(
        &self,
        what: &str,
        url: Url,
        read: impl Fn(Answer<Row>) -> Result<T, String>,
    ) -> Result<(T, Duration)> {
        let pacer = self.pacer();
        let mut delays = transport::delays();
        let (mut throttles, mut throttles_in_all, mut answers_before) = (0, 0, 0);
        let mut fresh_tokens = 0;
        for tries in 1.. {
            // The token first: fetching one may take minutes, and a place is for now.
            let token = self
                .shared
                .auth
                .header(&self.shared.http, pacer, &self.stop)
                .await?;
            pacer.place(&self.stop).await?;
            let started = Instant::now();
            let exchange = self.exchange(what, &url, &token.headers, &read);
            let failure = match self.stop.answer(exchange).await? {
                Ok(value) => {
                    token.note_that_it_works();
                    pacer.answered();
                    return Ok((value, started.elapsed()));
                }
                Err(failure) => failure,
            };
            match failure {
                Failure::Throttled { wait, locked, reason } => {
                    let others_get_through = pacer.answers() > answers_before;
                    throttles = if others_get_through { 1 } else { throttles + 1 };
                    throttles_in_all += 1;
                    answers_before = pacer.answers();
                    let absurd = wait.is_some_and(|wait| wait > LONGEST_WAIT);
                    let wait = self.pause(wait, locked, throttles, what, &reason);
                    // Also while it is waited for: the next caller must know.
                    pacer.throttled(wait, &reason).await?;
                    // Who waits for any pause should know of this one.
                    let nobody_knows = absurd && self.stop.longest_pause.is_none();
                    if nobody_knows || throttles > THROTTLE_WAITS || throttles_in_all > THROTTLES {
                        return Err(Error::Throttled {
                            waits: throttles_in_all - 1,
                            reason,
                        });
                    }
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
                    self.stop.before_sending(sleep(delay)).await?;
                }
                Failure::Unauthorised(reason) if !token.renewable => {
                    return Err(Error::Unauthorised(reason));
                }
                Failure::Unauthorised(reason) => {
                    fresh_tokens += u32::from(!token.has_worked());
                    if fresh_tokens == FRESH_TOKENS {
                        return Err(Error::Unauthorised(reason));
                    }
                    debug!("access token not accepted on {what} ({reason}); asking for a new one");
                    self.shared.auth.discard(&token).await;
                }
                Failure::Final(error) => return Err(error),
            }
        }
        unreachable!("the loop ends by returning")
    }

    /// How long to send nothing after a throttle: as long as the server says, within reason.
    fn pause(
        &self,
        asked: Option<Duration>,
        locked: bool,
        throttles: u32,
        what: &str,
        reason: &str,
    ) -> Duration {
        let unasked = if locked {
            self.settings().lock
        } else {
            THROTTLE_WAIT
        };
        let wait = asked.unwrap_or_else(|| unasked * 2_u32.pow(throttles.min(THROTTLE_WAITS) - 1));
        let (wait_ms, seconds) = (wait.as_millis() as u64, wait.as_secs());
        if wait <= LONGEST_WAIT {
            warn!(
                wait_ms,
                "throttled on {what} ({reason}); pausing all requests for {seconds} s"
            );
            return wait;
        }
        let most = LONGEST_WAIT.as_secs();
        warn!(
            wait_ms,
            "throttled on {what} ({reason}); the server asks for a pause of {seconds} s, which is more than is believed; \
             pausing all requests for {most} s"
        );
        LONGEST_WAIT
    }

    /// One request and what came of it.
    async fn exchange<T>(
        &self,
        what: &str,
        url: &Url,
        headers: &HeaderMap,
        read: impl Fn(Answer<Row>) -> Result<T, String>,
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
        let body = transport::body(&mut response, BODY_LIMIT).await.map_err(broken)?;
        let body = Arc::new(body.ok_or(Failure::Final(Error::TooLong {
            limit_bytes: BODY_LIMIT,
        }))?);
        let status = response.status().as_u16();
        debug!(
            http.status = status,
            size_bytes = body.len(),
            duration_ms = started.elapsed().as_millis() as u64,
            "answered {what}"
        );
        let location = response.headers().get(LOCATION);
        let exchange = Exchange {
            status,
            retry_after: transport::retry_after(response.headers()),
            location: location.and_then(|value| value.to_str().ok()),
            body: &body,
        };
        classify::read(&exchange, read)
    }
}

fn http_client(settings: &Settings) -> Result<reqwest::Client> {
    // Fails only when another part of the program has chosen a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        // A helpdesk's own log tells the processes apart that call it.
        .user_agent(format!(
            "precedent/{} (process {})",
            env!("CARGO_PKG_VERSION"),
            std::process::id()
        ))
        .default_headers(HeaderMap::from_iter([(
            ACCEPT,
            HeaderValue::from_static("application/vnd.manageengine.sdp.v3+json"),
        )]))
        // A redirect leads to a login page, and would carry the credentials along.
        .redirect(reqwest::redirect::Policy::none())
        .timeout(settings.timeout)
        .tls_danger_accept_invalid_certs(settings.insecure);
    if settings.edition == Edition::Cloud {
        builder = builder.dns_resolver(Arc::new(PublicOnly));
    }
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
