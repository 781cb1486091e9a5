//! The limit of requests per minute, learned from the server's throttles.

use serde::{Deserialize, Serialize};

/// First assumed limit of a connection without a maximum: 100 requests per second.
const UNLIMITED_START: u32 = 6_000;

/// Time without a throttle, in milliseconds, after which the limit rises by one step.
const STEP_MS: i64 = 61_000;

/// Steps from half the ceiling to the ceiling.
const STEPS: u32 = 10;

/// Steps at the ceiling before the pacer tries one request more.
const STEPS_ABOVE_CEILING: u32 = 10;

/// The learned limit. All figures are requests per minute; 0 for no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LearnedPace {
    /// The operator's maximum.
    pub(super) allowed: u32,
    limit: u32,
    /// The highest limit at which the server has not throttled.
    ceiling: u32,
    /// Steps since the limit reached the ceiling.
    waited: u32,
    step_at_ms: Option<i64>,
}

impl LearnedPace {
    pub(super) fn new(allowed: u32, learned: Option<u32>) -> Self {
        let cap = if allowed == 0 { UNLIMITED_START } else { allowed };
        let learned = learned.map(|pace| pace.clamp(1, cap)).filter(|pace| *pace < cap);
        Self {
            allowed,
            limit: learned.unwrap_or(allowed),
            ceiling: learned.unwrap_or(cap),
            waited: 0,
            step_at_ms: None,
        }
    }

    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    /// Lowers the limit after a throttle that lasts until then.
    pub(super) fn throttled(&mut self, until_ms: i64) {
        let limit = if self.limit == 0 { self.cap() } else { self.limit };
        self.limit = (limit / 2).max(1);
        self.ceiling = (limit - limit / 10).max(1);
        self.waited = 0;
        self.step_at_ms = Some(until_ms.saturating_add(STEP_MS));
    }

    /// Raises the limit by a step after requests succeeded, if one is due.
    pub(super) fn answered(&mut self, now_ms: i64) {
        if self.limit == self.allowed || now_ms < *self.step_at_ms.get_or_insert(now_ms + STEP_MS) {
            return;
        }
        self.step_at_ms = Some(now_ms + STEP_MS);
        if self.limit < self.ceiling {
            let step = (self.ceiling / STEPS).max(1);
            self.limit = (self.limit + step).min(self.ceiling);
            return;
        }
        self.waited += 1;
        if self.waited == STEPS_ABOVE_CEILING {
            self.waited = 0;
            self.ceiling = (self.ceiling + 1).min(self.cap());
            self.limit = self.ceiling;
        }
    }

    fn cap(&self) -> u32 {
        if self.allowed == 0 {
            UNLIMITED_START
        } else {
            self.allowed
        }
    }
}
