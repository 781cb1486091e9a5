//! Decides which jobs and webhook events of this process run at the same time.
//!
//! A job or event during which its process died is a suspect, and so is everything else that was under way in that
//! process. A suspect runs alone: if the process dies again, there is no doubt about the cause, and if it does not, the
//! suspect is innocent.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Number of places; more than the jobs and events that a process works on at the same time.
const PLACES: u32 = 64;

/// The jobs and events under way in this process. Clones are the same company.
#[derive(Clone, Debug)]
pub(crate) struct Company(Arc<Semaphore>);

/// Permission to work, until it is dropped. The semaphore is never closed, so it is always there.
pub(crate) type Place = Option<OwnedSemaphorePermit>;

impl Default for Company {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PLACES as usize)))
    }
}

impl Company {
    /// Waits for a place beside others or, if `alone`, until nothing else is under way. Places are given in the order of
    /// the calls, so neither suspects nor others starve.
    pub(crate) async fn place(&self, alone: bool) -> Place {
        let places = if alone { PLACES } else { 1 };
        self.0.clone().acquire_many_owned(places).await.ok()
    }
}
