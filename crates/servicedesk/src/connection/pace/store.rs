//! Where a pace is kept.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::time::Instant;

use super::PaceState;

/// What changes a state, at a time in milliseconds since the epoch by the store's clock. Called once or more.
pub type PaceChange<'a> = &'a (dyn Fn(&mut PaceState, i64) + Send + Sync);

/// Where the pace of a connection is kept: in this process, or where several processes share it.
pub trait PaceStore: Debug + Send + Sync {
    /// Changes the state as one transaction: whoever comes next sees what this one left.
    fn update<'a>(
        &'a self,
        change: PaceChange<'a>,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>>;
}

/// A pace of this process alone.
#[derive(Debug)]
pub struct InProcess {
    state: Mutex<PaceState>,
    since: Instant,
    /// What the clock showed then, in milliseconds since the epoch.
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
