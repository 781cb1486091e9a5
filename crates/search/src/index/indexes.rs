//! The open indexes of all tenants. Each is brought up to date before it answers.
//!
//! Any number of processes may share the folder. One process at a time writes a tenant's index: the holder of its lock
//! file. The system releases the lock when that process ends. A search that finds its index behind waits for the
//! writer, and then sees what was written.
//!
//! A build continues after its caller has left, because only a finished build can answer the next caller. Builds do not
//! pile up: a tenant has one at a time, and other callers wait for it; builds take turns (see [`super::turns`]); memory
//! is bounded (see [`super::catch_up`]); work is saved on the way; and builds stop when the [`Indexes`] are dropped. All
//! other work of a search is cancelled with its caller (see [`crate::search_similar_tickets`]).
//!
//! An index that is damaged is built again. One that cannot be written, because the disk is full or the folder is
//! read-only, is left as it is: its tenant gets [`super::Unavailable`] until the cause is gone.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use lru::LruCache;
use store::{History, Store};
use ticket::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::build::Build;
use super::folder::IndexFolder;
use super::secure;
use super::slot::Slot;
use super::ticket_index::TicketIndex;
use super::turns::Turns;

/// Maximum number of open indexes.
const OPEN: NonZeroUsize = NonZeroUsize::new(128).expect("not zero");

/// Maximum bytes of all open indexes in memory; the last one may be larger. An index of 100,000 tickets has 25 to 70 MB.
const BYTES: usize = 512 << 20;

/// Maximum number of concurrent searches per processor; more would only slow each other down. Each holds the texts of
/// its hits.
const SEARCHES: usize = 4;

/// A tenant's index and its size in bytes.
#[derive(Clone, Default)]
struct Open {
    slot: Arc<tokio::sync::Mutex<Slot>>,
    bytes: usize,
}

/// The open indexes of all tenants.
pub struct Indexes {
    folder: IndexFolder,
    open: Mutex<LruCache<TenantId, Open>>,
    turns: Arc<Turns>,
    searches: Arc<Semaphore>,
    tasks: TaskTracker,
    stop: CancellationToken,
    _stops: DropGuard,
}

impl Indexes {
    /// Opens the indexes of a folder, which may be deleted while no process uses it.
    pub fn new(folder: &Path) -> Self {
        let stop = CancellationToken::new();
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let folder = IndexFolder::new(folder);
        folder.remove_earlier_versions();
        Self {
            folder,
            open: Mutex::new(LruCache::new(OPEN)),
            turns: Arc::new(Turns::new()),
            searches: Arc::new(Semaphore::new(SEARCHES * processors)),
            tasks: TaskTracker::new(),
            _stops: stop.clone().drop_guard(),
            stop,
        }
    }

    /// Waits for a turn to search. Work that outlives its caller keeps the turn until it ends.
    pub(crate) async fn turn(&self) -> anyhow::Result<Arc<OwnedSemaphorePermit>> {
        Ok(Arc::new(self.searches.clone().acquire_owned().await?))
    }

    /// Returns the tenant's index, with every batch of this history, which the caller has just read. A build continues
    /// if the caller leaves.
    ///
    /// # Errors
    /// Those of the store, and [`super::Unavailable`].
    pub async fn current(
        &self,
        store: &Store,
        tenant: &TenantId,
        history: &History,
    ) -> anyhow::Result<Arc<TicketIndex>> {
        let mut slot = self.slot(tenant).lock_owned().await;
        if let Some(index) = slot.current(history) {
            return Ok(index);
        }
        slot.check_retry()?;
        let build = Build {
            store: store.clone(),
            tenant: tenant.clone(),
            folder: self.folder.clone(),
            turns: self.turns.clone(),
            stop: self.stop.clone(),
        };
        let task = async move {
            let built = build.bring_up_to_date(slot.index()).await;
            slot.set(built)
        };
        let index = self.tasks.spawn(task).await.context("the build of an index")??;
        self.account(tenant, index.files().bytes());
        Ok(index)
    }

    /// Deletes an index because a search failed on it. The next search builds it again.
    ///
    /// # Errors
    /// [`super::Unavailable`] if it was built a moment ago, since another build would not help; those of the folder.
    pub(crate) async fn discard_damaged(&self, tenant: &TenantId) -> anyhow::Result<()> {
        self.slot(tenant).lock_owned().await.note_damage()?;
        self.discard(tenant).await
    }

    /// Drops an index and deletes its files. The next search builds it again.
    ///
    /// # Errors
    /// Those of the folder.
    pub async fn discard(&self, tenant: &TenantId) -> anyhow::Result<()> {
        let slot = self.slot(tenant);
        let mut slot = slot.lock().await;
        slot.clear();
        let _lock = self.folder.lock(tenant).await?;
        let folder = self.folder.of(tenant);
        let place = folder.clone();
        let removed = tokio::task::spawn_blocking(move || secure::remove(&place)).await?;
        removed.with_context(|| format!("remove {}", folder.display()))
    }

    fn slot(&self, tenant: &TenantId) -> Arc<tokio::sync::Mutex<Slot>> {
        let mut open = self.open();
        open.get_or_insert(tenant.clone(), Open::default).slot.clone()
    }

    /// Notes the size of an index, and closes those that were not used for the longest time.
    fn account(&self, tenant: &TenantId, bytes: usize) {
        let mut open = self.open();
        if let Some(found) = open.get_mut(tenant) {
            found.bytes = bytes;
        }
        while open.len() > 1 && open.iter().map(|(_, found)| found.bytes).sum::<usize>() > BYTES {
            open.pop_lru();
        }
    }

    fn open(&self) -> MutexGuard<'_, LruCache<TenantId, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
