//! Fetches access tokens for a refresh token of cloud.
//!
//! The accounts server reports errors with HTTP 200, so only a token in the answer counts. Too many fetches
//! lock the account for 2 to 30 minutes, and requests during the lock prolong it. So a lock pauses the whole
//! connection through the pacer, which `backon` cannot do; the delays after broken answers are `backon`'s.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep};
use tracing::warn;
use url::Url;

use super::refusal::{Refusal, TokenAnswer};
use crate::connection::backoff::{self, LONGEST_PAUSE};
use crate::connection::data_centre::token_url;
use crate::connection::http_client;
use crate::connection::network::Network;
use crate::connection::pace::Pacer;
use crate::connection::retry_after;
use crate::connection::room::Room;
use crate::connection::settings::{Credentials, Settings};
use crate::connection::stop::Stop;
use crate::connection::transport::{self, BodyError};
use crate::{Error, Result};

/// Maximum locks that one fetch waits out.
const LOCK_WAITS: u32 = 3;

/// Maximum size of an answer in bytes; it holds a token and a few words.
const BODY_LIMIT: usize = 1 << 20;

/// Lifetime of an access token if the answer names none.
const LIFETIME: Duration = Duration::from_secs(3_600);

/// Maximum lifetime of an access token; a larger figure could overflow the clock.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 3_600);

/// A refresh token with its client, which access tokens are fetched for.
pub(super) struct Grant {
    url: Url,
    http: reqwest::Client,
    network: Network,
    client_id: String,
    client_secret: SecretString,
    refresh_token: SecretString,
    lock: Duration,
}

impl Grant {
    /// Returns the grant, `None` if the credentials need no access token.
    pub(super) fn new(settings: &Settings) -> Result<Option<Self>> {
        let Credentials::OAuth {
            client_id,
            client_secret,
            refresh_token,
        } = &settings.credentials
        else {
            return Ok(None);
        };
        let url = token_url(settings)?;
        Ok(Some(Self {
            http: http_client::build(settings, &url)?,
            network: Network::new(settings),
            url,
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            refresh_token: refresh_token.clone(),
            lock: settings.lock,
        }))
    }

    /// Fetches an access token and its lifetime. Waits while the account is locked.
    pub(super) async fn refresh(&self, pacer: &Pacer, stop: &Stop) -> Result<(String, Duration)> {
        let mut delays = backoff::delays();
        let mut waits = 0;
        let mut tries = 0;
        loop {
            tries += 1;
            // The pacer knows the pauses of other processes too, and a request during a lock prolongs it.
            pacer.place(stop).await?;
            self.network.check_before_proxy(&self.url).await?;
            match stop.answer(self.ask()).await? {
                Ok(token) => return Ok(token),
                Err(Refusal::Final(reason)) => return Err(Error::Reauthorise(reason)),
                Err(Refusal::Locked { wait, reason }) => {
                    let wait = wait.unwrap_or(self.lock).min(LONGEST_PAUSE);
                    warn!(
                        wait_ms = wait.as_millis() as u64,
                        "the accounts server is locked ({reason}); pausing all requests for {} s",
                        wait.as_secs()
                    );
                    pacer.pause(wait, &reason).await?;
                    if waits == LOCK_WAITS {
                        return Err(Error::Throttled { waits, reason });
                    }
                    waits += 1;
                }
                Err(Refusal::Broken { reason, source }) => {
                    let Some(delay) = delays.next() else {
                        return Err(Error::Unavailable {
                            tries,
                            reason,
                            source,
                        });
                    };
                    warn!(
                        delay_ms = delay.as_millis() as u64,
                        "failed to fetch an access token ({reason}); retrying"
                    );
                    stop.before_sending(sleep(delay)).await?;
                }
            }
        }
    }

    /// Requests an access token once.
    async fn ask(&self) -> Result<(String, Duration), Refusal> {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose_secret()),
            ("refresh_token", self.refresh_token.expose_secret()),
        ];
        let host = self.url.host_str().unwrap_or_default();
        let broken = |error: reqwest::Error| Refusal::Broken {
            reason: format!("no answer from the accounts server {host}"),
            source: Some(error.without_url()),
        };
        let request = self.http.post(self.url.clone()).form(&form);
        let mut response = request.send().await.map_err(broken)?;
        let status = response.status().as_u16();
        let retry_after = retry_after::in_headers(response.headers());
        // The client's own timeout ends earlier.
        let deadline = Instant::now() + LIFETIME;
        let room = Room::default();
        let body = transport::body(&mut response, BODY_LIMIT, deadline, &room).await;
        let body = body.map_err(|error| match error {
            BodyError::Broken(error) => broken(error),
            BodyError::Late | BodyError::TooLong(_) | BodyError::Garbled(_) => Refusal::Broken {
                reason: format!("the answer of the accounts server {host} cannot be read"),
                source: None,
            },
        })?;
        let Ok(answer) = serde_json::from_str::<TokenAnswer>(&body.text) else {
            let reason = format!("the accounts server {host} answered HTTP {status} without a token");
            if status == 429 {
                return Err(Refusal::Locked {
                    wait: retry_after,
                    reason,
                });
            }
            return Err(Refusal::Broken { reason, source: None });
        };
        match answer.access_token {
            Some(token) => Ok((token, lifetime(answer.expires_in))),
            None => Err(Refusal::of(&answer, status, retry_after)),
        }
    }
}

/// Returns the lifetime of an access token, within reason.
fn lifetime(seconds: Option<u64>) -> Duration {
    seconds
        .map_or(LIFETIME, Duration::from_secs)
        .min(LONGEST_LIFETIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absurd_lifetime_is_cut() {
        assert_eq!(lifetime(None), LIFETIME);
        assert_eq!(lifetime(Some(7)), Duration::from_secs(7));
        assert_eq!(lifetime(Some(u64::MAX)), LONGEST_LIFETIME);
    }
}
