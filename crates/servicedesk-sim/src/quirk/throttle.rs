//! Quirks that throttle and lock: Q48 to Q50.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::calendar::{http_date, wall_clock_ms};
use crate::exchange::call::{Call, CallKind};
use crate::exchange::plan::{Ending, Plan};
use crate::exchange::reply::Reply;
use crate::hook::Hook;
use crate::quirk::catalog::Quirk;
use crate::synchronized::lock;

/// Number of calls between two throttles.
const CALLS: u64 = 30;
/// Maximum number of throttles.
const THROTTLES: u64 = 3;

pub(crate) struct Throttle {
    quirk: Quirk,
    lock: Duration,
    state: Mutex<ThrottleState>,
}

#[derive(Default)]
struct ThrottleState {
    calls: u64,
    throttles: u64,
    locked_until: Option<Instant>,
}

impl Throttle {
    pub(crate) fn new(quirk: Quirk, lock: Duration) -> Self {
        Self {
            quirk,
            lock,
            state: Mutex::default(),
        }
    }

    fn refusal(&self, throttle: u64) -> Reply {
        let seconds = self.lock.as_millis().div_ceil(1_000);
        let too_many = |header: Option<String>| Reply {
            retry_after: header,
            ..Reply::too_many()
        };
        match (self.quirk, throttle % 3) {
            (Quirk::Q48, 1) => Reply::code_4015(),
            (Quirk::Q48, _) => Reply::top_code_4015(),
            (Quirk::Q49, 1) => too_many(Some(seconds.to_string())),
            (Quirk::Q49, _) => {
                // A client compares with the date of the answer, which is that of the wall clock.
                let until_ms = wall_clock_ms() + i64::try_from(seconds).unwrap_or(0) * 1_000 + 999;
                too_many(Some(http_date(until_ms)))
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
    fn before(&self, call: &Call, plan: &mut Plan) {
        let concerned = match self.quirk {
            Quirk::Q50 => call.kind() == CallKind::Detail,
            _ => matches!(call.kind(), CallKind::List | CallKind::Detail),
        };
        if !concerned {
            return;
        }
        let now = Instant::now();
        let mut state = lock(&self.state);
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
        plan.ending = Ending::Reply(self.refusal(state.throttles));
    }
}
