//! The lock on a tenant, on a file beside the database.

use std::fs::{File, TryLockError};
use std::path::Path;

use sha2::{Digest, Sha256};
use ticket::TenantId;

use crate::{Error, Result};

/// An acquired lock. The system frees it when the file is closed, also when the process ends.
#[derive(Debug)]
pub(crate) struct FileLock {
    /// `None` for a database in memory, which no other process can open.
    _file: Option<File>,
}

impl FileLock {
    /// Acquires the lock; `None` while another process holds it.
    pub(super) fn try_acquire(database: Option<&Path>, tenant: &TenantId) -> Result<Option<Self>> {
        let Some(database) = database else {
            return Ok(Some(Self { _file: None }));
        };
        let mut name = database.file_name().unwrap_or_default().to_owned();
        // A digest, since some file systems treat `A` and `a` alike.
        let digest = Sha256::digest(tenant.as_str().as_bytes());
        name.push(format!("-{}.lock", hex::encode(&digest[..16])));
        let failed = |error: std::io::Error| Error::Database(sqlx::Error::Io(error));
        let file = File::create(database.with_file_name(name)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
