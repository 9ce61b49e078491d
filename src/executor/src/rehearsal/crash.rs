//! Crashes: a run killed at every record of its journal, and gone on with.

use std::collections::BTreeMap;
use std::io;

use sandtable_cloud::Stage;
use sandtable_model::{FaultPlan, FaultRun, StepId};

use super::judge::{GETS_OVER, Trial, Trials};
use super::rehearse;
use crate::journal::{
    Entry, Journal, JournalError, MemoryStorage, ReadError, Record, Storage, read_journal,
};
use crate::{Options, RunError, resume, run};

impl<C: Stage> Trials<'_, C> {
    /// Kills a run at every record of the journal, and goes on with it each time.
    /// One result a step and way of crashing.
    pub(super) fn crashes(&self, records: &[Entry]) -> Result<Vec<FaultRun>, RunError> {
        let mut runs: BTreeMap<(usize, CrashWay), FaultRun> = BTreeMap::new();
        let mut step: Option<&StepId> = records.iter().find_map(|it| it.record.step());
        let mut order: Vec<&StepId> = Vec::new();
        for (index, entry) in records.iter().enumerate() {
            step = entry.record.step().or(step);
            let Some(id) = step else {
                continue;
            };
            if order.last() != Some(&id) {
                order.push(id);
            }
            for way in CrashWay::at(&entry.record) {
                let trial = self.crash(index, *way)?;
                let run = runs.entry((order.len(), *way)).or_insert_with(|| FaultRun {
                    step: id.clone(),
                    fault: way.as_str().to_owned(),
                    safe: true,
                    completed: true,
                    outcome: "ended in the rehearsed state when gone on with".to_owned(),
                });
                run.safe &= trial.safe;
                run.completed &= trial.completed;
                if !trial.completed {
                    run.outcome = format!("after record {index}: {}", trial.outcome);
                }
            }
        }
        Ok(runs.into_values().collect())
    }

    fn crash(&self, record: usize, way: CrashWay) -> Result<Trial, RunError> {
        let options = Options::default();
        let mut cloud = self.fork(FaultPlan::default());
        let mut journal = Journal::new(CrashStorage::new(record, way));
        match run(self.warrant, &mut cloud, &mut journal, &options) {
            Ok(run) => return Ok(self.judge(&cloud, &run, &GETS_OVER)),
            Err(RunError::Journal(JournalError::Io(_))) => {}
            Err(other) => return Err(other),
        }
        let bytes = journal.into_storage().bytes;
        let run = match read_journal(&bytes) {
            Ok(history) => {
                let storage = MemoryStorage::with_bytes(bytes);
                let mut journal = Journal::reopened(storage, history);
                match resume(self.warrant, &mut cloud, &mut journal, &options) {
                    // The crash came after the last record was durable.
                    Err(RunError::Finished) => crate::summarize(journal.entries()),
                    other => other?,
                }
            }
            // Not even the opening was written, so nothing was done.
            Err(ReadError::Empty) => rehearse(self.warrant, &mut cloud)?.run,
            Err(error) => {
                return Ok(Trial {
                    safe: false,
                    completed: false,
                    outcome: error.to_string(),
                });
            }
        };
        Ok(self.judge(&cloud, &run, &GETS_OVER))
    }
}

/// What a crash leaves of the record that was being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum CrashWay {
    Before,
    In,
    After,
}

impl CrashWay {
    /// The ways to crash at a record that differ from those at its neighbours. A crash in a record
    /// leaves what one before it leaves, and half a line besides; a crash before a record is one
    /// after the record before it, unless a call lies between the two.
    const fn at(record: &Record) -> &'static [CrashWay] {
        match record {
            Record::Intent { .. } => &[CrashWay::In, CrashWay::After],
            Record::Outcome { .. } => &[CrashWay::Before, CrashWay::In],
            _ => &[CrashWay::In],
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "crash-before-record",
            Self::In => "crash-in-record",
            Self::After => "crash-after-record",
        }
    }
}

/// A storage that dies at a given record.
struct CrashStorage {
    bytes: Vec<u8>,
    left: usize,
    way: CrashWay,
}

impl CrashStorage {
    const fn new(record: usize, way: CrashWay) -> Self {
        CrashStorage {
            bytes: Vec::new(),
            left: record,
            way,
        }
    }
}

impl Storage for CrashStorage {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        if self.left > 0 {
            self.left -= 1;
            self.bytes.extend_from_slice(line);
            return Ok(());
        }
        let kept = match self.way {
            CrashWay::Before => 0,
            CrashWay::In => line.len() / 2,
            CrashWay::After => line.len(),
        };
        self.bytes
            .extend_from_slice(line.get(..kept).unwrap_or_default());
        Err(io::Error::other("a crash that is rehearsed"))
    }
}
