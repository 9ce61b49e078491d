//! Rehearsals: the plan on a simulated cloud, undisturbed and with trouble at every step.
//!
//! The trouble is the simulated cloud's own ([`sandtable_cloud::Stage`]): what a rehearsal meets is what
//! any other caller of that cloud would meet. What a run must come to then stands in [`judge`].

mod crash;
mod each;
mod judge;

use sandtable_cloud::{Act, Clock, Stage};
use sandtable_gate::Warrant;
use sandtable_model::{Fault, FaultPlan, FaultRun, SeededFaults, Simulated, StepId, Timestamp};

use crate::journal::{Entry, Journal, MemoryStorage, Record};
use crate::{Options, Run, RunError, run};
use judge::{SEEDED, Trials};

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

/// Rehearses the covered steps on a simulated cloud, which is left in the state after the run.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Every kind of fault that is possible at every step, one at a time; and a crash in every record
    /// of the journal, before every call and after it, each time gone on with. The time that this
    /// takes grows with the square of the number of steps.
    Each,
    /// A run for each, with what it draws.
    Seeds(Vec<SeededFaults>),
}

/// A run with trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TroubleRun {
    /// What it came to.
    pub run: FaultRun,
    /// The seed, where the faults were drawn.
    pub seed: Option<u64>,
    /// The faults that struck, told so that they strike again. None in a run that was killed.
    pub faults: Vec<Fault>,
}

/// Rehearses with trouble, each time on a copy of `stage`, which is in the state before the plan.
///
/// A run is safe when it ends as the undisturbed one does, or stops for a reason that fits what struck
/// and says what to do; when every call that took effect is one that the journal tells of, and none
/// took effect twice; and when nothing differs that neither the plan nor someone else changed. A fault
/// that must be got over may not stop it. Faults that cannot come about at a step have no run.
///
/// # Errors
///
/// As [`rehearse`]. That a run is unsafe is no error but told in the result.
pub fn rehearse_trouble<C: Stage>(
    warrant: &Warrant<Simulated>,
    trouble: &Trouble,
    stage: &C,
) -> Result<Vec<TroubleRun>, RunError> {
    let mut undisturbed = stage.fork();
    undisturbed.set_faults(FaultPlan::default());
    let baseline = rehearse(warrant, &mut undisturbed)?;
    let trials = Trials {
        warrant,
        stage,
        expected: undisturbed.diff(),
    };
    match trouble {
        Trouble::Each => trials.each(&baseline),
        Trouble::Seeds(seeds) => {
            let runs = seeds.iter().map(|it| trials.seeded(it));
            runs.filter_map(Result::transpose).collect()
        }
    }
}

impl<C: Stage> Trials<'_, C> {
    /// A run with what a seed draws; none when that is nothing.
    fn seeded(&self, drawn: &SeededFaults) -> Result<Option<TroubleRun>, RunError> {
        let mut cloud = self.fork(FaultPlan {
            faults: Vec::new(),
            seeded: vec![drawn.clone()],
        });
        let rehearsal = rehearse(self.warrant, &mut cloud)?;
        let struck = cloud.struck();
        let Some(first) = struck.first() else {
            return Ok(None);
        };
        let Some(step) = step_at(&rehearsal.entries, first.at) else {
            return Ok(None);
        };
        let names = struck
            .iter()
            .map(|it| format!("{} at {}", it.fault.effect.name(), it.action));
        let names: Vec<String> = names.collect();
        let name = format!("seed {}: {}", drawn.seed, names.join(", "));
        let faults = struck.iter().map(|it| it.fault.clone()).collect();
        let trial = self.judge(&cloud, &rehearsal.run, &SEEDED);
        Ok(Some(TroubleRun {
            run: trial.into_run(step, name),
            seed: Some(drawn.seed),
            faults,
        }))
    }
}

/// The step that was under way at a time.
fn step_at(entries: &[Entry], at: Timestamp) -> Option<StepId> {
    let begun = entries.iter().filter_map(|it| match &it.record {
        Record::Begun { step } => Some((it.at, step)),
        _ => None,
    });
    let before = begun.clone().rfind(|(begun, _)| *begun <= at);
    let step = before.or_else(|| begun.clone().next());
    step.map(|(_, step)| step.clone())
}
