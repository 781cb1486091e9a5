//! How many requests a minute this server takes, learned from its throttles.

use std::time::Duration;

use tokio::time::Instant;

/// Where learning starts for a tenant that allows any pace: 100 requests a second.
const UNLIMITED_START: u32 = 6_000;

/// One step back up: time without a throttle, while answers come.
const STEP: Duration = Duration::from_secs(61);

/// Steps back up from half to the whole pace.
const STEPS: u32 = 10;

/// Steps between tries of a pace at which this server has throttled.
const STEPS_ABOVE_CEILING: u32 = 10;

/// What has been learned. All figures are requests a minute; 0 means no limit.
#[derive(Debug)]
pub(super) struct Learned {
    /// What the operator allows.
    allowed: u32,
    limit: u32,
    /// The highest pace that is not known to be too much.
    ceiling: u32,
    /// Steps made since the ceiling was reached.
    waited: u32,
    step_at: Option<Instant>,
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
            step_at: None,
        }
    }

    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    /// `None` while nothing below the allowed pace was needed.
    pub(super) fn pace(&self) -> Option<u32> {
        (self.limit != self.allowed).then_some(self.limit)
    }

    pub(super) fn throttled(&mut self, until: Instant) {
        let limit = if self.limit == 0 { self.cap() } else { self.limit };
        self.limit = (limit / 2).max(1);
        self.ceiling = (limit - limit / 10).max(1);
        self.waited = 0;
        self.step_at = Some(until + STEP);
    }

    pub(super) fn answered(&mut self, now: Instant) {
        if self.limit == self.allowed {
            return;
        }
        if now < *self.step_at.get_or_insert(now + STEP) {
            return;
        }
        self.step_at = Some(now + STEP);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The pace after so many quiet minutes.
    fn after(learned: &mut Learned, minutes: u32) -> u32 {
        let start = learned.step_at.unwrap_or_else(Instant::now);
        for minute in 0..minutes {
            learned.answered(start + STEP * minute);
        }
        learned.limit()
    }

    #[tokio::test]
    async fn a_throttle_halves_and_quiet_minutes_bring_back_a_little_less() {
        let mut learned = Learned::new(100, None);
        assert_eq!(learned.pace(), None);
        learned.throttled(Instant::now());
        assert_eq!((learned.limit(), learned.pace()), (50, Some(50)));
        assert_eq!(after(&mut learned, 1), 59);
        assert_eq!(after(&mut learned, 4), 90);
        assert_eq!(after(&mut learned, 9), 90);
        assert_eq!(after(&mut learned, 1), 91);
    }

    #[tokio::test]
    async fn the_pace_never_ends_at_nothing_nor_above_what_is_allowed() {
        let mut learned = Learned::new(3, None);
        (0..9).for_each(|_| learned.throttled(Instant::now()));
        assert_eq!(learned.limit(), 1);
        assert_eq!(after(&mut learned, 1_000), 3);
        assert_eq!(learned.pace(), None);
    }

    #[tokio::test]
    async fn what_an_earlier_run_learned_is_where_the_next_begins() {
        let mut learned = Learned::new(100, Some(40));
        assert_eq!(learned.limit(), 40);
        learned.answered(Instant::now());
        assert_eq!(after(&mut learned, 10), 41);
        assert_eq!(Learned::new(30, Some(40)).limit(), 30);
        assert_eq!(Learned::new(0, None).limit(), 0);
        assert_eq!(Learned::new(0, Some(40)).limit(), 40);
    }
}
