//! The open indexes of all tenants. Each is brought up to date before it answers.
//!
//! Any number of processes may share the folder. One process at a time writes a tenant's index: the holder of its lock
//! file. The system releases the lock when that process ends. A search that finds its index behind waits for the
//! writer, and then sees what was written.
//!
//! A build continues after its caller has left, because only a finished build can answer the next caller. Builds do not
//! pile up: a tenant has one at a time, and other callers wait for it; a process has [`WRITERS`]; memory is bounded
//! (see [`super::catch_up`]); work is saved on the way; and builds stop when the [`Indexes`] are dropped. All other
//! work of a search is cancelled with its caller (see [`crate::search_similar_tickets`]).

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use lru::LruCache;
use sha2::{Digest, Sha256};
use store::Store;
use ticket::TenantId;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::catch_up::catch_up;
use super::ticket_index::{TicketIndex, VERSION};

/// Maximum number of open indexes. Each takes file mappings and about 100 KiB.
const OPEN: NonZeroUsize = NonZeroUsize::new(128).expect("not zero");

/// Maximum number of concurrent builds. Each buffers up to 15 MB.
const WRITERS: usize = 3;

/// Maximum number of concurrent searches per processor; more would only slow each other down. Each holds the texts of
/// its hits.
const SEARCHES: usize = 4;

/// Index of a tenant once it is open. The slot is locked while the index is brought up to date.
type Slot = tokio::sync::Mutex<Option<Arc<TicketIndex>>>;

/// The open indexes of all tenants.
pub struct Indexes {
    folder: PathBuf,
    slots: Mutex<LruCache<TenantId, Arc<Slot>>>,
    writers: Arc<Semaphore>,
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
        Self {
            folder: folder.join(format!("v{VERSION}")),
            slots: Mutex::new(LruCache::new(OPEN)),
            writers: Arc::new(Semaphore::new(WRITERS)),
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

    /// Returns the tenant's index, with every batch that was committed before the call. A build continues if the caller
    /// leaves.
    ///
    /// # Errors
    /// Those of the store, and of the folder.
    pub async fn current(&self, store: &Store, tenant: &TenantId) -> anyhow::Result<Arc<TicketIndex>> {
        let history = store.history(tenant).await?;
        let slot = self.slot(tenant).lock_owned().await;
        if let Some(index) = &*slot
            && index.is_of(&history)
            && index.revision() >= history.revision
        {
            return Ok(index.clone());
        }
        let task = bring_up_to_date(
            store.clone(),
            tenant.clone(),
            self.folder.clone(),
            self.writers.clone(),
            slot,
            self.stop.clone(),
        );
        self.tasks.spawn(task).await.context("the index was dropped")?
    }

    /// Drops a damaged index and deletes it. The next search builds it again.
    ///
    /// # Errors
    /// Those of the folder.
    pub async fn discard(&self, tenant: &TenantId) -> anyhow::Result<()> {
        let slot = self.slot(tenant);
        let mut slot = slot.lock().await;
        *slot = None;
        let _lock = lock(&self.folder, tenant).await?;
        let folder = self.folder.join(name(tenant));
        if folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("remove {}", folder.display()))?;
        }
        remove_named_by_id(&self.folder, tenant)
    }

    fn slot(&self, tenant: &TenantId) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.get_or_insert(tenant.clone(), Arc::default).clone()
    }
}

async fn bring_up_to_date(
    store: Store,
    tenant: TenantId,
    folder: PathBuf,
    writers: Arc<Semaphore>,
    mut slot: OwnedMutexGuard<Option<Arc<TicketIndex>>>,
    stop: CancellationToken,
) -> anyhow::Result<Arc<TicketIndex>> {
    let _lock = lock(&folder, &tenant).await?;
    let _permit = writers.acquire().await?;
    // Another process may have written since the history was read.
    let history = store.history(&tenant).await?;
    let place = folder.join(name(&tenant));
    let index = match TicketIndex::open(&place, &history) {
        Ok(index) => index,
        Err(why) => {
            if place.exists() {
                tracing::info!(tenant_id = %tenant, "rebuilding the search index: {why:#}");
            }
            remove_named_by_id(&folder, &tenant)?;
            TicketIndex::make(&place, &history)?
        }
    };
    let index = Arc::new(index);
    catch_up(&store, &tenant, &index, history.revision, &stop).await?;
    *slot = Some(index.clone());
    Ok(index)
}

/// Returns the name of a tenant's index folder: a digest of its id. Ids may differ by case only, and an id may be the
/// file name of another tenant. No id contains `=`.
fn name(tenant: &TenantId) -> String {
    let digest = Sha256::digest(tenant.as_str().as_bytes());
    format!("tenant={}", hex::encode(&digest[..16]))
}

/// Removes the index and the lock file that earlier versions named by the tenant's id, because an index contains words
/// of tickets.
fn remove_named_by_id(folder: &Path, tenant: &TenantId) -> anyhow::Result<()> {
    let index = folder.join(tenant.as_str());
    if index.is_dir() {
        std::fs::remove_dir_all(&index).with_context(|| format!("remove {}", index.display()))?;
    }
    let lock = folder.join(format!("{tenant}.lock"));
    if lock.is_file() {
        std::fs::remove_file(&lock).with_context(|| format!("remove {}", lock.display()))?;
    }
    Ok(())
}

/// Acquires the lock file of a tenant's index. The lock lasts as long as the file.
async fn lock(folder: &Path, tenant: &TenantId) -> anyhow::Result<File> {
    let file = folder.join(format!("{}.lock", name(tenant)));
    let waited = tokio::task::spawn_blocking(move || {
        file.parent().map(std::fs::create_dir_all).transpose()?;
        let file = File::create(file)?;
        file.lock()?;
        std::io::Result::Ok(file)
    });
    waited.await?.context("lock the search index")
}
