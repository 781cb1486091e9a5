//! Files and folders that only this user can read or write.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

/// Mode of a file and of a folder of an index.
pub(super) const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// Mode bits of a folder whose content others may have changed.
const WRITABLE: u32 = 0o022;

/// Maximum time that a thread waits for a lock within an index, which is held for milliseconds.
const LOCK: Duration = Duration::from_secs(2);

/// Interval between two attempts to lock.
const LOCK_INTERVAL: Duration = Duration::from_millis(10);

/// Creates a folder for this user only, or closes it to others if it exists.
///
/// # Errors
/// `PermissionDenied` if the folder belongs to another user, and those of the file system.
pub fn secure_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(folder)?;
    close(folder, &fs::metadata(folder)?)
}

/// As [`secure_folder`], but replaces what is not a folder of this user, such as a link, and a folder that others may have
/// written to. The parent must be secure.
pub(super) fn replace_foreign(folder: &Path) -> io::Result<()> {
    match fs::symlink_metadata(folder) {
        Ok(found) if found.is_dir() && is_own(&found) && found.mode() & WRITABLE == 0 => {
            return close(folder, &found);
        }
        Ok(_) => remove(folder)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    DirBuilder::new().mode(FOLDER_MODE).create(folder)
}

/// Removes a file, a link or a folder, if it exists. Never follows a link.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn close(folder: &Path, found: &Metadata) -> io::Result<()> {
    if !is_own(found) {
        let message = format!("{} belongs to another user", folder.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(FOLDER_MODE))?;
        tracing::warn!("closed the folder {} to other users", folder.display());
    }
    Ok(())
}

fn is_own(found: &Metadata) -> bool {
    found.uid() == rustix::process::geteuid().as_raw()
}

/// Opens a regular file for reading; returns its length as well. Never follows a link or waits for a pipe.
pub(super) fn open_file(path: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().read(true).custom_flags(flags()).open(path)?;
    let found = file.metadata()?;
    if !found.is_file() || !is_own(&found) {
        let message = format!("{} is not a file of this user", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok((file, found.len()))
}

/// Opens a lock file; creates it if it is missing, and replaces what is not a file of this user.
pub(super) fn open_lock(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file() || !is_own(&found)) {
        remove(path)?;
    }
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .custom_flags(flags())
        .open(path)
}

/// Locks a file. Waits a bounded time if asked to.
///
/// # Errors
/// `WouldBlock` if another process holds the lock.
pub(super) fn try_lock_for(file: &File, wait: bool) -> io::Result<()> {
    let end = Instant::now() + LOCK;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if wait && Instant::now() < end => {
                std::thread::sleep(LOCK_INTERVAL);
            }
            locked => return locked.map_err(io::Error::from),
        }
    }
}

fn flags() -> i32 {
    // The bits fit: the flags of every system are positive numbers of 32 bits.
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32
}
