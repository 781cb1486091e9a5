//! The throttles of one call: how long to pause, and when to give up.
//!
//! `backon` gives the delays after broken answers, but not these pauses. A pause may follow the server's
//! own figure, its length depends on the kind of throttle, and the count starts over when other requests
//! succeed in between.

use std::time::Duration;

use tracing::warn;

use super::backoff::LONGEST_PAUSE;

/// Pause after a throttle that is no lock and names no time; it doubles with each further throttle.
const THROTTLE_PAUSE: Duration = Duration::from_secs(60);

/// Maximum pauses in a row while no other request succeeds.
const PAUSES_IN_A_ROW: u32 = 3;

/// Maximum throttles of one request, whether other requests succeed or not.
const THROTTLES: u32 = 5;

/// The throttles that one call has seen.
#[derive(Debug, Default)]
pub(super) struct Throttles {
    in_a_row: u32,
    total: u32,
    answers_before: u64,
}

impl Throttles {
    /// Counts a throttle. `answers` is the number of successful requests of the whole connection so far.
    pub(super) fn count(&mut self, answers: u64) {
        let others_succeed = answers > self.answers_before;
        self.in_a_row = if others_succeed { 1 } else { self.in_a_row + 1 };
        self.total += 1;
        self.answers_before = answers;
    }

    /// Returns whether the call must end with an error.
    pub(super) fn are_too_many(&self) -> bool {
        self.in_a_row > PAUSES_IN_A_ROW || self.total > THROTTLES
    }

    /// Returns how often the call has waited, the last throttle excluded.
    pub(super) fn waits(&self) -> u32 {
        self.total - 1
    }

    /// Returns the pause that the last throttle causes: as the server asks, within reason, else `default`
    /// or, if that is `None`, a minute, doubled for each throttle in a row.
    pub(super) fn pause(
        &self,
        asked: Option<Duration>,
        default: Option<Duration>,
        what: &str,
        reason: &str,
    ) -> Duration {
        let doubled = 2_u32.pow(self.in_a_row.min(PAUSES_IN_A_ROW) - 1);
        let wait = asked.unwrap_or_else(|| default.unwrap_or(THROTTLE_PAUSE) * doubled);
        let (wait_ms, seconds) = (wait.as_millis() as u64, wait.as_secs());
        if wait <= LONGEST_PAUSE {
            warn!(
                wait_ms,
                "throttled on {what} ({reason}); pausing all requests for {seconds} s"
            );
            return wait;
        }
        let most = LONGEST_PAUSE.as_secs();
        warn!(
            wait_ms,
            "throttled on {what} ({reason}); the server asks for an implausible pause of {seconds} s; \
             pausing all requests for {most} s"
        );
        LONGEST_PAUSE
    }
}
