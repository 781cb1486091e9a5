//! The gate counts calls: a pace limit over a sliding window, a lock that calls beyond it extend, and a throttle that a
//! test starts and ends.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::calendar::http_date;
use crate::exchange::reply::Reply;
use crate::limit::{Limit, LimitAnswer};
use crate::synchronized::lock;

#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<GateState>,
}

#[derive(Default)]
struct GateState {
    admitted: VecDeque<Instant>,
    locked_until: Option<Instant>,
    /// When an answer first announced the lock.
    locked_at: Option<Instant>,
    throttle: Option<Throttle>,
}

/// A span of time in which every call is refused.
struct Throttle {
    until: Instant,
    /// Wait in `Retry-After` instead of the true wait.
    retry_after: Option<Duration>,
    /// When an answer first announced the throttle.
    announced_at: Option<Instant>,
}

/// The refusal of a call.
#[derive(Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) wait: Duration,
    /// Whether the call arrived after an answer announced the wait.
    pub(crate) during_lock: bool,
}

impl Gate {
    /// Refuses every call until a time, whatever the limit.
    pub(crate) fn throttle(&self, until: Instant, retry_after: Option<Duration>) {
        self.state().throttle = Some(Throttle {
            until,
            retry_after,
            announced_at: None,
        });
    }

    /// Ends a throttle.
    pub(crate) fn end_throttle(&self) {
        self.state().throttle = None;
    }

    /// Returns the refusal of a call, if a throttle is on.
    pub(crate) fn throttled(&self, arrived: Instant, now: Instant) -> Option<Refusal> {
        let mut state = self.state();
        let throttle = state.throttle.as_mut().filter(|throttle| now < throttle.until)?;
        let announced_at = *throttle.announced_at.get_or_insert(now);
        Some(Refusal {
            wait: throttle.retry_after.unwrap_or(throttle.until - now),
            during_lock: arrived > announced_at,
        })
    }

    fn state(&self) -> MutexGuard<'_, GateState> {
        lock(&self.state)
    }

    /// Admits a call, or returns the time to wait.
    pub(crate) fn admit(&self, limit: &Limit, arrived: Instant, now: Instant) -> Result<(), Refusal> {
        let mut state = self.state();
        if state.locked_until.is_some_and(|until| now < until) {
            let wait = limit.lock.unwrap_or_default();
            state.locked_until = Some(now + wait);
            let during_lock = state.locked_at.is_some_and(|announced_at| arrived > announced_at);
            return Err(Refusal { wait, during_lock });
        }
        while state
            .admitted
            .pop_front_if(|at| now.duration_since(*at) >= limit.window)
            .is_some()
        {}
        if state.admitted.len() < limit.calls {
            state.admitted.push_back(now);
            return Ok(());
        }
        let free_in = state
            .admitted
            .front()
            .map_or(limit.window, |oldest| limit.window - now.duration_since(*oldest));
        state.locked_until = limit.lock.map(|lock| now + lock);
        state.locked_at = Some(now);
        Err(Refusal {
            wait: limit.lock.unwrap_or(free_in),
            during_lock: false,
        })
    }
}

/// Makes the reply for a call that must wait.
pub(crate) fn refusal(limit: &Limit, wait: Duration, now_ms: i64) -> Reply {
    let wait = limit.retry_after.unwrap_or(wait);
    let seconds = wait.as_millis().div_ceil(1_000);
    let mut reply = match limit.answer {
        LimitAnswer::RetryAfter | LimitAnswer::RetryAfterDate | LimitAnswer::NoHeader => Reply::too_many(),
        LimitAnswer::Code4015 => Reply::code_4015(),
        LimitAnswer::TopCode4015 => Reply::top_code_4015(),
        LimitAnswer::Blocked => Reply::url_blocked(),
        LimitAnswer::Rolling => Reply::rolling(u64::try_from(seconds.div_ceil(60)).unwrap_or(u64::MAX)),
    };
    reply.retry_after = match limit.answer {
        LimitAnswer::RetryAfter => Some(seconds.to_string()),
        LimitAnswer::RetryAfterDate => {
            let seconds = i64::try_from(seconds).unwrap_or(i64::MAX / 2_000);
            Some(http_date(now_ms + seconds * 1_000 + 999))
        }
        _ => None,
    };
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    fn wait(seconds: u64, during_lock: bool) -> Refusal {
        Refusal {
            wait: Duration::from_secs(seconds),
            during_lock,
        }
    }

    #[test]
    fn the_window_slides() {
        let (gate, limit, start) = (Gate::default(), Limit::per_minute(2), Instant::now());
        let admit = |seconds| gate.admit(&limit, at(start, seconds), at(start, seconds));
        assert_eq!(admit(0), Ok(()));
        assert_eq!(admit(30), Ok(()));
        assert_eq!(admit(40), Err(wait(20, false)));
        assert_eq!(admit(60), Ok(()));
        assert_eq!(admit(61), Err(wait(29, false)));
    }

    #[test]
    fn a_throttle_refuses_until_its_end() {
        let (gate, start) = (Gate::default(), Instant::now());
        let throttled = |arrived, now| gate.throttled(at(start, arrived), at(start, now));
        assert_eq!(throttled(0, 0), None);
        gate.throttle(at(start, 60), None);
        assert_eq!(throttled(1, 10), Some(wait(50, false)));
        assert_eq!(
            throttled(9, 20),
            Some(wait(40, false)),
            "sent before an answer announced the throttle"
        );
        assert_eq!(throttled(11, 20), Some(wait(40, true)));
        assert_eq!(throttled(60, 60), None);
        gate.throttle(at(start, 90), Some(Duration::from_secs(600)));
        assert_eq!(throttled(61, 61), Some(wait(600, false)));
        gate.end_throttle();
        assert_eq!(throttled(62, 62), None);
    }

    #[test]
    fn calls_during_a_lock_extend_it() {
        let lock = Duration::from_secs(300);
        let limit = Limit {
            lock: Some(lock),
            ..Limit::per_minute(1)
        };
        let (gate, start) = (Gate::default(), Instant::now());
        let admit = |seconds| gate.admit(&limit, at(start, seconds), at(start, seconds));
        assert_eq!(admit(0), Ok(()));
        assert_eq!(admit(1), Err(wait(300, false)));
        assert_eq!(admit(299), Err(wait(300, true)));
        assert_eq!(admit(598), Err(wait(300, true)));
        assert_eq!(admit(898), Ok(()));
    }

    #[test]
    fn the_wait_is_announced_in_the_chosen_form() {
        let reply = |answer| {
            let limit = Limit {
                answer,
                ..Limit::per_minute(1)
            };
            refusal(&limit, Duration::from_millis(61_500), 1_741_687_200_000)
        };
        assert_eq!(reply(LimitAnswer::RetryAfter).retry_after.as_deref(), Some("62"));
        assert_eq!(
            reply(LimitAnswer::RetryAfterDate).retry_after.as_deref(),
            Some("Tue, 11 Mar 2025 10:01:02 GMT")
        );
        assert_eq!(reply(LimitAnswer::NoHeader).retry_after, None);
        assert!(
            reply(LimitAnswer::Rolling)
                .body
                .contains("Try again after 2 minutes.")
        );
    }
}
