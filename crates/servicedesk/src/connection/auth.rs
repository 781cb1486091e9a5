//! The credentials of a request, and the access token behind them.
//!
//! On cloud an access token lives for an hour, and an account gets few of them. So all requests share one
//! token, and the first caller that finds it missing fetches it while the others wait.

mod grant;
mod quota;
mod refusal;
mod token;

use reqwest::header::HeaderName;
use secrecy::ExposeSecret;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::info;

use super::pace::Pacer;
use super::settings::{Credentials, Edition, Settings};
use super::stop::Stop;
use crate::{Error, Result};
use grant::Grant;
use quota::Quota;
pub(super) use token::Token;
use token::header_value;

/// Time before its expiry at which a token is renewed, so that none expires on the way.
const MARGIN: Duration = Duration::from_secs(120);

pub(super) struct Auth {
    grant: Option<Grant>,
    /// Locked during a fetch, so that one fetch serves all callers.
    current: Mutex<Current>,
}

struct Current {
    token: Option<Token>,
    quota: Quota,
}

// Headers hold secrets.
impl std::fmt::Debug for Auth {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Auth").finish_non_exhaustive()
    }
}

impl Auth {
    pub(super) fn new(settings: &Settings) -> Result<Self> {
        let mut token = match &settings.credentials {
            Credentials::OAuth { .. } => None,
            Credentials::AuthToken(key) => Some(Token::fixed("authtoken", key.expose_secret())?),
            Credentials::TechnicianKey(key) => Some(Token::fixed("technician_key", key.expose_secret())?),
            Credentials::ApiKey(key) => Some(bearer(key.expose_secret())?),
        };
        if let (Some(token), Some(portal)) = (&mut token, &settings.portal)
            && settings.edition != Edition::Cloud
        {
            let value = header_value(portal, false)?;
            token.headers.insert(HeaderName::from_static("portalid"), value);
        }
        let quota = Quota::default();
        Ok(Self {
            grant: Grant::new(settings)?,
            current: Mutex::new(Current { token, quota }),
        })
    }

    /// Returns the headers to send. Fetches an access token if there is none or it is about to expire.
    ///
    /// # Errors
    /// Those of the accounts server and of the pacer: a pause applies to the accounts server too.
    pub(super) async fn header(&self, pacer: &Pacer, stop: &Stop) -> Result<Token> {
        let mut current = stop.before_sending(self.current.lock()).await?;
        let now = Instant::now();
        let alive = |token: &&Token| token.expires_at.is_none_or(|end| end > now);
        if let Some(token) = current.token.as_ref().filter(alive) {
            return Ok(token.clone());
        }
        let Some(grant) = &self.grant else {
            return Err(Error::Unauthorised("no token".to_owned()));
        };
        current.quota.take(stop).await?;
        let (secret, lifetime) = grant.refresh(pacer, stop).await?;
        info!("fetched an access token");
        let mut token = bearer(&secret)?;
        token.renewable = true;
        // A token of a short lifetime keeps nine tenths of it.
        let margin = MARGIN.min(lifetime / 10);
        token.expires_at = Some(Instant::now() + lifetime - margin);
        current.token = Some(token.clone());
        Ok(token)
    }

    /// Drops a token that the server refused, unless another caller has already replaced it.
    pub(super) async fn discard(&self, refused: &Token) {
        let token = &mut self.current.lock().await.token;
        token.take_if(|token| token.headers == refused.headers);
    }
}

fn bearer(secret: &str) -> Result<Token> {
    Token::fixed("authorization", &format!("Zoho-oauthtoken {secret}"))
}
