//! How many requests a minute this server takes, learned from its throttles.

use serde::{Deserialize, Serialize};

/// Where learning starts for a connection that allows any pace: 100 requests a second.
const UNLIMITED_START: u32 = 6_000;

/// One step back up, in milliseconds: time without a throttle, while answers come.
const STEP_MS: i64 = 61_000;

/// Steps back up from half to the whole pace.
const STEPS: u32 = 10;

/// Steps between tries of a pace at which this server has throttled.
const STEPS_ABOVE_CEILING: u32 = 10;

/// What has been learned. All figures are requests a minute; 0 means no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Learned {
    /// Maximum that the operator allows.
    pub(super) allowed: u32,
    limit: u32,
    /// The highest pace that is not known to be too much.
    ceiling: u32,
    /// Steps made since the ceiling was reached.
    waited: u32,
    step_at_ms: Option<i64>,
}

impl Learned {
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

    /// The server throttled, and will until then.
    pub(super) fn throttled(&mut self, until_ms: i64) {
        let limit = if self.limit == 0 { self.cap() } else { self.limit };
        self.limit = (limit / 2).max(1);
        self.ceiling = (limit - limit / 10).max(1);
        self.waited = 0;
        self.step_at_ms = Some(until_ms.saturating_add(STEP_MS));
    }

    /// Requests were answered well.
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
