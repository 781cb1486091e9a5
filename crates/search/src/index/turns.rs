//! Turns of builds, so that large builds delay small ones by a bounded time.
//!
//! Every build starts with a short turn, which never waits for a large build. A build that is not done then goes on in
//! long turns. At the end of a turn it gives its place to a build that waits, and queues behind the others. A turn is
//! bounded in rows as well as in time, because a row takes more work when it is committed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Maximum number of builds in their first turn.
const SHORT_PLACES: usize = 3;

/// Maximum number of builds in a later turn. Each build buffers up to 15 MB.
const LONG_PLACES: usize = 2;

/// Durations of the first and of a later turn, and the rows of each.
const SHORT: Duration = Duration::from_millis(500);
const SHORT_ROWS: usize = 1_000;
const LONG: Duration = Duration::from_secs(3);
const LONG_ROWS: usize = 25_000;

/// Places of all builds of a process.
#[derive(Debug)]
pub(crate) struct Turns {
    short: Semaphore,
    long: Semaphore,
    /// Builds that wait for a long turn.
    waiting: AtomicUsize,
}

/// A place to build.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    _place: SemaphorePermit<'a>,
    is_short: bool,
    end: Instant,
    rows_left: usize,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self {
            short: Semaphore::new(SHORT_PLACES),
            long: Semaphore::new(LONG_PLACES),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Waits for the first turn of a build.
    pub(crate) async fn first(&self) -> anyhow::Result<Turn<'_>> {
        Ok(self.turn(self.short.acquire().await?, true))
    }

    /// Waits for a further turn, behind all builds that wait already.
    pub(crate) async fn further(&self) -> anyhow::Result<Turn<'_>> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let place = self.long.acquire().await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        Ok(self.turn(place?, false))
    }

    fn turn<'a>(&'a self, place: SemaphorePermit<'a>, is_short: bool) -> Turn<'a> {
        let (duration, rows) = if is_short {
            (SHORT, SHORT_ROWS)
        } else {
            (LONG, LONG_ROWS)
        };
        Turn {
            turns: self,
            _place: place,
            is_short,
            end: Instant::now() + duration,
            rows_left: rows,
        }
    }
}

impl Turn<'_> {
    /// Notes rows that the build has written.
    pub(crate) fn count(&mut self, rows: usize) {
        self.rows_left = self.rows_left.saturating_sub(rows);
    }

    /// Returns whether the build must give its place to another one. A turn that ends while no build waits is extended.
    pub(crate) fn is_over(&mut self) -> bool {
        if Instant::now() < self.end && self.rows_left > 0 {
            return false;
        }
        if self.is_short {
            let Ok(place) = self.turns.long.try_acquire() else {
                return true;
            };
            *self = self.turns.turn(place, false);
            return false;
        }
        self.turns.waiting.load(Ordering::Relaxed) > 0
    }
}
