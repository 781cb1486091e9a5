//! The folder of all indexes: one folder and one lock file per tenant.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use sha2::{Digest, Sha256};
use ticket::TenantId;
use tokio::task::spawn_blocking;

use super::fault::Unavailable;
use super::secure;
use super::ticket_index::VERSION;

/// Intervals between two attempts to lock an index that another process writes: the first one, and the longest.
const FIRST_INTERVAL: Duration = Duration::from_millis(5);
const LONGEST_INTERVAL: Duration = Duration::from_millis(100);

/// Folder of the indexes of one version.
#[derive(Clone, Debug)]
pub(crate) struct IndexFolder {
    /// Folder of all versions. Its owner may have linked it to another place.
    root: PathBuf,
    folder: PathBuf,
}

impl IndexFolder {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            folder: root.join(format!("v{VERSION}")),
        }
    }

    /// Returns the folder of a tenant's index. Its name is a digest of the id: ids may differ by case only, and an id
    /// may be the file name of another tenant. No id contains `=`.
    pub(crate) fn of(&self, tenant: &TenantId) -> PathBuf {
        let digest = Sha256::digest(tenant.as_str().as_bytes());
        self.folder.join(format!("tenant={}", hex::encode(&digest[..16])))
    }

    /// Acquires the lock file of a tenant's index. The lock lasts as long as the file.
    ///
    /// # Errors
    /// [`Unavailable`] if the folder cannot be written, or is not this user's.
    pub(crate) async fn lock(&self, tenant: &TenantId) -> anyhow::Result<File> {
        let mut interval = FIRST_INTERVAL;
        loop {
            let (folder, path) = (self.clone(), self.of(tenant).with_extension("lock"));
            let locked = spawn_blocking(move || folder.try_lock(&path)).await?;
            match locked {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                locked => return locked.context("lock the search index").context(Unavailable),
            }
            tokio::time::sleep(interval).await;
            interval = (interval * 2).min(LONGEST_INTERVAL);
        }
    }

    fn try_lock(&self, path: &Path) -> io::Result<File> {
        secure::secure_folder(&self.root)?;
        secure::replace_foreign(&self.folder)?;
        let file = secure::open_lock(path)?;
        secure::try_lock_for(&file, false)?;
        Ok(file)
    }

    /// Deletes the indexes of earlier versions, because an index contains words of tickets.
    pub(crate) fn remove_earlier_versions(&self) {
        for version in 1..VERSION {
            let folder = self.root.join(format!("v{version}"));
            if let Err(error) = secure::remove(&folder) {
                tracing::warn!("failed to delete the search indexes of an earlier version: {error}");
            }
        }
    }
}
