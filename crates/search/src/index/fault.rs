//! What a failure of an index means: damage, which a new build mends, or something that an operator must mend.

use std::fmt;
use std::io;

use rustix::io::Errno;
use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenReadError, OpenWriteError};
use tokio::task::JoinError;

/// The search index of a tenant cannot be used now. A later search tries again.
#[derive(Clone, Copy, Debug)]
pub struct Unavailable;

impl fmt::Display for Unavailable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the search index is not available")
    }
}

impl std::error::Error for Unavailable {}

/// Returns whether building the index again may help: its files are damaged, or reading them panicked.
pub(crate) fn is_damage(error: &anyhow::Error) -> bool {
    if error.is::<Unavailable>() {
        return false;
    }
    if let Some(error) = error.downcast_ref::<TantivyError>() {
        let is_busy = matches!(
            error,
            TantivyError::LockFailure(..) | TantivyError::SystemError(_)
        );
        return !is_busy && !io_error(error).is_some_and(is_shortage);
    }
    error.downcast_ref().is_some_and(JoinError::is_panic)
}

/// Returns whether the process or the system lacks files or memory.
fn is_shortage(error: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE, Errno::NOMEM]
        .iter()
        .any(|shortage| error.raw_os_error() == Some(shortage.raw_os_error()))
}

fn io_error(error: &TantivyError) -> Option<&io::Error> {
    match error {
        TantivyError::IoError(error)
        | TantivyError::OpenReadError(OpenReadError::IoError { io_error: error, .. })
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error: error, .. })
        | TantivyError::LockFailure(LockError::IoError(error), _) => Some(error),
        _ => None,
    }
}

/// Returns what an operator can do about a failed write.
pub(crate) fn advice(kind: Option<io::ErrorKind>) -> &'static str {
    use io::ErrorKind::{FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match kind {
        Some(StorageFull | QuotaExceeded | FileTooLarge) => "free space on its disk or raise the quota",
        Some(PermissionDenied | ReadOnlyFilesystem) => "let this user write to it",
        _ => {
            "check its disk and the limits of this process; the folder may be deleted while no process uses it"
        }
    }
}
