//! Where a journal is kept.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A place to which lines can be added and from which none can be taken away.
pub trait Storage {
    /// Adds these bytes at the end. They are durable when this returns.
    fn append(&mut self, line: &[u8]) -> io::Result<()>;
}

/// A journal in memory, for rehearsals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryStorage {
    bytes: Vec<u8>,
}

impl MemoryStorage {
    /// An empty journal.
    pub const fn new() -> Self {
        MemoryStorage { bytes: Vec::new() }
    }

    /// A journal that already has these bytes.
    pub const fn with_bytes(bytes: Vec<u8>) -> Self {
        MemoryStorage { bytes }
    }

    /// What was written so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was written, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Storage for MemoryStorage {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(line);
        Ok(())
    }
}

impl<S: Storage + ?Sized> Storage for &mut S {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        (**self).append(line)
    }
}

/// Why a journal's file cannot be used.
#[derive(Debug, Error)]
pub enum StorageError {
    /// A new run never writes into an existing file.
    #[error(
        "`{path}` is there already; a new run needs a new journal (to go on with that one, resume \
         it)"
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another process has the journal.
    #[error("`{path}` is in use by another run; two runs of one journal would do things twice")]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("could not {what} `{path}`: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// A journal in a file: opened for appending only, flushed to the device with every line, readable
/// by its owner alone, and locked so that no second run can use it at the same time.
#[derive(Debug)]
pub struct FileStorage {
    file: File,
}

impl FileStorage {
    /// A new journal. An existing file is refused, since it may hold what happened in another run.
    pub fn create(path: &Path) -> Result<Self, StorageError> {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|source| {
            if source.kind() == io::ErrorKind::AlreadyExists {
                StorageError::Exists { path: path.into() }
            } else {
                failed("create", path)(source)
            }
        })?;
        lock(&file, path)?;
        file.sync_all().map_err(failed("flush", path))?;
        sync_folder(path)?;
        Ok(FileStorage { file })
    }

    /// An existing journal, to go on with, and the bytes that it has. Locked before it is read.
    pub fn reopen(path: &Path) -> Result<(Self, Vec<u8>), StorageError> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(path)
            .map_err(failed("open", path))?;
        lock(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed("read", path))?;
        Ok((FileStorage { file }, bytes))
    }
}

impl Storage for FileStorage {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.write_all(line)?;
        self.file.sync_data()
    }
}

fn lock(file: &File, path: &Path) -> Result<(), StorageError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StorageError::Locked { path: path.into() }),
        Err(TryLockError::Error(source)) => Err(failed("lock", path)(source)),
    }
}

/// Makes the file's name durable too, where folders can be flushed.
fn sync_folder(path: &Path) -> Result<(), StorageError> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed("flush the folder of", path))
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StorageError {
    let path = path.to_owned();
    move |source| StorageError::Io { what, path, source }
}
