//! Headers that prove who asks, and the access token behind them.
//!
//! Cloud: an access token lives an hour and there are few of them (about 10 in 10 minutes), so all
//! requests share one, and whoever finds it missing fetches it while the others wait.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::info;
use url::Url;

use crate::address::token_url;
use crate::{Credentials, Edition, Error, Result, Settings};

/// A token is renewed this long before it ends, so that none ends on the way.
const MARGIN: Duration = Duration::from_secs(120);

/// What a request carries.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) headers: HeaderMap,
    /// Whether a new one may help where this one is refused.
    pub(crate) renewable: bool,
    expires_at: Option<Instant>,
}

pub(crate) struct Auth {
    grant: Option<Grant>,
    /// Locked while a token is fetched: one refresh for everybody.
    token: Mutex<Option<Token>>,
}

// Headers hold secrets.
impl std::fmt::Debug for Auth {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Auth").finish_non_exhaustive()
    }
}

/// What an access token is had for.
struct Grant {
    url: Url,
    client_id: String,
    client_secret: SecretString,
    refresh_token: SecretString,
}

/// Answers come with HTTP 200 whether there is a token or not: only `access_token` counts.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: Option<SecretText>,
    expires_in: Option<u64>,
    error: Option<String>,
    error_description: Option<String>,
}

#[derive(Deserialize)]
struct SecretText(Box<str>);

impl Auth {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let (grant, token) = match &settings.credentials {
            Credentials::OAuth {
                client_id,
                client_secret,
                refresh_token,
            } => {
                let grant = Grant {
                    url: token_url(settings)?,
                    client_id: client_id.clone(),
                    client_secret: client_secret.clone(),
                    refresh_token: refresh_token.clone(),
                };
                (Some(grant), None)
            }
            Credentials::AuthToken(key) => (None, Some(fixed("authtoken", key.expose_secret())?)),
            Credentials::TechnicianKey(key) => (None, Some(fixed("technician_key", key.expose_secret())?)),
            Credentials::ApiKey(key) => (
                None,
                Some(fixed(
                    "authorization",
                    &format!("Zoho-oauthtoken {}", key.expose_secret()),
                )?),
            ),
        };
        let token = match (token, &settings.portal) {
            (Some(mut token), Some(portal)) if settings.edition != Edition::Cloud => {
                token
                    .headers
                    .insert(HeaderName::from_static("portalid"), header_value(portal, false)?);
                Some(token)
            }
            (token, _) => token,
        };
        Ok(Self {
            grant,
            token: Mutex::new(token),
        })
    }

    /// The headers to send; fetches an access token if there is none, or none that lives long enough.
    pub(crate) async fn header(&self, http: &reqwest::Client) -> Result<Token> {
        let mut token = self.token.lock().await;
        let alive = |token: &Token| token.expires_at.is_none_or(|end| end > Instant::now() + MARGIN);
        if let Some(token) = token.as_ref().filter(|token| alive(token)) {
            return Ok(token.clone());
        }
        let Some(grant) = &self.grant else {
            return Err(Error::Unauthorised("no token".to_owned()));
        };
        let fresh = grant.refresh(http).await?;
        info!("fetched an access token");
        *token = Some(fresh.clone());
        Ok(fresh)
    }

    /// Forgets a token that was refused, unless somebody has replaced it already.
    pub(crate) async fn discard(&self, refused: &Token) {
        let mut token = self.token.lock().await;
        if token
            .as_ref()
            .is_some_and(|token| token.headers == refused.headers)
        {
            *token = None;
        }
    }
}

impl Grant {
    async fn refresh(&self, http: &reqwest::Client) -> Result<Token> {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose_secret()),
            ("refresh_token", self.refresh_token.expose_secret()),
        ];
        let unreachable = |error: reqwest::Error| Error::Unavailable {
            tries: 1,
            reason: format!(
                "no answer from the accounts server {}",
                self.url.host_str().unwrap_or_default()
            ),
            source: Some(error.without_url()),
        };
        let response = http
            .post(self.url.clone())
            .form(&form)
            .send()
            .await
            .map_err(unreachable)?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(unreachable)?;
        let Ok(answer) = serde_json::from_slice::<TokenAnswer>(&body) else {
            let reason = format!("the accounts server answered HTTP {status} without a token");
            return Err(Error::Unavailable {
                tries: 1,
                reason,
                source: None,
            });
        };
        let Some(SecretText(access_token)) = answer.access_token else {
            return Err(self.refused(status, &answer));
        };
        let mut token = fixed("authorization", &format!("Zoho-oauthtoken {access_token}"))?;
        token.renewable = true;
        token.expires_at = Some(Instant::now() + Duration::from_secs(answer.expires_in.unwrap_or(3600)));
        Ok(token)
    }

    fn refused(&self, status: u16, answer: &TokenAnswer) -> Error {
        let error = answer.error.as_deref().unwrap_or("no access token in the answer");
        let words = answer.error_description.as_deref().unwrap_or_default();
        let reason = [error, words].join(" ").trim_end().to_owned();
        // "Access Denied: too many requests" locks the account for minutes; asking again lengthens it.
        if error.eq_ignore_ascii_case("access denied") || status == 429 {
            return Error::Throttled {
                waits: 0,
                reason: format!("accounts server: {reason}"),
            };
        }
        Error::Reauthorise(reason)
    }
}

fn fixed(name: &'static str, secret: &str) -> Result<Token> {
    let headers = HeaderMap::from_iter([(HeaderName::from_static(name), header_value(secret, true)?)]);
    Ok(Token {
        headers,
        renewable: false,
        expires_at: None,
    })
}

fn header_value(text: &str, sensitive: bool) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text.trim()).map_err(|_| {
        Error::Settings("the credentials hold characters that no header can carry".to_owned())
    })?;
    value.set_sensitive(sensitive);
    Ok(value)
}
