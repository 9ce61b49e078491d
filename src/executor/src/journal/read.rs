//! Reading a journal back, believing nothing.

use sandtable_model::{Digest, canonical_bytes};
use thiserror::Error;

use super::record::{Entry, JOURNAL_FORMAT, Record};

/// A journal that was read and whose chain holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The lines.
    pub entries: Vec<Entry>,
    /// What a crash left of a last append that was not completed.
    pub torn: Option<TornTail>,
}

/// The beginning of a line that was never completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// How many bytes there are of it.
    pub bytes: u64,
    /// Their digest.
    pub digest: Digest,
}

/// Why a journal cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// A line that is complete and yet no record.
    #[error(
        "line {line} of the journal is damaged: {reason}; it cannot be resumed, look at it by hand"
    )]
    Damaged {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// No complete line.
    #[error("the journal has no complete line, so nothing was begun; start a new run instead")]
    Empty,
    /// The first line is no beginning.
    #[error("the journal does not begin with the opening of a run, but with something else")]
    NotOpened,
}

/// Reads a journal: checks that every line is canonical, is numbered and chained to the one before,
/// and has the hash that its content asks for.
///
/// A record counts when the line feed behind it is there. Bytes after the last line feed are what a
/// crash left of an append; they are told in [`History::torn`], and whoever goes on writes a
/// [`Record::Torn`] right behind them, into the same line, so that they stay where they are. A
/// chain proves that nothing was changed or taken out of the middle; that whole lines are missing
/// at the end it cannot prove.
pub fn read_journal(bytes: &[u8]) -> Result<History, ReadError> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut rest = bytes;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        let number = entries.len() + 1;
        let entry = read_line(line, entries.last()).map_err(|reason| ReadError::Damaged {
            line: number,
            reason,
        })?;
        entries.push(entry);
    }
    match entries.first() {
        None => return Err(ReadError::Empty),
        Some(first) if !matches!(first.record, Record::Opened(_)) => {
            return Err(ReadError::NotOpened);
        }
        Some(_) => {}
    }
    let torn = (!rest.is_empty()).then(|| TornTail {
        bytes: rest.len() as u64,
        digest: Digest::of(rest),
    });
    Ok(History { entries, torn })
}

/// The `prev` of a journal's first line.
pub(super) fn genesis() -> Digest {
    Digest::of(JOURNAL_FORMAT.as_bytes())
}

fn read_line(line: &[u8], before: Option<&Entry>) -> Result<Entry, String> {
    let first_error = match check(line, before) {
        Ok(entry) if matches!(entry.record, Record::Torn { .. }) => {
            return Err("it tells of torn bytes that are not there".to_owned());
        }
        Ok(entry) => return Ok(entry),
        Err(error) => error,
    };
    // The torn record stands behind the bytes that it tells of, in the same line.
    let mut start = line.len();
    while let Some(tail) = line.get(..start).and_then(last_brace) {
        start = tail;
        let (torn, record) = line.split_at(start);
        if let Ok(entry) = check(record, before)
            && let Record::Torn { bytes, digest } = entry.record
            && bytes == torn.len() as u64
            && digest == Digest::of(torn)
        {
            return Ok(entry);
        }
    }
    Err(first_error)
}

fn last_brace(bytes: &[u8]) -> Option<usize> {
    bytes.iter().rposition(|byte| *byte == b'{')
}

fn check(line: &[u8], before: Option<&Entry>) -> Result<Entry, String> {
    let entry: Entry = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let (seq, prev) = match before {
        Some(before) => (before.seq + 1, before.hash),
        None => (0, genesis()),
    };
    if entry.seq != seq {
        return Err(format!("it is numbered {}, expected {seq}", entry.seq));
    }
    if entry.prev != prev {
        return Err("it does not follow from the line before".to_owned());
    }
    let hash = entry.expected_hash().map_err(|error| error.to_string())?;
    if entry.hash != hash {
        return Err("its content does not match its hash".to_owned());
    }
    match canonical_bytes(&entry) {
        Ok(bytes) if bytes == line => Ok(entry),
        _ => Err("it is not in canonical form".to_owned()),
    }
}
