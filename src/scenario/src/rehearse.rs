//! From a snapshot to a receipt: the brain, the linter, the executor on a fork of the twin.

use std::collections::BTreeSet;
use std::sync::Arc;

use sandtable_cloud::PlanEntry;
use sandtable_executor::{
    Run, RunError, RunOutcome, TimelineEntry, Trouble, TroubleRun, rehearse_trouble, timeline,
};
use sandtable_gate::{ScopeError, Warrant};
use sandtable_model::{
    Diff, Digest, Document, DocumentError, Fault, FaultPlan, FaultRun, Finding, Plan, Policy,
    Receipt, ResourceId, SeededFaults, Simulated, Snapshot, StepId, StepOutcome, Suppressed, Usd,
    Verdict, canonical_bytes,
};
use sandtable_orchestrator::{
    Complaint, PlanError, Prices, Severity, lint_under, monthly_cost, propose, understand,
};
use sandtable_simulator::{Permissions, Twin, TwinOptions};
use thiserror::Error;

use crate::faults::Faults;
use crate::preview::{self, LackedPermission};
use crate::schema::Scenario;
use crate::source::Loaded;
use crate::yaml::Position;

/// How a plan is rehearsed.
#[derive(Clone, Debug, Default)]
pub struct RehearseOptions {
    /// Which trouble is rehearsed besides the run itself.
    pub faults: Faults,
    /// The seed of everything that the twin draws; the scenario's own, or zero, unless told.
    pub seed: Option<u64>,
    /// Whether request quotas apply; they do when the scenario says so, too.
    pub quotas: bool,
    /// What whoever carries the plan out may do; what the scenario says, unless told.
    pub permissions: Option<Permissions>,
    /// The steps to run; all of them unless told.
    pub steps: Option<BTreeSet<StepId>>,
}

/// A rehearsal: all that was found, planned, done and seen.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// What the brain found.
    pub findings: Vec<Finding>,
    /// What it looked at and did not flag.
    pub suppressed: Vec<Suppressed>,
    /// Rules that could not be evaluated somewhere, and why.
    pub not_evaluated: Vec<String>,
    /// The plan that was rehearsed.
    pub plan: Plan,
    /// What the linter has to say about it; nothing of it is fatal.
    pub complaints: Vec<Complaint>,
    /// How the run went.
    pub run: Run,
    /// What it came to, as a document.
    pub receipt: Receipt,
    /// What happened when.
    pub timeline: Vec<TimelineEntry>,
    /// The account before and after.
    pub diff: Diff,
    /// What the account costs less a month after the run.
    pub saving_usd_month: Usd,
    /// The account after the run.
    pub after: Snapshot,
    /// The journal of the run, as a file would hold it.
    pub journal: Vec<u8>,
    /// The runs with trouble, and the faults that struck in each.
    pub trouble: Vec<TroubleRun>,
    /// What the seeds of the scenario's own faults drew, told so that it strikes again.
    pub drawn: Vec<Fault>,
    /// How many calls came faster than the request quotas allow, and had to wait; nothing when no
    /// quotas applied.
    pub throttled: Option<u64>,
    /// Everything that whoever carries the plan out may not do and would have to, whether the run came
    /// to it or not.
    pub lacked: Vec<LackedPermission>,
}

/// Why there is no rehearsal.
#[derive(Debug, Error)]
pub enum RehearseError {
    /// The plan was made of something else.
    #[error(
        "the plan was made from the snapshot {planned} but this source is {given}: make the plan anew, or give the source that it was made from"
    )]
    OtherSnapshot {
        /// The plan's.
        planned: Digest,
        /// The source's.
        given: Digest,
    },
    /// The linter refuses the plan.
    #[error("the plan is not sound: {}", .0.join("; "))]
    Unsound(Vec<String>),
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The selection of steps does not hold together.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// A fault never struck, so that the scenario shows something else than it says.
    #[error("{file}:{}:{}: the fault never struck: {why}", position.line, position.column)]
    NeverStruck {
        /// The scenario file.
        file: String,
        /// Where in it.
        position: Position,
        /// Why not.
        why: String,
    },
    /// The twin refused what someone else was to change.
    #[error("{0}")]
    DriftRefused(String),
    /// The run could not be journaled.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A document has no canonical form.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Finds, plans (unless a plan is given) and rehearses. Pure: the same input gives the same bytes.
pub fn rehearse(
    loaded: &Loaded,
    policy: &Policy,
    prices: &Prices,
    plan: Option<Plan>,
    options: &RehearseOptions,
) -> Result<Rehearsal, RehearseError> {
    let snapshot = &loaded.snapshot;
    let scenario = loaded.scenario.as_ref();
    let understanding = understand(snapshot, policy, prices);
    let plan = match plan {
        Some(plan) => plan,
        None => propose(snapshot, policy, prices, &understanding)?,
    };
    let complaints = check(&plan, snapshot, policy)?;
    let seed = options
        .seed
        .or(scenario.map(|it| it.options.seed))
        .unwrap_or(0);
    let mut warrant = Warrant::for_rehearsal(plan.clone());
    if let Some(steps) = &options.steps {
        warrant = warrant.with_steps(steps.iter().cloned())?;
    }
    let mut fresh = twin(snapshot, seed);
    fresh.set_quotas(options.quotas || scenario.is_some_and(|it| it.options.quotas));
    let told = scenario.and_then(|it| it.cloud.permissions.as_ref());
    let permissions = options.permissions.as_ref().or(told);
    fresh.set_permissions(permissions.cloned().map(Arc::new));
    let mut stage = fresh.fork();
    stage.set_faults(scenario.map_or_else(FaultPlan::default, Scenario::fault_plan));
    let rehearsed = sandtable_executor::rehearse(&warrant, &mut stage)?;
    check_faults(scenario, &snapshot.origin, &stage, &rehearsed.run)?;
    let after = stage.snapshot();
    let diff = Diff::between(snapshot, &after);
    let trouble = trouble(&warrant, &fresh, options.faults)?;
    let lacked = preview::lacked(&warrant, &fresh)?;
    let saving_usd_month = saving(snapshot, &after, prices);
    let receipt = receipt(&Parts {
        plan: &plan,
        snapshot,
        seed,
        run: &rehearsed.run,
        diff: &diff,
        after: &after,
        saving_usd_month,
        fault_runs: trouble.iter().map(|it| it.run.clone()).collect(),
    })?;
    Ok(Rehearsal {
        trouble,
        drawn: drawn(&stage),
        timeline: timeline(&rehearsed.entries, &plan),
        findings: understanding.findings,
        suppressed: understanding.suppressed,
        not_evaluated: understanding.not_evaluated,
        plan,
        complaints,
        run: rehearsed.run,
        receipt,
        diff,
        saving_usd_month,
        after,
        journal: rehearsed.journal,
        throttled: stage.options().quotas.then(|| stage.throttled()),
        lacked,
    })
}

fn check(
    plan: &Plan,
    snapshot: &Snapshot,
    policy: &Policy,
) -> Result<Vec<Complaint>, RehearseError> {
    let given = snapshot.digest()?;
    if plan.snapshot != given {
        let planned = plan.snapshot;
        return Err(RehearseError::OtherSnapshot { planned, given });
    }
    let (fatal, others): (Vec<Complaint>, Vec<Complaint>) = lint_under(plan, snapshot, policy)
        .into_iter()
        .partition(|it| it.severity == Severity::Fatal);
    if fatal.is_empty() {
        return Ok(others);
    }
    let told = fatal.iter().map(|it| {
        let at = it
            .step
            .as_ref()
            .map_or_else(String::new, |step| format!("step {step}: "));
        format!("{at}{}", it.message)
    });
    Err(RehearseError::Unsound(told.collect()))
}

fn twin(snapshot: &Snapshot, seed: u64) -> Twin {
    let options = TwinOptions {
        seed,
        ..TwinOptions::default()
    };
    Twin::from_snapshot(snapshot, options)
}

/// A fault that does not strike makes a scenario that cannot fail.
fn check_faults(
    scenario: Option<&Scenario>,
    file: &str,
    twin: &Twin,
    run: &Run,
) -> Result<(), RehearseError> {
    if let RunOutcome::Stopped { failure, .. } = &run.outcome
        && failure.explanation.contains("InvalidFault")
    {
        return Err(RehearseError::DriftRefused(failure.explanation.clone()));
    }
    let (mut told, mut drawn) = (0, 0);
    for entry in scenario.into_iter().flat_map(|it| &it.faults) {
        let position = entry.position;
        let (place, why) = match (entry.told(), entry.seeded()) {
            (Some(fault), _) => {
                told += 1;
                let missed = twin.missed(told - 1).map(str::to_owned);
                let why = missed.unwrap_or_else(|| never_made(&fault));
                (PlanEntry::Told(told - 1), why)
            }
            (None, Some(seeded)) => {
                drawn += 1;
                let (seed, rate) = (seeded.seed, seeded.rate);
                let why = format!(
                    "seed {seed} draws nothing at {rate} of the run's calls: raise the rate, or take \
                     another seed"
                );
                (PlanEntry::Drawn(drawn - 1), why)
            }
            (None, None) => continue,
        };
        if !twin.struck().iter().any(|it| it.entry == place) {
            let file = file.to_owned();
            return Err(RehearseError::NeverStruck {
                file,
                position,
                why,
            });
        }
    }
    Ok(())
}

fn never_made(fault: &Fault) -> String {
    let on = fault.resource.as_ref();
    let on = on.map_or_else(String::new, |id| format!(" that names {id}"));
    let from = fault
        .at
        .map_or_else(String::new, |at| format!(" from {at} on"));
    let (occurrence, action) = (fault.occurrence, &fault.action);
    format!("the run made no call number {occurrence} of `{action}`{on}{from}")
}

/// What seeds drew, as faults that can be told.
fn drawn(twin: &Twin) -> Vec<Fault> {
    let drawn = twin.struck().iter();
    drawn
        .filter(|it| matches!(it.entry, PlanEntry::Drawn(_)))
        .map(|it| it.fault.clone())
        .collect()
}

/// The runs with trouble, each on a fresh twin without the scenario's own faults.
fn trouble(
    warrant: &Warrant<Simulated>,
    fresh: &Twin,
    faults: Faults,
) -> Result<Vec<TroubleRun>, RehearseError> {
    let trouble = match faults {
        Faults::None => return Ok(Vec::new()),
        Faults::Each => Trouble::Each,
        Faults::Seeds { first, last, rate } => {
            let targets: BTreeSet<ResourceId> =
                warrant.plan().steps.iter().map(|it| it.target()).collect();
            let resources: Vec<ResourceId> = targets.into_iter().collect();
            let seeded = |seed| SeededFaults {
                resources: resources.clone(),
                ..SeededFaults::new(seed, rate)
            };
            Trouble::Seeds((first..=last).map(seeded).collect())
        }
    };
    Ok(rehearse_trouble(warrant, &trouble, fresh)?)
}

fn saving(before: &Snapshot, after: &Snapshot, prices: &Prices) -> Usd {
    monthly_cost(before, prices).total - monthly_cost(after, prices).total
}

struct Parts<'a> {
    plan: &'a Plan,
    snapshot: &'a Snapshot,
    seed: u64,
    run: &'a Run,
    diff: &'a Diff,
    after: &'a Snapshot,
    saving_usd_month: Usd,
    fault_runs: Vec<FaultRun>,
}

fn receipt(parts: &Parts<'_>) -> Result<Receipt, DocumentError> {
    let problems = problems(parts);
    let verdict = if problems.is_empty() {
        Verdict::Pass
    } else {
        Verdict::Fail
    };
    Ok(Receipt {
        format: Receipt::FORMAT.to_owned(),
        account: parts.snapshot.account.clone(),
        plan: parts.plan.digest()?,
        snapshot: parts.snapshot.digest()?,
        twin: concat!("sandtable-simulator ", env!("CARGO_PKG_VERSION")).to_owned(),
        seed: parts.seed,
        started_at: parts.run.started_at,
        duration_ms: parts.run.duration,
        verdict,
        problems,
        steps: parts.run.steps.clone(),
        saving_usd_month: parts.saving_usd_month,
        diff: Digest::of(&canonical_bytes(parts.diff)?),
        after: parts.after.digest()?,
        fault_runs: parts.fault_runs.clone(),
    })
}

/// Why the plan does not pass.
fn problems(parts: &Parts<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    match &parts.run.outcome {
        RunOutcome::Completed => {}
        RunOutcome::Stopped { step, failure } => {
            let at = step
                .as_ref()
                .map_or_else(String::new, |step| format!(" at step {step}"));
            let (class, why) = (failure.class, &failure.explanation);
            problems.push(format!("the run stopped{at} ({class}): {why}"));
        }
        RunOutcome::BrokenOff => problems.push("the run broke off".to_owned()),
    }
    let skipped = parts
        .run
        .steps
        .iter()
        .any(|it| it.outcome == StepOutcome::Skipped);
    let planned = parts.plan.saving_usd_month;
    if parts.run.is_completed() && !skipped && planned != parts.saving_usd_month {
        let realised = parts.saving_usd_month;
        problems.push(format!(
            "the plan says that it saves {planned} USD a month, but the run saved {realised}"
        ));
    }
    for run in parts.fault_runs.iter().filter(|run| !run.safe) {
        let (fault, step, outcome) = (&run.fault, &run.step, &run.outcome);
        problems.push(format!(
            "{fault} at step {step} was not met safely: {outcome}"
        ));
    }
    problems
}
