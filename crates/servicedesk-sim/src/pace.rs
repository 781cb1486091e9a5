//! The pace limit: so many calls in any window, and a lock for those who do not stop.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::calendar::http_date;
use crate::options::{Limit, LimitAnswer};
use crate::reply::Reply;

/// Counts the calls of a desk.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    admitted: VecDeque<Instant>,
    locked_until: Option<Instant>,
    calls_during_lock: usize,
}

impl Gate {
    /// Counts a call during a lock that is not of this gate.
    pub(crate) fn note_call_during_lock(&self) {
        self.state().calls_during_lock += 1;
    }

    /// Calls during locks, which real desks hold against their callers.
    pub(crate) fn calls_during_lock(&self) -> usize {
        self.state().calls_during_lock
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a call, or says how long the caller must wait.
    pub(crate) fn admit(&self, limit: &Limit, now: Instant) -> Result<(), Duration> {
        let mut state = self.state();
        if state.locked_until.is_some_and(|until| now < until) {
            let lock = limit.lock.unwrap_or_default();
            state.locked_until = Some(now + lock);
            state.calls_during_lock += 1;
            return Err(lock);
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
        Err(limit.lock.unwrap_or(free_in))
    }
}

/// The refusal of a call that must wait.
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

    #[test]
    fn the_window_slides() {
        let (gate, limit, start) = (Gate::default(), Limit::per_minute(2), Instant::now());
        assert_eq!(gate.admit(&limit, start), Ok(()));
        assert_eq!(gate.admit(&limit, at(start, 30)), Ok(()));
        assert_eq!(gate.admit(&limit, at(start, 40)), Err(Duration::from_secs(20)));
        assert_eq!(gate.admit(&limit, at(start, 60)), Ok(()));
        assert_eq!(gate.admit(&limit, at(start, 61)), Err(Duration::from_secs(29)));
    }

    #[test]
    fn calls_during_a_lock_extend_it() {
        let lock = Duration::from_secs(300);
        let limit = Limit {
            lock: Some(lock),
            ..Limit::per_minute(1)
        };
        let (gate, start) = (Gate::default(), Instant::now());
        assert_eq!(gate.admit(&limit, start), Ok(()));
        assert_eq!(gate.admit(&limit, at(start, 1)), Err(lock));
        assert_eq!(gate.admit(&limit, at(start, 299)), Err(lock));
        assert_eq!(gate.admit(&limit, at(start, 598)), Err(lock));
        assert_eq!(gate.admit(&limit, at(start, 898)), Ok(()));
    }

    #[test]
    fn the_wait_is_told_as_chosen() {
        let told = |answer| {
            let limit = Limit {
                answer,
                ..Limit::per_minute(1)
            };
            refusal(&limit, Duration::from_millis(61_500), 1_741_687_200_000)
        };
        assert_eq!(told(LimitAnswer::RetryAfter).retry_after.as_deref(), Some("62"));
        assert_eq!(
            told(LimitAnswer::RetryAfterDate).retry_after.as_deref(),
            Some("Tue, 11 Mar 2025 10:01:02 GMT")
        );
        assert_eq!(told(LimitAnswer::NoHeader).retry_after, None);
        assert!(
            told(LimitAnswer::Rolling)
                .body
                .contains("Try again after 2 minutes.")
        );
    }
}
