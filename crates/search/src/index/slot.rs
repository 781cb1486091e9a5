//! A tenant's open index, and when its last build or search failed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use store::History;
use tokio::time::Instant;

use super::fault::{Unavailable, is_damage};
use super::ticket_index::TicketIndex;

/// Time after a failed build until the next one, so that callers do not repeat it.
const RETRY: Duration = Duration::from_secs(3);

/// Time after a build in which a search that fails does not start another one: the files are not the cause.
const FRESH: Duration = Duration::from_secs(60);

/// A tenant's index once it is open. It is locked while the index is brought up to date.
#[derive(Default)]
pub(crate) struct Slot {
    index: Option<Arc<TicketIndex>>,
    failed_at: Option<Instant>,
    damaged_at: Option<Instant>,
}

impl Slot {
    /// Returns the index if it holds everything of this history.
    pub(crate) fn current(&self, history: &History) -> Option<Arc<TicketIndex>> {
        let index = self.index.clone()?;
        (index.is_of(history) && index.revision() >= history.revision).then_some(index)
    }

    pub(crate) fn index(&self) -> Option<Arc<TicketIndex>> {
        self.index.clone()
    }

    pub(crate) fn clear(&mut self) {
        self.index = None;
    }

    /// Keeps what a build returned.
    ///
    /// # Errors
    /// Those of the build.
    pub(crate) fn set(
        &mut self,
        built: anyhow::Result<Arc<TicketIndex>>,
    ) -> anyhow::Result<Arc<TicketIndex>> {
        match built {
            Ok(index) => {
                (self.index, self.failed_at) = (Some(index.clone()), None);
                Ok(index)
            }
            Err(error) => {
                let is_of_index = error.is::<Unavailable>() || is_damage(&error);
                self.failed_at = is_of_index.then(Instant::now);
                Err(error)
            }
        }
    }

    /// Checks whether a build may be tried.
    ///
    /// # Errors
    /// [`Unavailable`] shortly after a failed build.
    pub(crate) fn check_retry(&self) -> anyhow::Result<()> {
        if self.failed_at.is_some_and(|at| at.elapsed() < RETRY) {
            bail!(Unavailable);
        }
        Ok(())
    }

    /// Notes that a search failed on the index.
    ///
    /// # Errors
    /// [`Unavailable`] if another search did so a moment ago.
    pub(crate) fn note_damage(&mut self) -> anyhow::Result<()> {
        if self.damaged_at.is_some_and(|at| at.elapsed() < FRESH) {
            bail!(Unavailable);
        }
        self.damaged_at = Some(Instant::now());
        Ok(())
    }
}
