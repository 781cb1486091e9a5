//! Room in memory for large answers.
//!
//! Many tenants share a process, and each of them reads many answers at a time. Small answers are bounded by their
//! number. A large one reserves its whole room before it is read, and keeps it until it is parsed. All of a
//! process share [`PROCESS_MIB`], and no tenant may take more than [`TENANT_MIB`] of it. Small answers need no room, so
//! large ones never delay them. A call waits for room at most once and waits for nothing else afterwards, so calls cannot
//! block each other for ever.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Room in MiB for the large answers of all tenants of a process: four of the longest.
const PROCESS_MIB: usize = 256;

/// Room in MiB for the large answers of one tenant.
const TENANT_MIB: usize = 96;

/// Maximum size in bytes of an answer that needs no room; most details and pages of thin rows are shorter.
pub(super) const SMALL_ANSWER: usize = 1 << 20;

static PROCESS: Semaphore = Semaphore::const_new(PROCESS_MIB);

/// The room of one tenant's connection.
#[derive(Clone, Debug)]
pub(super) struct Room(Arc<Semaphore>);

/// Room that is returned when this is dropped.
#[derive(Debug)]
pub(super) struct Reserved<'a> {
    _tenant: SemaphorePermit<'a>,
    _process: SemaphorePermit<'static>,
}

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(TENANT_MIB)))
    }
}

impl Room {
    /// Waits for room for an answer of at most this size. Calls get it in the order in which they ask.
    pub(super) async fn reserve(&self, size_bytes: usize) -> Reserved<'_> {
        let mebibytes = size_bytes.div_ceil(1 << 20).min(TENANT_MIB) as u32;
        let tenant = self.0.acquire_many(mebibytes).await;
        let process = PROCESS.acquire_many(mebibytes).await;
        Reserved {
            _tenant: tenant.expect("never closed"),
            _process: process.expect("never closed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn one_tenant_cannot_take_the_room_of_all() {
        let soon = Duration::from_millis(50);
        let (first, second) = (Room::default(), Room::default());
        let held = first.reserve(64 << 20).await;
        assert!(timeout(soon, first.reserve(64 << 20)).await.is_err());
        // The reservation that was given up left nothing behind.
        let others = [second.reserve(64 << 20).await, first.reserve(32 << 20).await];
        drop((held, others));
        assert_eq!(PROCESS.available_permits(), PROCESS_MIB);
        assert!(timeout(soon, first.reserve(usize::MAX)).await.is_ok());
    }
}
