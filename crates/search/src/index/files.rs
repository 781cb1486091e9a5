//! The files of an index, as a directory of tantivy.
//!
//! tantivy's own directory maps files into memory: a program that truncates a mapped file ends the process that reads it
//! (SIGBUS), and changed bytes reach a search unnoticed. This one reads each file once, verifies its checksum, and keeps
//! the bytes as long as something uses them. Later changes of the file reach no search.
//!
//! It does not wait until the disk has stored a file: what a power failure loses is noticed by its checksum, and the table
//! has it.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::footer::Footer;
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, FileSlice, Lock, OwnedBytes, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};

use super::sealed::{seal, unseal};
use super::secure::{self, open_file};

/// Maximum size of a footer, in bytes. tantivy writes about 100.
const FOOTER_BYTES: u64 = 4_096;

/// Maximum size of the list of segments and of the list of files, in bytes.
const LIST_BYTES: u64 = 64 << 20;

/// Files of one index. Clones share their bytes.
#[derive(Clone, Debug)]
pub(crate) struct IndexFiles(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    open: Mutex<HashMap<PathBuf, Weak<[u8]>>>,
    write_failure: Mutex<Option<io::ErrorKind>>,
}

impl IndexFiles {
    pub(crate) fn new(folder: &Path) -> Self {
        Self(Arc::new(Inner {
            folder: folder.to_owned(),
            open: Mutex::default(),
            write_failure: Mutex::default(),
        }))
    }

    /// Returns the kind of the last failed write of this build. tantivy's threads report a failure without its cause.
    pub(crate) fn write_failure(&self) -> Option<io::ErrorKind> {
        *self
            .0
            .write_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets failures of an earlier build.
    pub(crate) fn begin(&self) {
        *self
            .0
            .write_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Returns the number of bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        let files = self.open();
        let in_use = files.values().filter_map(Weak::upgrade);
        in_use.map(|bytes| bytes.len()).sum()
    }

    fn path(&self, name: &Path) -> PathBuf {
        self.0.folder.join(name)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<PathBuf, Weak<[u8]>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the verified bytes of a file.
    fn read(&self, name: &Path) -> io::Result<Arc<[u8]>> {
        let mut open = self.open();
        if let Some(bytes) = open.get(name).and_then(Weak::upgrade) {
            return Ok(bytes);
        }
        let bytes = read_verified(&self.path(name))?;
        open.retain(|_, bytes| bytes.strong_count() > 0);
        open.insert(name.to_owned(), Arc::downgrade(&bytes));
        Ok(bytes)
    }

    fn note<T>(&self, written: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &written {
            let mut failure = self
                .0
                .write_failure
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *failure = Some(error.kind());
        }
        written
    }
}

/// Reads a file whose footer holds its checksum. Reads the footer first, because a damaged file may have any length.
fn read_verified(path: &Path) -> io::Result<Arc<[u8]>> {
    let (file, length) = open_file(path)?;
    footer(&file, length)?;
    let whole = read_range(&file, 0, length)?;
    let (footer, body) = Footer::extract_footer(FileSlice::from(whole.clone()))?;
    if crc32fast::hash(&body.read_bytes()?) != footer.crc {
        let message = format!("{} is damaged: its checksum differs", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(whole)
}

fn footer(file: &File, length: u64) -> io::Result<()> {
    let from = length.saturating_sub(FOOTER_BYTES);
    let end = read_range(file, from, length - from)?;
    Footer::extract_footer(FileSlice::from(end)).map(drop)
}

fn read_range(file: &File, from: u64, length: u64) -> io::Result<Arc<[u8]>> {
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let mut bytes: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
    let buffer = Arc::get_mut(&mut bytes).expect("not shared yet");
    file.read_exact_at(buffer, from)?;
    Ok(bytes)
}

impl Directory for IndexFiles {
    fn get_file_handle(&self, name: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let bytes = self.read(name).map_err(|error| read_error(name, error))?;
        Ok(Arc::new(OwnedBytes::new(bytes)))
    }

    fn delete(&self, name: &Path) -> Result<(), DeleteError> {
        fs::remove_file(self.path(name)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => DeleteError::FileDoesNotExist(name.to_owned()),
            _ => DeleteError::IoError {
                io_error: Arc::new(error),
                filepath: name.to_owned(),
            },
        })
    }

    fn exists(&self, name: &Path) -> Result<bool, OpenReadError> {
        let exists = self.path(name).try_exists();
        exists.map_err(|error| read_error(name, error))
    }

    fn open_write(&self, name: &Path) -> Result<WritePtr, OpenWriteError> {
        let opened = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(secure::FILE_MODE)
            .open(self.path(name));
        let file = self.note(opened).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenWriteError::FileAlreadyExists(name.to_owned()),
            _ => OpenWriteError::wrap_io_error(error, name.to_owned()),
        })?;
        let files = self.clone();
        Ok(BufWriter::new(Box::new(Output { file, files })))
    }

    fn atomic_read(&self, name: &Path) -> Result<Vec<u8>, OpenReadError> {
        let read = open_file(&self.path(name)).and_then(|(file, length)| {
            if length > LIST_BYTES {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            unseal(&read_range(&file, 0, length)?)
        });
        read.map_err(|error| read_error(name, error))
    }

    fn atomic_write(&self, name: &Path, data: &[u8]) -> io::Result<()> {
        let write = || {
            // A temporary file is readable by its owner only.
            let mut file = tempfile::NamedTempFile::new_in(&self.0.folder)?;
            file.write_all(&seal(data))?;
            file.persist(self.path(name))?;
            Ok(())
        };
        self.note(write())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        let path = self.path(&lock.filepath);
        let file = self
            .note(secure::open_lock(&path))
            .map_err(LockError::wrap_io_error)?;
        secure::try_lock_for(&file, lock.is_blocking).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => LockError::LockBusy,
            _ => LockError::wrap_io_error(error),
        })?;
        Ok(DirectoryLock::from(Box::new(file)))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        // Readers load a commit when a search needs it.
        Ok(WatchHandle::empty())
    }
}

fn read_error(name: &Path, error: io::Error) -> OpenReadError {
    match error.kind() {
        io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(name.to_owned()),
        _ => OpenReadError::wrap_io_error(error, name.to_owned()),
    }
}

/// A file that is being written.
struct Output {
    file: File,
    files: IndexFiles,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.files.note(self.file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for Output {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        Ok(())
    }
}
