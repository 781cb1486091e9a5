//! Sign-in: access tokens on cloud, a technician key elsewhere.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::credentials::Credentials;
use crate::edition::{Api, Edition};
use crate::exchange::call::Call;
use crate::exchange::reply::Reply;
use crate::options::Options;
use crate::random::mix;
use crate::synchronized::lock;

const LOCKED: &str = "You have made too many requests continuously. Please try again after some time.";
const REFRESH_WINDOW: Duration = Duration::from_secs(600);

/// The credentials, the access tokens, and the accounts server that issues them.
pub(crate) struct Tokens {
    state: Mutex<TokenState>,
}

struct TokenState {
    credentials: Credentials,
    /// Whether the credentials are refused until the test accepts others.
    revoked: bool,
    /// Access tokens with their ends.
    issued: HashMap<String, Instant>,
    count: u64,
    refreshes: VecDeque<Instant>,
    locked_until: Option<Instant>,
}

impl Tokens {
    pub(crate) fn new(credentials: Credentials) -> Self {
        let state = TokenState {
            credentials,
            revoked: false,
            issued: HashMap::new(),
            count: 0,
            refreshes: VecDeque::new(),
            locked_until: None,
        };
        Self {
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, TokenState> {
        lock(&self.state)
    }

    /// Returns the credentials, revoked or not.
    pub(crate) fn credentials(&self) -> Credentials {
        self.state().credentials.clone()
    }

    /// Accepts only these credentials from now on.
    pub(crate) fn accept(&self, credentials: Credentials) {
        let mut state = self.state();
        state.credentials = credentials;
        state.revoked = false;
        state.issued.clear();
    }

    /// Accepts no credentials from now on.
    pub(crate) fn revoke_credentials(&self) {
        let mut state = self.state();
        state.revoked = true;
        state.issued.clear();
    }

    /// Returns whether the accounts server is locked.
    pub(crate) fn is_locked(&self, now: Instant) -> bool {
        self.state().locked_until.is_some_and(|until| now < until)
    }

    /// Returns whether a call of the API presents valid credentials.
    pub(crate) fn admits(&self, call: &Call, options: &Options, now: Instant) -> bool {
        let state = self.state();
        let presented = match (options.edition, options.api) {
            (Edition::Cloud, _) | (_, Api::Story) => {
                let token = call.header("authorization").and_then(bearer);
                let is_valid = |token| state.issued.get(token).is_some_and(|end| now < *end);
                token.is_some_and(|token| token == state.credentials.api_key || is_valid(token))
            }
            (Edition::OnPremises | Edition::Msp, Api::V3) => {
                let key = call.header("authtoken").or_else(|| call.header("technician_key"));
                key == Some(state.credentials.authtoken.as_str())
            }
        };
        presented && !state.revoked
    }

    /// Ends every access token.
    pub(crate) fn revoke(&self) {
        self.state().issued.clear();
    }

    /// Answers `POST /oauth/v2/token`: errors come with HTTP 200.
    pub(crate) fn refresh(&self, call: &Call, options: &Options, now: Instant) -> Reply {
        let mut state = self.state();
        if state.counts_to_lock(options, now) {
            let body = json!({"error_description": LOCKED, "error": "Access Denied", "status": "failure"});
            return Reply::json(400, body.to_string());
        }
        let revoked = state.revoked.then_some("invalid_code");
        if let Some(error) = mistake(call, &state.credentials).or(revoked) {
            return Reply::json(200, json!({"error": error}).to_string());
        }
        state.count += 1;
        let token = format!(
            "1000.{:032x}.{:016x}",
            mix(state.count ^ options.seed),
            mix(state.count)
        );
        state.issued.insert(token.clone(), now + options.token_lifetime);
        let body = json!({"access_token": token, "api_domain": "https://www.zohoapis.eu", "token_type": "Bearer",
            "expires_in": options.token_lifetime.as_secs()});
        Reply::json(200, body.to_string())
    }
}

impl TokenState {
    /// Counts a refresh. One beyond the limit, or during a lock, restarts the lock.
    fn counts_to_lock(&mut self, options: &Options, now: Instant) -> bool {
        while self
            .refreshes
            .pop_front_if(|at| now.duration_since(*at) >= REFRESH_WINDOW)
            .is_some()
        {}
        let locked = self.locked_until.is_some_and(|until| now < until);
        let full = options.token_refreshes > 0 && self.refreshes.len() >= options.token_refreshes;
        if locked || full {
            self.locked_until = Some(now + options.token_lock);
            return true;
        }
        self.refreshes.push_back(now);
        false
    }
}

/// Returns the mistake in a refresh, in Zoho's words.
fn mistake(call: &Call, credentials: &Credentials) -> Option<&'static str> {
    let is = |name: &str, expected: &str| call.parameter(name) == Some(expected);
    if !is("grant_type", "refresh_token") {
        return Some("unsupported_grant_type");
    }
    if !is("client_id", &credentials.client_id) {
        return Some("invalid_client");
    }
    if !is("client_secret", &credentials.client_secret) {
        return Some("invalid_client_secret");
    }
    (!is("refresh_token", &credentials.refresh_token)).then_some("invalid_code")
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("Zoho-oauthtoken") || scheme.eq_ignore_ascii_case("Bearer");
    known.then(|| token.trim())
}
