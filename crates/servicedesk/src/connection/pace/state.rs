//! The pace of one connection: what was sent in the last minute, what was learned, and until when nothing may be sent.
//!
//! Pure arithmetic over milliseconds since the epoch, so that the same state can live in a process or in a database.
//! Requests are counted by the second they were sent in: the last 61 such seconds hold every request of any 60 s.

use serde::{Deserialize, Serialize};

use super::learn::Learned;

/// Seconds whose requests are counted. The server counts a request when it arrives, we when it leaves: the second above
/// the minute is for the difference, such as a connection that is still being made.
const SECONDS: usize = 61;

/// Maximum requests that a quiet minute may begin with at once.
const BURST: u64 = 10;

/// Longest pause in milliseconds.
const LONGEST_PAUSE_MS: i64 = 3_700_000;

/// Requests a minute up to which each is asked for by itself.
const ONE_BY_ONE: u64 = 600;

/// The pace of one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaceState {
    learned: Option<Learned>,
    /// The second that the last count belongs to.
    second: i64,
    /// Requests of each second, the latest last; at most [`SECONDS`].
    sent: Vec<u32>,
    last_ms: i64,
    paused_until_ms: i64,
    /// Why, in the server's words.
    #[serde(default)]
    reason: String,
}

/// Whether a request may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// So many, at once; `None` for any number.
    Now(Option<u64>),
    /// Not before so many milliseconds have passed.
    Later(i64),
    /// The server asked to be left alone until then.
    Paused { until_ms: i64, reason: String },
}

impl PaceState {
    /// Takes places for requests to be sent now, if there are any.
    pub(super) fn take(&mut self, allowed: u32, learned: Option<u32>, now_ms: i64) -> Verdict {
        self.advance(now_ms);
        if self.paused_until_ms > now_ms {
            let (until_ms, reason) = (self.paused_until_ms, self.reason.clone());
            return Verdict::Paused { until_ms, reason };
        }
        let limit = u64::from(self.learned(allowed, learned).limit());
        if limit == 0 {
            return Verdict::Now(None);
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
            return Verdict::Later(free_at_ms - now_ms);
        }
        let places = (limit / ONE_BY_ONE).clamp(1, limit - count);
        self.last_ms = now_ms;
        if let Some(last) = self.sent.last_mut() {
            *last = last.saturating_add(u32::try_from(places).unwrap_or(u32::MAX));
        }
        Verdict::Now(Some(places))
    }

    /// The server throttled: nothing is sent for `wait_ms`, and less from then on.
    pub(super) fn throttled(
        &mut self,
        allowed: u32,
        learned: Option<u32>,
        now_ms: i64,
        wait_ms: i64,
        reason: &str,
    ) {
        let until_ms = now_ms.saturating_add(wait_ms);
        // Requests that were on their way together are refused together: one reason to slow down, not many.
        if self.paused_until_ms <= now_ms {
            self.learned(allowed, learned).throttled(until_ms);
        }
        self.pause(until_ms, reason);
    }

    /// Nothing is sent until then, for another reason than the pace.
    pub(super) fn pause(&mut self, until_ms: i64, reason: &str) {
        if until_ms > self.paused_until_ms {
            self.paused_until_ms = until_ms;
            reason.clone_into(&mut self.reason);
        }
    }

    /// Requests were answered well.
    pub(super) fn answered(&mut self, allowed: u32, learned: Option<u32>, now_ms: i64) {
        self.learned(allowed, learned).answered(now_ms);
    }

    /// What was learned; anew where the operator allows another pace than at the time.
    pub(super) fn learned(&mut self, allowed: u32, learned: Option<u32>) -> &mut Learned {
        self.learned.take_if(|learned| learned.allowed != allowed);
        self.learned.get_or_insert_with(|| Learned::new(allowed, learned))
    }

    /// Moves the counts on to the second at hand.
    fn advance(&mut self, now_ms: i64) {
        let second = now_ms.div_euclid(1_000);
        // A clock that was far ahead for a moment must not stop everything until that moment comes.
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

    /// When there is a place again, by the limit for a minute; `None` if there is one.
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

/// Milliseconds between two requests of an evenly spread minute.
pub(super) fn spacing_ms(limit: u64) -> i64 {
    i64::try_from(60_000 / limit.max(1)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_stops_nobody_for_long() {
        let mut state = PaceState::default();
        let hour_ms = 3_600_000;
        for _ in 0..10 {
            assert_eq!(state.take(100, None, 10 * hour_ms), Verdict::Now(Some(1)));
        }
        state.throttled(100, None, 9_000 * hour_ms, 600_000, "busy");
        let Verdict::Paused { until_ms, .. } = state.take(100, None, hour_ms) else {
            panic!("the pause is forgotten");
        };
        assert!(until_ms < 3 * hour_ms, "{until_ms}");
        assert_eq!(state.take(100, None, 3 * hour_ms), Verdict::Now(Some(1)));
        // A second back, as clocks are set, frees nothing.
        for _ in 0..9 {
            state.take(100, None, 3 * hour_ms);
        }
        assert!(matches!(
            state.take(100, None, 3 * hour_ms - 1_000),
            Verdict::Later(_)
        ));
    }

    #[test]
    fn another_allowed_pace_is_learned_anew() {
        let mut state = PaceState::default();
        state.throttled(100, None, 1_000, 500, "too fast");
        assert_eq!(state.learned(100, None).limit(), 50);
        assert_eq!(state.learned(200, None).limit(), 200);
    }
}
