//! Throttles and locks: Q48 to Q50.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Quirk;
use crate::calendar::{http_date, wall_clock_ms};
use crate::call::{Call, CallKind};
use crate::desk::Desk;
use crate::hook::{Hook, Outcome, Plan};
use crate::options::Options;
use crate::reply::Reply;

/// Calls between two throttles.
const CALLS: u64 = 30;
/// Throttles before the desk has had enough of it.
const THROTTLES: u64 = 3;

struct Throttle {
    quirk: Quirk,
    lock: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: u64,
    throttles: u64,
    locked_until: Option<Instant>,
}

pub(super) fn hook(quirk: Quirk, options: &Options) -> Arc<dyn Hook> {
    Arc::new(Throttle {
        quirk,
        lock: options.lock,
        state: Mutex::default(),
    })
}

impl Throttle {
    fn refusal(&self, throttle: u64) -> Reply {
        let seconds = self.lock.as_millis().div_ceil(1_000);
        let told = |header: Option<String>| Reply {
            retry_after: header,
            ..Reply::too_many()
        };
        match (self.quirk, throttle % 3) {
            (Quirk::Q48, 1) => Reply::code_4015(),
            (Quirk::Q48, _) => Reply::top_code_4015(),
            (Quirk::Q49, 1) => told(Some(seconds.to_string())),
            (Quirk::Q49, _) => {
                // The date of the answer, which a client compares with, is that of the wall clock.
                let until_ms = wall_clock_ms() + i64::try_from(seconds).unwrap_or(0) * 1_000 + 999;
                told(Some(http_date(until_ms)))
            }
            (_, turn) => {
                let status = if turn == 1 { 400 } else { 200 };
                let mut reply = Reply::rolling(0);
                reply.status = status;
                reply.body = reply
                    .body
                    .replace("after 0 minutes", &format!("after {seconds} seconds"));
                reply
            }
        }
    }
}

impl Hook for Throttle {
    fn before(&self, _desk: &Desk, call: &Call, plan: &mut Plan) {
        let concerned = match self.quirk {
            Quirk::Q50 => call.kind() == CallKind::Detail,
            _ => matches!(call.kind(), CallKind::List | CallKind::Detail),
        };
        if !concerned {
            return;
        }
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let locked = state.locked_until.is_some_and(|until| now < until);
        if locked {
            plan.during_lock = true;
        } else {
            state.calls += 1;
            let due = state.calls.is_multiple_of(CALLS) && state.throttles < THROTTLES;
            if !due {
                return;
            }
            state.throttles += 1;
        }
        state.locked_until = Some(now + self.lock);
        plan.outcome = Outcome::Answer(self.refusal(state.throttles));
    }
}
