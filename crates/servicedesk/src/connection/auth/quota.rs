//! The limit of access tokens: more than about ten in ten minutes lock the account.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep};
use tracing::warn;

use crate::connection::stop::Stop;
use crate::{Error, Result};

/// Maximum access tokens fetched in any [`WINDOW`]. Two less than the number that locks the account leaves
/// room for another program with the same credentials.
const FETCHES: usize = 8;
const WINDOW: Duration = Duration::from_secs(600);

/// The times at which access tokens were fetched, within the window.
#[derive(Default)]
pub(super) struct Quota {
    fetched_at: VecDeque<Instant>,
}

impl Quota {
    /// Waits until a further fetch cannot lock the account, then counts it.
    ///
    /// # Errors
    /// `Stopped`, and `Paused` if the wait is longer than the caller's longest pause.
    pub(super) async fn take(&mut self, stop: &Stop) -> Result<()> {
        while self
            .fetched_at
            .pop_front_if(|at| at.elapsed() >= WINDOW)
            .is_some()
        {}
        if self.fetched_at.len() >= FETCHES
            && let Some(oldest) = self.fetched_at.front().copied()
        {
            let wait = WINDOW.saturating_sub(oldest.elapsed());
            let reason = format!(
                "access tokens expire too soon: fetched {FETCHES} in ten minutes; one more would lock the account, so \
                 the next one waits"
            );
            if stop.longest_pause.is_some_and(|longest| wait > longest) {
                let until = DateTime::<Utc>::from(SystemTime::now() + wait);
                return Err(Error::Paused { until, reason });
            }
            warn!(wait_ms = wait.as_millis() as u64, "{reason}");
            stop.before_sending(sleep(wait)).await?;
            self.fetched_at.pop_front();
        }
        self.fetched_at.push_back(Instant::now());
        Ok(())
    }
}
