//! Cloud: a refresh token at the accounts server becomes access tokens.
//!
//! Its errors come with HTTP 200, so only a token in the answer counts. Too many fetches lock the account
//! for 2 to 30 minutes, and asking meanwhile makes it last longer: then everybody waits.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::time::sleep;
use tracing::warn;
use url::Url;

use crate::address::token_url;
use crate::classify::wait_in_words;
use crate::error::one_line;
use crate::pace::Pacer;
use crate::stop::Stop;
use crate::transport::{self, LONGEST_WAIT};
use crate::{Credentials, Error, Result, Settings};

/// Waits for a lock to end, after which it is an error.
const LOCK_WAITS: u32 = 3;

/// Longest answer that is read, in bytes: a token and a few words.
const BODY_LIMIT: usize = 1 << 20;

/// Of an access token where the answer does not tell.
const LIFETIME: Duration = Duration::from_secs(3_600);

/// A token is not believed to live longer, whatever is told: a clock cannot count to any number.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 3_600);

/// What an access token is had for.
pub(super) struct Grant {
    url: Url,
    client_id: String,
    client_secret: SecretString,
    refresh_token: SecretString,
    lock: Duration,
}

#[derive(Deserialize)]
struct Answer {
    access_token: Option<String>,
    expires_in: Option<u64>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Why there is no token.
enum Refusal {
    Locked {
        wait: Option<Duration>,
        reason: String,
    },
    Broken {
        reason: String,
        source: Option<reqwest::Error>,
    },
    Final(String),
}

impl Grant {
    /// `None` where the credentials need none.
    pub(super) fn new(settings: &Settings) -> Result<Option<Self>> {
        let Credentials::OAuth {
            client_id,
            client_secret,
            refresh_token,
        } = &settings.credentials
        else {
            return Ok(None);
        };
        Ok(Some(Self {
            url: token_url(settings)?,
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            refresh_token: refresh_token.clone(),
            lock: settings.lock,
        }))
    }

    /// An access token and how long it lives; waits as long as the account is locked.
    pub(super) async fn refresh(
        &self,
        http: &reqwest::Client,
        pacer: &Pacer,
        stop: &Stop,
    ) -> Result<(String, Duration)> {
        let mut delays = transport::delays();
        let mut waits = 0;
        let mut tries = 0;
        loop {
            tries += 1;
            // Also for the pauses of other processes: asking during a lock lengthens it.
            pacer.place(stop).await?;
            match stop.answer(self.ask(http)).await? {
                Ok(token) => return Ok(token),
                Err(Refusal::Final(reason)) => return Err(Error::Reauthorise(reason)),
                Err(Refusal::Locked { wait, reason }) => {
                    let wait = wait.unwrap_or(self.lock).min(LONGEST_WAIT);
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
                        "no token ({reason}); trying again"
                    );
                    stop.before_sending(sleep(delay)).await?;
                }
            }
        }
    }

    async fn ask(&self, http: &reqwest::Client) -> Result<(String, Duration), Refusal> {
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
        let request = http.post(self.url.clone()).form(&form);
        let mut response = request.send().await.map_err(broken)?;
        let status = response.status().as_u16();
        let retry_after = transport::retry_after(response.headers());
        let body = transport::body(&mut response, BODY_LIMIT).await.map_err(broken)?;
        let body = body.ok_or_else(|| Refusal::Broken {
            reason: format!("the accounts server {host} answered more than {BODY_LIMIT} bytes"),
            source: None,
        })?;
        let Ok(answer) = serde_json::from_str::<Answer>(&body) else {
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
            None => Err(refusal(&answer, status, retry_after)),
        }
    }
}

fn lifetime(told_seconds: Option<u64>) -> Duration {
    told_seconds
        .map_or(LIFETIME, Duration::from_secs)
        .min(LONGEST_LIFETIME)
}

/// What an answer without a token means: a lock passes, a broken server may, a refused grant does not.
fn refusal(answer: &Answer, status: u16, retry_after: Option<Duration>) -> Refusal {
    let error = answer.error.as_deref().unwrap_or("no access token in the answer");
    let words = answer.error_description.as_deref().unwrap_or_default();
    let reason = one_line([error, words].join(" ").trim_end(), 300);
    let lower = reason.to_ascii_lowercase();
    if status == 429 || lower.contains("access denied") || lower.contains("too many requests") {
        let wait = retry_after.or(wait_in_words(&reason));
        return Refusal::Locked { wait, reason };
    }
    if status >= 500 {
        return Refusal::Broken { reason, source: None };
    }
    Refusal::Final(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, body: &str) -> String {
        let answer: Answer = serde_json::from_str(body).expect("JSON");
        match refusal(&answer, status, None) {
            Refusal::Locked { wait, .. } => format!("locked {wait:?}"),
            Refusal::Broken { reason, .. } => format!("broken {reason}"),
            Refusal::Final(reason) => reason,
        }
    }

    #[test]
    fn every_recorded_answer_is_taken_for_what_it_is() {
        for (file, status, expected) in [
            ("oauth_error_invalid_code_http200.json", 200, "invalid_code"),
            ("oauth_error_invalid_client_http200.json", 200, "invalid_client"),
            ("oauth_throttle_http400.json", 400, "locked None"),
        ] {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/accounts");
            let body = std::fs::read_to_string(format!("{folder}/{file}")).expect("readable");
            assert_eq!(verdict(status, &body), expected, "{file}");
        }
    }

    #[test]
    fn a_lock_is_told_from_a_revoked_grant() {
        let denied = r#"{"error_description": "You have made too many requests continuously. Please try again after some time.",
            "error": "Access Denied", "status": "failure"}"#;
        assert_eq!(verdict(400, denied), "locked None");
        assert_eq!(verdict(200, denied), "locked None");
        assert_eq!(
            verdict(200, r#"{"error": "Access Denied, try again after 8 minutes"}"#),
            "locked Some(480s)"
        );
        assert_eq!(verdict(200, r#"{"error": "invalid_code"}"#), "invalid_code");
        assert_eq!(
            verdict(502, r#"{"error": "general_error"}"#),
            "broken general_error"
        );
    }

    #[test]
    fn an_absurd_lifetime_is_cut() {
        assert_eq!(lifetime(None), LIFETIME);
        assert_eq!(lifetime(Some(7)), Duration::from_secs(7));
        assert_eq!(lifetime(Some(u64::MAX)), LONGEST_LIFETIME);
    }
}
