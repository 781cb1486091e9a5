//! The state of a pace: recent requests, the learned limit, and the current pause.
//!
//! Pure arithmetic over milliseconds since the epoch, so that the state can live in a process or in a
//! database. Requests are counted per second: the last 61 seconds cover any 60 s.

use serde::{Deserialize, Serialize};

use super::learned::LearnedPace;

/// Seconds whose requests are counted. The client counts a request when it leaves, the server when it
/// arrives; the second above the minute covers the difference, such as a slow connection.
const SECONDS: usize = 61;

/// Maximum requests at once at the beginning of a quiet minute.
const BURST: u64 = 10;

/// Longest pause in milliseconds.
const LONGEST_PAUSE_MS: i64 = 3_700_000;

/// Limit in requests per minute up to which places are taken one by one.
const ONE_BY_ONE: u64 = 600;

/// The pace of one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaceState {
    learned: Option<LearnedPace>,
    /// Second of the last count.
    second: i64,
    /// Requests per second, the latest last; at most [`SECONDS`] entries.
    sent: Vec<u32>,
    last_ms: i64,
    paused_until_ms: i64,
    /// Reason of the pause, in the server's words.
    #[serde(default)]
    reason: String,
}

/// Answer to the question whether a request may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// This number of requests now; `None` for any number.
    Now(Option<u64>),
    /// A request after this number of milliseconds.
    Later(i64),
    /// No request until then, at the server's wish.
    Paused { until_ms: i64, reason: String },
}

impl PaceState {
    /// Takes places for requests that are sent now, if any are free.
    pub(super) fn take(&mut self, allowed: u32, learned: Option<u32>, now_ms: i64) -> Admission {
        self.advance(now_ms);
        if self.paused_until_ms > now_ms {
            let (until_ms, reason) = (self.paused_until_ms, self.reason.clone());
            return Admission::Paused { until_ms, reason };
        }
        let limit = u64::from(self.learned(allowed, learned).limit());
        if limit == 0 {
            return Admission::Now(None);
        }
        let count: u64 = self.sent.iter().copied().map(u64::from).sum();
        let full = self.free_at_ms(limit, count).unwrap_or(now_ms);
        let burst = BURST.min(limit.div_ceil(10));
        let spread = if count >= burst {
            self.last_ms + spacing_ms(limit)
        } else {
            now_ms
        };
        let free_at_ms = full.max(spread);
        if free_at_ms > now_ms {
            return Admission::Later(free_at_ms - now_ms);
        }
        let places = (limit / ONE_BY_ONE).clamp(1, limit - count);
        self.last_ms = now_ms;
        if let Some(last) = self.sent.last_mut() {
            *last = last.saturating_add(u32::try_from(places).unwrap_or(u32::MAX));
        }
        Admission::Now(Some(places))
    }

    /// Records a throttle: a pause of `wait_ms`, and a lower limit afterwards.
    pub(super) fn throttled(
        &mut self,
        allowed: u32,
        learned: Option<u32>,
        now_ms: i64,
        wait_ms: i64,
        reason: &str,
    ) {
        let until_ms = now_ms.saturating_add(wait_ms);
        // The server refuses all requests that were in flight together. They lower the limit once.
        if self.paused_until_ms <= now_ms {
            self.learned(allowed, learned).throttled(until_ms);
        }
        self.pause(until_ms, reason);
    }

    /// Records a pause for another reason than the pace.
    pub(super) fn pause(&mut self, until_ms: i64, reason: &str) {
        if until_ms > self.paused_until_ms {
            self.paused_until_ms = until_ms;
            reason.clone_into(&mut self.reason);
        }
    }

    /// Records that requests succeeded.
    pub(super) fn answered(&mut self, allowed: u32, learned: Option<u32>, now_ms: i64) {
        self.learned(allowed, learned).answered(now_ms);
    }

    /// Returns the learned limit. Starts over if the operator's maximum has changed.
    pub(super) fn learned(&mut self, allowed: u32, learned: Option<u32>) -> &mut LearnedPace {
        self.learned.take_if(|learned| learned.allowed != allowed);
        self.learned
            .get_or_insert_with(|| LearnedPace::new(allowed, learned))
    }

    /// Moves the counts forward to the current second.
    fn advance(&mut self, now_ms: i64) {
        let second = now_ms.div_euclid(1_000);
        // A clock that was far ahead for a moment must not cause a pause until that moment.
        self.paused_until_ms = self.paused_until_ms.min(now_ms.saturating_add(LONGEST_PAUSE_MS));
        if self.second > second + SECONDS as i64 {
            self.sent.clear();
            self.second = second;
            self.last_ms = now_ms;
        }
        let passed = usize::try_from(second - self.second).unwrap_or(0).min(SECONDS);
        self.sent.extend(std::iter::repeat_n(
            0,
            passed.max(usize::from(self.sent.is_empty())),
        ));
        self.sent.drain(..self.sent.len().saturating_sub(SECONDS));
        self.second = self.second.max(second);
    }

    /// Returns when the minute has a free place again; `None` if it has one now.
    fn free_at_ms(&self, limit: u64, mut count: u64) -> Option<i64> {
        let first = self.second - self.sent.len() as i64 + 1;
        let mut free_at_ms = None;
        for (second, sent) in (first..).zip(&self.sent) {
            if count < limit {
                break;
            }
            count -= u64::from(*sent);
            free_at_ms = Some((second + SECONDS as i64) * 1_000);
        }
        free_at_ms
    }
}

/// Returns the milliseconds between two requests at even intervals.
pub(super) fn spacing_ms(limit: u64) -> i64 {
    i64::try_from(60_000 / limit.max(1)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_causes_no_long_pause() {
        let mut state = PaceState::default();
        let hour_ms = 3_600_000;
        for _ in 0..10 {
            assert_eq!(state.take(100, None, 10 * hour_ms), Admission::Now(Some(1)));
        }
        state.throttled(100, None, 9_000 * hour_ms, 600_000, "busy");
        let Admission::Paused { until_ms, .. } = state.take(100, None, hour_ms) else {
            panic!("the pause is forgotten");
        };
        assert!(until_ms < 3 * hour_ms, "{until_ms}");
        assert_eq!(state.take(100, None, 3 * hour_ms), Admission::Now(Some(1)));
        // A clock that is set back by a second frees no place.
        for _ in 0..9 {
            state.take(100, None, 3 * hour_ms);
        }
        assert!(matches!(
            state.take(100, None, 3 * hour_ms - 1_000),
            Admission::Later(_)
        ));
    }

    #[test]
    fn another_maximum_resets_the_learned_limit() {
        let mut state = PaceState::default();
        state.throttled(100, None, 1_000, 500, "too fast");
        assert_eq!(state.learned(100, None).limit(), 50);
        assert_eq!(state.learned(200, None).limit(), 200);
    }
}
