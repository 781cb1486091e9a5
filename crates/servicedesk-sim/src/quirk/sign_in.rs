//! Quirks of sign-in: Q39 to Q47.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::edition::Edition;
use crate::exchange::call::{Call, CallKind};
use crate::exchange::plan::{Ending, Plan};
use crate::exchange::reply::Reply;
use crate::hook::Hook;
use crate::quirk::catalog::Quirk;
use crate::synchronized::lock;

/// Number of calls before an access token ends (Q41 and Q42).
const CALLS: u64 = 80;

pub(crate) struct SignIn {
    quirk: Quirk,
    edition: Edition,
    lock: Duration,
    portal: Option<String>,
    state: Mutex<SignInState>,
}

#[derive(Default)]
struct SignInState {
    calls: u64,
    tokens: u64,
    locked_until: Option<Instant>,
}

fn error(name: &str) -> Option<Reply> {
    Some(Reply::json(200, json!({ "error": name }).to_string()))
}

impl SignIn {
    pub(crate) fn new(quirk: Quirk, edition: Edition, lock: Duration, portal: Option<String>) -> Self {
        Self {
            quirk,
            edition,
            lock,
            portal,
            state: Mutex::default(),
        }
    }

    /// Answers a refresh of a token.
    fn token(&self, plan: &mut Plan) -> Option<Reply> {
        let mut state = lock(&self.state);
        state.tokens += 1;
        match self.quirk {
            Quirk::Q39 => error("invalid_code"),
            Quirk::Q42 if state.tokens > 1 => error("invalid_code"),
            Quirk::Q43 => error("invalid_client"),
            Quirk::Q40 => {
                let now = Instant::now();
                let locked = state.locked_until.is_none_or(|until| now < until);
                plan.during_lock |= state.tokens > 1 && locked;
                locked.then(|| {
                    state.locked_until = Some(now + self.lock);
                    let body = json!({"error": "Access Denied", "status": "failure", "error_description":
                        "You have made too many requests continuously. Please try again after some time."});
                    Reply::json(if state.tokens % 2 == 1 { 400 } else { 200 }, body.to_string())
                })
            }
            _ => None,
        }
    }

    /// Refuses a call of the API.
    fn refusal(&self, call: &Call) -> Option<Reply> {
        match self.quirk {
            Quirk::Q44 if call.kind() == CallKind::Statuses => Reply::named("tomcat"),
            Quirk::Q45 => {
                let portal = self.portal.as_deref().unwrap_or("itdesk");
                let inside = call.path.starts_with(&format!("/app/{portal}/"));
                (!inside).then(|| match call.path.starts_with("/app/") {
                    true => Reply::not_found(self.edition),
                    false => Reply {
                        location: Some("/accounts/login?servicename=SDPOnDemand".into()),
                        ..Reply::empty(302)
                    },
                })
            }
            Quirk::Q46 => {
                let portal = call.header("portalid") == self.portal.as_deref();
                let admitted = portal && call.header("technician_key").is_some();
                (!admitted).then(|| Reply::unauthorised(self.edition))
            }
            _ => None,
        }
    }
}

impl Hook for SignIn {
    fn before(&self, call: &Call, plan: &mut Plan) {
        let refusal = match call.kind() {
            CallKind::Token => self.token(plan),
            _ => {
                let mut state = lock(&self.state);
                state.calls += 1;
                let ends_token = matches!(self.quirk, Quirk::Q41 | Quirk::Q42);
                plan.revokes_tokens |= ends_token && state.calls.is_multiple_of(CALLS);
                self.refusal(call)
            }
        };
        if let Some(refusal) = refusal {
            plan.ending = Ending::Reply(refusal);
        }
    }
}
