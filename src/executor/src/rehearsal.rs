//! Rehearsals: the plan on a twin, undisturbed and with trouble at every step.

use std::collections::BTreeMap;
use std::io;

use sandtable_cloud::{Act, Clock};
use sandtable_gate::Warrant;
use sandtable_model::{Action, FaultRun, Simulated, Step, StepId, StepOutcome};

use crate::fault::{FaultKind, FaultyCloud, InjectedFault};
use crate::journal::{
    Entry, Journal, JournalError, MemoryStorage, ReadError, Record, Storage, read_journal,
};
use crate::{Options, Run, RunError, RunOutcome, resume, run};

/// A rehearsal and its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    /// What it came to.
    pub run: Run,
    /// The lines of its journal.
    pub entries: Vec<Entry>,
    /// The journal as a file would hold it.
    pub journal: Vec<u8>,
}

/// Rehearses the covered steps on a twin, which is left in the state after the run.
///
/// # Errors
///
/// When a record has no canonical form, which no plan gives rise to.
pub fn rehearse<C>(warrant: &Warrant<Simulated>, cloud: &mut C) -> Result<Rehearsal, RunError>
where
    C: Act<World = Simulated> + Clock,
{
    let mut journal = Journal::new(MemoryStorage::new());
    let run = run(warrant, cloud, &mut journal, &Options::default())?;
    Ok(Rehearsal {
        run,
        entries: journal.entries().to_vec(),
        journal: journal.into_storage().into_bytes(),
    })
}

/// Which trouble to rehearse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Every kind of fault at every step, one at a time; and a crash in every record of the
    /// journal, before every call and after it, each time gone on with. The time that this takes
    /// grows with the square of the number of steps.
    Each,
    /// As many runs as there are steps, each with faults at some steps, drawn from the seed.
    Seed(u64),
}

/// Rehearses with trouble. `make` makes a fresh twin in the state before the plan, always the same
/// one; `state` tells what a twin came to, so that it can be compared (a [`sandtable_model::Diff`]
/// against the state before does: it leaves out what differs between two runs without meaning
/// anything).
///
/// A run is safe when it ends in the state of the undisturbed run, or when it stops and every call
/// that took effect is one that the journal tells of; and no call took effect twice.
///
/// # Errors
///
/// As [`rehearse`]. That a run is unsafe is no error but told in the result.
pub fn rehearse_trouble<C, T>(
    warrant: &Warrant<Simulated>,
    trouble: Trouble,
    mut make: impl FnMut() -> C,
    mut state: impl FnMut(&C) -> T,
) -> Result<Vec<FaultRun>, RunError>
where
    C: Act<World = Simulated> + Clock,
    T: PartialEq,
{
    let mut undisturbed = FaultyCloud::new(make(), Vec::new());
    let baseline = rehearse(warrant, &mut undisturbed)?;
    let expected = state(undisturbed.inner());
    let mut trials = Trials {
        warrant,
        expected,
        make: &mut make,
        state: &mut state,
    };
    let called: Vec<&Step> = baseline
        .run
        .steps
        .iter()
        .filter(|it| it.outcome == StepOutcome::Done)
        .filter_map(|it| warrant.plan().step(&it.step))
        .collect();
    let mut runs = Vec::new();
    match trouble {
        Trouble::Each => {
            for step in called {
                for kind in FaultKind::ALL {
                    let fault = InjectedFault::at(step, *kind);
                    let trial = trials.faults(vec![fault])?;
                    runs.push(trial.into_run(step.id.clone(), kind.to_string()));
                }
            }
            runs.extend(trials.crashes(&baseline.entries)?);
        }
        Trouble::Seed(seed) => {
            for index in 0..called.len() {
                let faults = draw(&called, seed, index as u64);
                let names = faults.iter().map(|it| format!("{} {}", it.step, it.kind));
                let names: Vec<String> = names.collect();
                let Some(first) = faults.first() else {
                    continue;
                };
                let (step, name) = (first.step.clone(), format!("seed {seed}, run {index}"));
                let name = format!("{name}: {}", names.join(", "));
                runs.push(trials.faults(faults)?.into_run(step, name));
            }
        }
    }
    Ok(runs)
}

/// Faults at some of the steps, at least one, drawn from the seed.
fn draw(steps: &[&Step], seed: u64, index: u64) -> Vec<InjectedFault> {
    let mut numbers = SplitMix(seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let pick = |number: u64, count: usize| usize::try_from(number % count.max(1) as u64);
    let certain = pick(numbers.next(), steps.len()).unwrap_or_default();
    let mut faults = Vec::new();
    for (position, step) in steps.iter().enumerate() {
        let (strike, kind) = (numbers.next(), numbers.next());
        if position == certain || strike % 4 == 0 {
            let kind = pick(kind, FaultKind::ALL.len()).unwrap_or_default();
            if let Some(kind) = FaultKind::ALL.get(kind) {
                faults.push(InjectedFault::at(step, *kind));
            }
        }
    }
    faults
}

/// SplitMix64 (Steele, Lea, Flood 2014, <https://doi.org/10.1145/2660193.2660195>).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// What a run with trouble came to.
struct Trial {
    safe: bool,
    completed: bool,
    outcome: String,
}

impl Trial {
    fn into_run(self, step: StepId, fault: String) -> FaultRun {
        FaultRun {
            step,
            fault,
            safe: self.safe,
            completed: self.completed,
            outcome: self.outcome,
        }
    }
}

struct Trials<'t, T, M, F> {
    warrant: &'t Warrant<Simulated>,
    expected: T,
    make: &'t mut M,
    state: &'t mut F,
}

impl<C, T, M, F> Trials<'_, T, M, F>
where
    C: Act<World = Simulated> + Clock,
    T: PartialEq,
    M: FnMut() -> C,
    F: FnMut(&C) -> T,
{
    fn faults(&mut self, faults: Vec<InjectedFault>) -> Result<Trial, RunError> {
        let mut cloud = FaultyCloud::new((self.make)(), faults);
        let rehearsal = rehearse(self.warrant, &mut cloud)?;
        Ok(self.judge(&cloud, &rehearsal.run))
    }

    fn judge(&mut self, cloud: &FaultyCloud<C>, run: &Run) -> Trial {
        let same = (self.state)(cloud.inner()) == self.expected;
        if let Some(twice) = accepted_twice(cloud.accepted()) {
            let (name, target) = (twice.name(), twice.target());
            let outcome = format!("{name} on {target} took effect twice");
            return Trial {
                safe: false,
                completed: same,
                outcome,
            };
        }
        match &run.outcome {
            RunOutcome::Completed if same => Trial {
                safe: true,
                completed: true,
                outcome: "ended in the rehearsed state".to_owned(),
            },
            RunOutcome::Completed => Trial {
                safe: false,
                completed: false,
                outcome: "ended in another state than the rehearsed one".to_owned(),
            },
            RunOutcome::Stopped { step, failure } => {
                let unaccounted = self.unaccounted(cloud, run);
                let at = step.as_ref().map(|it| format!(" at {it}"));
                let stopped = format!("stopped{}: {}", at.unwrap_or_default(), failure.class);
                Trial {
                    safe: unaccounted.is_none(),
                    completed: false,
                    outcome: unaccounted.unwrap_or(stopped),
                }
            }
            RunOutcome::BrokenOff => Trial {
                safe: false,
                completed: false,
                outcome: "broke off without saying why".to_owned(),
            },
        }
    }

    /// A call that took effect although its step neither was done nor is the one that the run
    /// stopped at.
    fn unaccounted(&self, cloud: &FaultyCloud<C>, run: &Run) -> Option<String> {
        let told = |action: &Action| {
            run.steps.iter().any(|receipt| {
                let step = self.warrant.plan().step(&receipt.step);
                let ours = step.is_some_and(|step| step.action == *action);
                ours && matches!(receipt.outcome, StepOutcome::Done | StepOutcome::Failed)
            })
        };
        let action = cloud.accepted().iter().find(|action| !told(action))?;
        let (name, target) = (action.name(), action.target());
        Some(format!("{name} on {target} took effect untold"))
    }

    /// Kills a run at every record of the journal, and goes on with it each time.
    /// One result a step and way of crashing.
    fn crashes(&mut self, records: &[Entry]) -> Result<Vec<FaultRun>, RunError> {
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

    fn crash(&mut self, record: usize, way: CrashWay) -> Result<Trial, RunError> {
        let options = Options::default();
        let mut cloud = FaultyCloud::new((self.make)(), Vec::new());
        let mut journal = Journal::new(CrashStorage::new(record, way));
        match run(self.warrant, &mut cloud, &mut journal, &options) {
            Ok(run) => return Ok(self.judge(&cloud, &run)),
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
        Ok(self.judge(&cloud, &run))
    }
}

fn accepted_twice(accepted: &[Action]) -> Option<&Action> {
    let repeated = |(index, action): &(usize, &Action)| {
        accepted.iter().take(*index).any(|before| before == *action)
    };
    accepted
        .iter()
        .enumerate()
        .find(repeated)
        .map(|(_, action)| action)
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
