//! Who may call: Q39 to Q47.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use super::Quirk;
use crate::call::{Call, CallKind};
use crate::desk::Desk;
use crate::hook::{Hook, Outcome, Plan};
use crate::options::Options;
use crate::reply::Reply;

/// Q41 and Q42: calls that one access token is good for.
const CALLS: u64 = 80;

struct SignIn {
    quirk: Quirk,
    lock: Duration,
    portal: Option<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: u64,
    tokens: u64,
    locked_until: Option<Instant>,
}

pub(super) fn hook(quirk: Quirk, options: &Options) -> Arc<dyn Hook> {
    Arc::new(SignIn {
        quirk,
        lock: options.lock,
        portal: options.portal.clone(),
        state: Mutex::default(),
    })
}

fn error(name: &str) -> Option<Reply> {
    Some(Reply::json(200, json!({ "error": name }).to_string()))
}

impl SignIn {
    fn token(&self, plan: &mut Plan) -> Option<Reply> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
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

    fn refusal(&self, desk: &Desk, call: &Call) -> Option<Reply> {
        match self.quirk {
            Quirk::Q44 if call.kind() == CallKind::Statuses => Reply::named("tomcat"),
            Quirk::Q45 => {
                let portal = self.portal.as_deref().unwrap_or("itdesk");
                let inside = call.path.starts_with(&format!("/app/{portal}/"));
                (!inside).then(|| match call.path.starts_with("/app/") {
                    true => Reply::not_found(desk.options.edition),
                    false => Reply {
                        location: Some("/accounts/login?servicename=SDPOnDemand".into()),
                        ..Reply::empty(302)
                    },
                })
            }
            Quirk::Q46 => {
                let portal = call.header("portalid") == self.portal.as_deref();
                let admitted = portal && call.header("technician_key").is_some();
                (!admitted).then(|| Reply::unauthorised(desk.options.edition))
            }
            _ => None,
        }
    }
}

impl Hook for SignIn {
    fn arrive(&self, desk: &Desk, call: &Call) {
        if !matches!(self.quirk, Quirk::Q41 | Quirk::Q42) || call.kind() == CallKind::Token {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.calls += 1;
        if state.calls.is_multiple_of(CALLS) {
            desk.revoke_access_tokens();
        }
    }

    fn before(&self, desk: &Desk, call: &Call, plan: &mut Plan) {
        let refusal = match call.kind() {
            CallKind::Token => self.token(plan),
            _ => self.refusal(desk, call),
        };
        if let Some(refusal) = refusal {
            plan.outcome = Outcome::Answer(refusal);
        }
    }
}
