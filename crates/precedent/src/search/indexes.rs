//! The open indexes of all tenants: as many as memory allows, each brought up to date before it answers.
//!
//! Any number of processes may share the folder. Of a tenant's index one process writes at a time, the one that
//! holds its lock file; the system gives the lock back when that process ends. A search that finds its index behind
//! waits for whoever writes, and then sees what was written.
//!
//! A build goes on when the caller that began it has left, because only a finished build can answer the next caller. It does
//! not pile up: a tenant has one at a time, others wait for it; a process has [`WRITERS`]; memory is bounded (see
//! [`super::catch_up`]); work is saved on the way; and it stops when the [`Indexes`] are dropped. Everything else that a
//! search does is cancelled with its caller (see [`super::similar`]).

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
use super::index::{TicketIndex, VERSION};

/// Indexes that are open at the same time. Each costs file mappings and some 100 KiB.
const OPEN: NonZeroUsize = NonZeroUsize::new(128).expect("not zero");

/// Indexes that are written at the same time: each buffers up to 15 MB.
const WRITERS: usize = 3;

/// Searches per processor that run at the same time: beyond it they only make each other slower. Each holds the texts of its
/// hits.
const SEARCHES: usize = 4;

/// A tenant's index once it is open; locked while it is brought up to date.
type Slot = tokio::sync::Mutex<Option<Arc<TicketIndex>>>;

pub(crate) struct Indexes {
    folder: PathBuf,
    slots: Mutex<LruCache<TenantId, Arc<Slot>>>,
    writers: Arc<Semaphore>,
    searches: Arc<Semaphore>,
    tasks: TaskTracker,
    stop: CancellationToken,
    _stops: DropGuard,
}

impl Indexes {
    /// Indexes in a folder, which may be deleted while no process uses it.
    pub(crate) fn new(folder: &Path) -> Self {
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
    pub(super) async fn turn(&self) -> anyhow::Result<Arc<OwnedSemaphorePermit>> {
        Ok(Arc::new(self.searches.clone().acquire_owned().await?))
    }

    /// The tenant's index, with every batch that was committed before the call.
    ///
    /// Whoever waits may give up: the index is brought up to date all the same.
    pub(crate) async fn current(
        &self,
        store: &Arc<dyn Store>,
        tenant: &TenantId,
    ) -> anyhow::Result<Arc<TicketIndex>> {
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
        self.tasks.spawn(task).await.context("the index was given up")?
    }

    /// Forgets an index that gave an error and deletes it: the next search makes it anew.
    pub(crate) async fn discard(&self, tenant: &TenantId) -> anyhow::Result<()> {
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
    store: Arc<dyn Store>,
    tenant: TenantId,
    folder: PathBuf,
    writers: Arc<Semaphore>,
    mut slot: OwnedMutexGuard<Option<Arc<TicketIndex>>>,
    stop: CancellationToken,
) -> anyhow::Result<Arc<TicketIndex>> {
    let _lock = lock(&folder, &tenant).await?;
    let _permit = writers.acquire().await?;
    // Another process may have been here since the history was asked for.
    let history = store.history(&tenant).await?;
    let place = folder.join(name(&tenant));
    let index = match TicketIndex::open(&place, &history) {
        Ok(index) => index,
        Err(why) => {
            if place.exists() {
                tracing::info!(tenant_id = %tenant, "making the search index anew: {why:#}");
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

/// Name of a tenant's index folder: a digest of its id. Ids may differ by case only, and one may be the name of a file
/// that belongs to another. No id holds `=`.
fn name(tenant: &TenantId) -> String {
    let digest = Sha256::digest(tenant.as_str().as_bytes());
    format!("tenant={}", hex::encode(&digest[..16]))
}

/// Removes the index and the lock file that earlier versions named by the tenant's id: an index holds words of tickets.
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

/// The right to write a tenant's index, as long as it lives.
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
