//! What the console works on. The command line implements [`Session`]; the console itself knows
//! neither twin nor executor.

use std::collections::BTreeSet;
use std::error::Error;

use sandtable_model::{Diff, Duration, Finding, Plan, Receipt, StepId, Suppressed, Usd};

/// An account that was understood and planned for, and a twin to try the plan on.
///
/// The console moves the session to a thread of its own, so that long work leaves it responsive.
pub trait Session: Send {
    /// What there is to see. Asked for once, at the start.
    fn scene(&mut self) -> Result<Scene, SessionError>;

    /// Rehearses these steps on a fresh fork of the twin. They exist in the plan, and no step among
    /// them needs one that is not. A plan that fails its rehearsal is no error: the receipt says so.
    fn rehearse(&mut self, steps: &BTreeSet<StepId>) -> Result<Rehearsal, SessionError>;

    /// Runs these steps on the twin, telling of every change of state. They were rehearsed before.
    fn run_on_twin(
        &mut self,
        steps: &BTreeSet<StepId>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<TwinRun, SessionError>;
}

/// Why a session could not do what it was asked to.
pub type SessionError = Box<dyn Error + Send + Sync>;

/// What there is to see.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Where it comes from, for the title: the name of a scenario, file or folder.
    pub source: String,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What was looked at and not flagged.
    pub suppressed: Vec<Suppressed>,
    /// What shall be done.
    pub plan: Plan,
    /// A rehearsal that was made before, if there was one.
    pub rehearsal: Option<Rehearsal>,
}

/// What a rehearsal came to.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// The steps that were rehearsed.
    pub steps: BTreeSet<StepId>,
    /// The result.
    pub receipt: Receipt,
    /// The difference between the account before and after.
    pub diff: Diff,
    /// What happened, a dense line per change of state.
    pub timeline: Vec<String>,
}

/// A change of state during a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// When, after the start of the run, in the time of the twin.
    pub at: Duration,
    /// The step, when it is about one.
    pub step: Option<StepId>,
    /// What became of the step.
    pub state: StepState,
    /// The same in words.
    pub text: String,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It is under way.
    Running,
    /// Its effects were seen.
    Done,
    /// It was left out.
    Skipped,
    /// It failed, and the run stopped.
    Failed,
}

/// How a run on the twin ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinRun {
    /// Whether every step was done and the twin is in the rehearsed state.
    pub succeeded: bool,
    /// How long it took, in the time of the twin.
    pub duration: Duration,
    /// What the account costs less a month.
    pub saving_usd_month: Usd,
    /// What there is to say about the end, a line each.
    pub lines: Vec<String>,
}
