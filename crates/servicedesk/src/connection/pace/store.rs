//! The store of a pace.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::time::Instant;

use super::state::PaceState;

/// Change of a state at a time in milliseconds since the epoch, by the store's clock. The store may call it
/// more than once.
pub type PaceChange<'a> = &'a (dyn Fn(&mut PaceState, i64) + Send + Sync);

/// Store of the pace of a connection: in this process, or shared by several processes.
pub trait PaceStore: Debug + Send + Sync {
    /// Applies the change in one transaction, so that the next change sees its result.
    fn update<'a>(
        &'a self,
        change: PaceChange<'a>,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>>;
}

/// Store of a pace that this process alone uses.
#[derive(Debug)]
pub struct InProcess {
    state: Mutex<PaceState>,
    since: Instant,
    /// Time of the clock at `since`, in milliseconds since the epoch.
    since_ms: i64,
}

impl Default for InProcess {
    fn default() -> Self {
        let since_epoch = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Self {
            state: Mutex::default(),
            since: Instant::now(),
            since_ms: i64::try_from(since_epoch.as_millis()).unwrap_or(0),
        }
    }
}

impl PaceStore for InProcess {
    fn update<'a>(
        &'a self,
        change: PaceChange<'a>,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async move {
            let passed_ms = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(0);
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut state, self.since_ms + passed_ms);
            Ok(())
        })
    }
}
