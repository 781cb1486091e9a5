//! Headers that prove who asks, and the access token behind them.
//!
//! Cloud: an access token lives an hour and there are few of them (about 10 in 10 minutes), so all
//! requests share one, and whoever finds it missing fetches it while the others wait.

mod grant;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use crate::pace::Pacer;
use crate::stop::Stop;
use crate::{Credentials, Edition, Error, Result, Settings};
use grant::Grant;

/// A token is renewed this long before it ends, so that none ends on the way.
const MARGIN: Duration = Duration::from_secs(120);

/// Access tokens fetched in any [`FETCHES_WINDOW`] at the most: two less than what locks the account, for
/// another program with the same credentials.
const FETCHES: usize = 8;
const FETCHES_WINDOW: Duration = Duration::from_secs(600);

/// What a request carries.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) headers: HeaderMap,
    /// Whether a new one may help where this one is refused.
    pub(crate) renewable: bool,
    expires_at: Option<Instant>,
    worked: Arc<AtomicBool>,
}

impl Token {
    /// A request with it was answered.
    pub(crate) fn note_that_it_works(&self) {
        self.worked.store(true, Ordering::Relaxed);
    }

    /// Whether a request with it was ever answered: if so, a refusal means that it has ended.
    pub(crate) fn has_worked(&self) -> bool {
        self.worked.load(Ordering::Relaxed)
    }
}

pub(crate) struct Auth {
    grant: Option<Grant>,
    /// Locked while a token is fetched: one refresh for everybody.
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    token: Option<Token>,
    /// When tokens were fetched, within the window.
    fetched_at: VecDeque<Instant>,
}

// Headers hold secrets.
impl std::fmt::Debug for Auth {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Auth").finish_non_exhaustive()
    }
}

impl Auth {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let mut token = match &settings.credentials {
            Credentials::OAuth { .. } => None,
            Credentials::AuthToken(key) => Some(fixed("authtoken", key.expose_secret())?),
            Credentials::TechnicianKey(key) => Some(fixed("technician_key", key.expose_secret())?),
            Credentials::ApiKey(key) => {
                let value = format!("Zoho-oauthtoken {}", key.expose_secret());
                Some(fixed("authorization", &value)?)
            }
        };
        if let (Some(token), Some(portal)) = (&mut token, &settings.portal)
            && settings.edition != Edition::Cloud
        {
            let value = header_value(portal, false)?;
            token.headers.insert(HeaderName::from_static("portalid"), value);
        }
        Ok(Self {
            grant: Grant::new(settings)?,
            held: Mutex::new(Held {
                token,
                fetched_at: VecDeque::new(),
            }),
        })
    }

    /// The headers to send; fetches an access token if there is none, or none that lives long enough.
    ///
    /// # Errors
    /// Those of the accounts server and of the pacer, whose pauses count for it as well.
    pub(crate) async fn header(&self, http: &reqwest::Client, pacer: &Pacer, stop: &Stop) -> Result<Token> {
        let mut held = stop.before_sending(self.held.lock()).await?;
        let now = Instant::now();
        let alive = |token: &&Token| token.expires_at.is_none_or(|end| end > now);
        if let Some(token) = held.token.as_ref().filter(alive) {
            return Ok(token.clone());
        }
        let Some(grant) = &self.grant else {
            return Err(Error::Unauthorised("no token".to_owned()));
        };
        held.wait_for_a_place(stop).await?;
        let (secret, lifetime) = grant.refresh(http, pacer, stop).await?;
        info!("fetched an access token");
        let mut token = fixed("authorization", &format!("Zoho-oauthtoken {secret}"))?;
        token.renewable = true;
        // Also a short-lived token is used for a while before the next one.
        let margin = MARGIN.min(lifetime / 10);
        token.expires_at = Some(Instant::now() + lifetime - margin);
        held.token = Some(token.clone());
        Ok(token)
    }

    /// Forgets a token that was refused, unless somebody has replaced it already.
    pub(crate) async fn discard(&self, refused: &Token) {
        let token = &mut self.held.lock().await.token;
        token.take_if(|token| token.headers == refused.headers);
    }
}

impl Held {
    /// Counts a fetch, after waiting until it cannot lock the account.
    async fn wait_for_a_place(&mut self, stop: &Stop) -> Result<()> {
        while self
            .fetched_at
            .pop_front_if(|at| at.elapsed() >= FETCHES_WINDOW)
            .is_some()
        {}
        if self.fetched_at.len() >= FETCHES
            && let Some(oldest) = self.fetched_at.front().copied()
        {
            let wait = FETCHES_WINDOW.saturating_sub(oldest.elapsed());
            let reason = format!(
                "access tokens end too soon: {FETCHES} in ten minutes; more would lock the account, so the next one waits"
            );
            if stop.longest_pause.is_some_and(|longest| wait > longest) {
                let until = DateTime::<Utc>::from(SystemTime::now() + wait);
                return Err(Error::Paused { until, reason });
            }
            warn!(wait_ms = wait.as_millis() as u64, "{reason}");
            stop.before_sending(sleep(wait)).await?;
            self.fetched_at.pop_front();
        }
        self.fetched_at.push_back(Instant::now());
        Ok(())
    }
}

fn fixed(name: &'static str, secret: &str) -> Result<Token> {
    let headers = HeaderMap::from_iter([(HeaderName::from_static(name), header_value(secret, true)?)]);
    Ok(Token {
        headers,
        renewable: false,
        expires_at: None,
        worked: Arc::default(),
    })
}

fn header_value(text: &str, sensitive: bool) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text.trim()).map_err(|_| {
        Error::Settings("the credentials hold characters that no header can carry".to_owned())
    })?;
    value.set_sensitive(sensitive);
    Ok(value)
}
