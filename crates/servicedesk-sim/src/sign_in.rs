//! Who may call: access tokens on cloud, a technician key elsewhere.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::call::Call;
use crate::edition::{Api, Edition};
use crate::options::{Credentials, Options};
use crate::random::mix;
use crate::reply::Reply;

const LOCKED: &str = "You have made too many requests continuously. Please try again after some time.";
const REFRESH_WINDOW: Duration = Duration::from_secs(600);

/// Access tokens and the accounts server that issues them.
#[derive(Default)]
pub(crate) struct Tokens {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Access tokens and when they end.
    issued: HashMap<String, Instant>,
    count: u64,
    refreshes: VecDeque<Instant>,
    locked_until: Option<Instant>,
}

impl Tokens {
    /// Whether a call of the API presents what it must.
    pub(crate) fn admits(&self, call: &Call, options: &Options, now: Instant) -> bool {
        let credentials = &options.credentials;
        match (options.edition, options.api) {
            (Edition::Cloud, _) | (_, Api::Story) => {
                let token = call.header("authorization").and_then(bearer);
                token.is_some_and(|token| token == credentials.api_key || self.is_valid(token, now))
            }
            (Edition::OnPremises | Edition::Msp, Api::V3) => {
                let key = call.header("authtoken").or_else(|| call.header("technician_key"));
                key == Some(credentials.authtoken.as_str())
            }
        }
    }

    fn is_valid(&self, token: &str, now: Instant) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.issued.get(token).is_some_and(|end| now < *end)
    }

    /// Ends every access token at once.
    pub(crate) fn revoke(&self) {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .issued
            .clear();
    }

    /// Answers `POST /oauth/v2/token`: errors come with HTTP 200.
    pub(crate) fn refresh(&self, call: &Call, options: &Options, now: Instant) -> Reply {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_locked(options, now) {
            let body = json!({"error_description": LOCKED, "error": "Access Denied", "status": "failure"});
            return Reply::json(400, body.to_string());
        }
        if let Some(error) = mistake(call, &options.credentials) {
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

impl State {
    /// Counts a refresh; more than allowed, or any during a lock, lock the accounts server anew.
    fn is_locked(&mut self, options: &Options, now: Instant) -> bool {
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

/// What is wrong with a refresh, in Zoho's words.
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
