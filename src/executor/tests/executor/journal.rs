//! The journal: append-only, chained, readable after a crash at any byte.

use sandtable_executor::{
    FileStorage, Journal, MemoryStorage, Options, ReadError, Record, RunError, Storage,
    StorageError, read_journal, resume, run,
};

use crate::support::*;

fn journal_of_a_run() -> Vec<u8> {
    let mut journal = Journal::new(MemoryStorage::new());
    let mut cloud = Fake::of(vec![volume(VOLUME)]);
    let warrant = warrant(snapshot_and_delete());
    run(&warrant, &mut cloud, &mut journal, &Options::default()).unwrap();
    journal.into_storage().into_bytes()
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let bytes = journal_of_a_run();
    assert_eq!(bytes, journal_of_a_run());
    let history = read_journal(&bytes).unwrap();
    assert_eq!(history.torn, None);
    assert!(matches!(history.entries[0].record, Record::Opened(_)));
    insta::assert_snapshot!("journal", String::from_utf8(bytes).unwrap());
}

/// Cut anywhere, the journal is read up to its last complete line, and says what is behind it.
#[test]
fn a_journal_cut_at_any_byte_is_read_or_explained() {
    let bytes = journal_of_a_run();
    for end in 0..bytes.len() {
        let cut = &bytes[..end];
        let complete = cut.iter().filter(|byte| **byte == b'\n').count();
        match read_journal(cut) {
            Ok(history) => {
                assert_eq!(history.entries.len(), complete);
                let behind = cut.len() - cut.iter().rposition(|it| *it == b'\n').unwrap() - 1;
                assert_eq!(history.torn.map_or(0, |it| it.bytes), behind as u64);
            }
            Err(error) => {
                assert_eq!((error, complete), (ReadError::Empty, 0));
            }
        }
    }
}

/// Whatever byte of a complete line is changed, the journal is not believed any more.
#[test]
fn a_changed_byte_is_noticed() {
    let bytes = journal_of_a_run();
    for position in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[position] ^= 0x01;
        let line = bytes[..position].iter().filter(|it| **it == b'\n').count() + 1;
        match read_journal(&damaged) {
            Err(ReadError::Damaged { line: told, .. }) => assert_eq!(told, line),
            // The last line feed is what makes the last line complete.
            Ok(history) => {
                assert_eq!(position, bytes.len() - 1);
                assert!(history.torn.is_some());
            }
            other => panic!("byte {position}: {other:?}"),
        }
    }
}

#[test]
fn a_line_taken_out_or_moved_is_noticed() {
    let bytes = journal_of_a_run();
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for index in 1..lines.len() - 1 {
        let mut without = lines.clone();
        without.remove(index);
        let told = read_journal(&without.concat()).unwrap_err();
        assert!(
            matches!(told, ReadError::Damaged { line, .. } if line == index + 1),
            "{told}"
        );
        let mut swapped = lines.clone();
        swapped.swap(index, index + 1);
        assert!(read_journal(&swapped.concat()).is_err());
    }
    assert_eq!(
        read_journal(&lines[1..].concat())
            .unwrap_err()
            .to_string()
            .split(':')
            .next(),
        Some("line 1 of the journal is damaged")
    );
}

/// A torn tail stays where it is, byte for byte, and the record that tells of it stands behind it;
/// so it goes when the resumed run is torn in its turn.
#[test]
fn a_torn_tail_is_kept_and_told_of() {
    let bytes = journal_of_a_run();
    let third = bytes
        .iter()
        .enumerate()
        .filter(|(_, it)| **it == b'\n')
        .nth(2)
        .unwrap()
        .0;
    let mut bytes = bytes[..third + 100].to_vec();
    for round in 0..3 {
        let history = read_journal(&bytes).unwrap();
        assert!(history.torn.is_some());
        let lines = history.entries.len();
        let mut cloud = Fake::of(vec![volume(VOLUME)]);
        let storage = MemoryStorage::with_bytes(bytes.clone());
        let mut journal = Journal::reopened(storage, history);
        let warrant = warrant(snapshot_and_delete());
        let run = resume(&warrant, &mut cloud, &mut journal, &Options::default()).unwrap();
        assert!(run.is_completed());
        let after = journal.into_storage().into_bytes();
        assert!(after.starts_with(&bytes), "nothing was taken away");
        let read = read_journal(&after).unwrap();
        assert_eq!(read.torn, None);
        assert!(
            matches!(read.entries[lines].record, Record::Torn { .. }),
            "round {round}"
        );
        // The crash now comes in the middle of the record that tells of the torn bytes.
        bytes = after[..bytes.len() + 60 + round].to_vec();
    }
}

#[test]
fn a_torn_record_that_tells_of_other_bytes_is_noticed() {
    let bytes = journal_of_a_run();
    let first = bytes.iter().position(|it| *it == b'\n').unwrap();
    let cut = bytes[..first + 50].to_vec();
    let history = read_journal(&cut).unwrap();
    let mut journal = Journal::reopened(MemoryStorage::with_bytes(cut.clone()), history);
    let mut cloud = Fake::of(vec![volume(VOLUME)]);
    let warrant = warrant(snapshot_and_delete());
    resume(&warrant, &mut cloud, &mut journal, &Options::default()).unwrap();
    let mut after = journal.into_storage().into_bytes();
    after[cut.len() - 5] ^= 0x01;
    assert!(matches!(
        read_journal(&after),
        Err(ReadError::Damaged { line: 2, .. })
    ));
}

#[test]
fn a_file_is_private_locked_and_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let mut storage = FileStorage::create(&path).unwrap();
    storage.append(b"one\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(matches!(
        FileStorage::reopen(&path),
        Err(StorageError::Locked { .. })
    ));
    assert!(matches!(
        FileStorage::create(&path),
        Err(StorageError::Exists { .. })
    ));
    drop(storage);
    let (mut storage, bytes) = FileStorage::reopen(&path).unwrap();
    assert_eq!(bytes, b"one\n");
    storage.append(b"two\n").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"one\ntwo\n");
    let missing = FileStorage::reopen(&folder.path().join("none")).unwrap_err();
    assert!(
        matches!(missing, StorageError::Io { what: "open", .. }),
        "{missing}"
    );
}

#[test]
fn a_run_survives_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let warrant = warrant(snapshot_and_delete());
    let mut cloud = Fake::of(vec![volume(VOLUME)]);
    let options = Options::default();
    let mut journal = Journal::new(FileStorage::create(&path).unwrap());
    run(&warrant, &mut cloud, &mut journal, &options).unwrap();
    drop(journal);
    assert_eq!(std::fs::read(&path).unwrap(), journal_of_a_run());
    let (storage, bytes) = FileStorage::reopen(&path).unwrap();
    let mut journal = Journal::reopened(storage, read_journal(&bytes).unwrap());
    let again = resume(&warrant, &mut cloud, &mut journal, &options);
    assert!(matches!(again, Err(RunError::Finished)));
    let anew = run(&warrant, &mut cloud, &mut journal, &options);
    assert!(matches!(anew, Err(RunError::AlreadyBegun)));
}

struct FullDisk;

impl Storage for FullDisk {
    fn append(&mut self, _: &[u8]) -> std::io::Result<()> {
        Err(std::io::Error::other("the disk is full"))
    }
}

#[test]
fn without_a_journal_nothing_is_done() {
    let mut cloud = Fake::of(vec![volume(VOLUME)]);
    let mut journal = Journal::new(FullDisk);
    let warrant = warrant(delete_volume());
    let error = run(&warrant, &mut cloud, &mut journal, &Options::default()).unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(cloud.calls, 0);
}
