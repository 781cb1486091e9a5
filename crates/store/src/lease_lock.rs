//! The lock behind a tenant's lease.

use crate::postgres::AdvisoryLock;
use crate::sqlite::FileLock;

/// A lock that ends with its holder.
#[derive(Debug)]
pub(crate) enum LeaseLock {
    Advisory(AdvisoryLock),
    File { _lock: FileLock },
}

impl LeaseLock {
    /// Frees the lock; another process can acquire it when this returns.
    pub(crate) async fn free(self) {
        match self {
            Self::Advisory(lock) => lock.free().await,
            Self::File { .. } => {}
        }
    }
}
