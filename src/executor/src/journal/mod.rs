//! The journal: what the hands were about to do, did and saw, in the order in which it happened.
//!
//! JSON Lines. Each line is the canonical form of an [`Entry`] and a line feed. Every line holds
//! the hash of the one before, so that nothing can be changed or taken out unnoticed, and is
//! durable before the next thing happens: an intent before its call, an outcome before the next
//! step. Nothing is ever taken away, not even the half line that a crash left behind.

mod read;
mod record;
mod storage;

pub use read::{History, ReadError, TornTail, read_journal};
pub use record::{CallResult, Check, Entry, JOURNAL_FORMAT, Opened, Record};
pub use storage::{FileStorage, MemoryStorage, Storage, StorageError};

use std::fmt;
use std::io;

use sandtable_model::{DocumentError, Timestamp};
use thiserror::Error;

/// Why the journal did not take a record. Nothing may be done that was not journaled, so this ends
/// a run at once.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The storage failed. What it has of the record is found when the journal is read again.
    #[error("the journal could not be written, so the run ends here: {0}")]
    Io(#[from] io::Error),
    /// The record has no canonical form.
    #[error("a record could not be put into the journal: {0}")]
    Document(#[from] DocumentError),
    /// An append failed before.
    #[error("the journal failed before and takes no more records; read it again to resume")]
    Broken,
}

type Listener = Box<dyn FnMut(&Entry) + Send>;

/// A journal that is being written.
pub struct Journal<S> {
    storage: S,
    entries: Vec<Entry>,
    latest: Timestamp,
    torn: Option<TornTail>,
    broken: bool,
    listener: Option<Listener>,
}

impl<S: fmt::Debug> fmt::Debug for Journal<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("storage", &self.storage)
            .field("entries", &self.entries.len())
            .field("torn", &self.torn)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}

impl<S: Storage> Journal<S> {
    /// An empty journal on an empty storage.
    pub const fn new(storage: S) -> Self {
        Journal {
            storage,
            entries: Vec::new(),
            latest: Timestamp::from_millis(i64::MIN),
            torn: None,
            broken: false,
            listener: None,
        }
    }

    /// Goes on with a journal that was read from the same storage.
    pub fn reopened(storage: S, history: History) -> Self {
        let times = history.entries.iter().map(|it| it.at);
        Journal {
            storage,
            latest: times.max().unwrap_or(Timestamp::from_millis(i64::MIN)),
            entries: history.entries,
            torn: history.torn,
            broken: false,
            listener: None,
        }
    }

    /// Has `listener` told of every record after it became durable; for showing a run while it
    /// goes.
    #[must_use]
    pub fn with_listener(mut self, listener: impl FnMut(&Entry) + Send + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// What is in the journal.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Under what the run was begun; none while the journal is empty.
    pub fn opened(&self) -> Option<&Opened> {
        match &self.entries.first()?.record {
            Record::Opened(opened) => Some(opened),
            _ => None,
        }
    }

    /// The latest time that a record has, not always the last one's: clocks are set.
    pub(crate) const fn latest(&self) -> Timestamp {
        self.latest
    }

    /// Where it is kept.
    pub const fn storage(&self) -> &S {
        &self.storage
    }

    /// Where it is kept, giving up the journal (and, for a file, nothing else: it stays locked).
    pub fn into_storage(self) -> S {
        self.storage
    }

    /// Adds a record. It is durable when this returns.
    pub(crate) fn append(&mut self, at: Timestamp, record: Record) -> Result<(), JournalError> {
        if self.broken {
            return Err(JournalError::Broken);
        }
        if let Some(TornTail { bytes, digest }) = self.torn {
            self.write(at, Record::Torn { bytes, digest })?;
            self.torn = None;
        }
        self.write(at, record)
    }

    fn write(&mut self, at: Timestamp, record: Record) -> Result<(), JournalError> {
        let (seq, prev) = match self.entries.last() {
            Some(last) => (last.seq + 1, last.hash),
            None => (0, read::genesis()),
        };
        let entry = Entry::new(seq, prev, at, record)?;
        let line = entry.to_line()?;
        if let Err(error) = self.storage.append(&line) {
            self.broken = true;
            return Err(error.into());
        }
        if let Some(listener) = &mut self.listener {
            listener(&entry);
        }
        self.latest = self.latest.max(entry.at);
        self.entries.push(entry);
        Ok(())
    }
}
