//! Rehearsals with trouble on the twin, and a judge that must be able to say no.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_cloud::{
    Act, Clock, CloudError, DryRun, ErrorClass, Observe, Performed, Query, Stage, Struck,
};
use sandtable_executor::{Trouble, TroubleRun, rehearse, rehearse_trouble};
use sandtable_model::{
    Action, Diff, Duration, Fault, FaultPlan, Plan, Rate, Region, Resource, SeededFaults,
    Simulated, Timestamp,
};
use sandtable_simulator::{Twin, dispatch};
use serde_json::json;

use crate::support::*;
use crate::twin::{twin, whole_plan};

fn each(plan: Plan, stage: &impl Stage) -> Vec<TroubleRun> {
    rehearse_trouble(&warrant(plan), &Trouble::Each, stage).unwrap()
}

fn seeds(range: std::ops::Range<u64>, rate: u32) -> Trouble {
    let seeded = |seed| SeededFaults::new(seed, Rate::percent(rate));
    Trouble::Seeds(range.map(seeded).collect())
}

/// What each fault comes to at each step, as people read it.
#[test]
fn trouble_at_every_step_is_met_safely() {
    let runs = each(whole_plan(), &twin());
    let mut told = String::new();
    for TroubleRun { run, .. } in &runs {
        assert!(run.safe, "{run:?}");
        told.push_str(&format!("{} {}: {}\n", run.step, run.fault, run.outcome));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_must_be_got_over_is_and_a_denial_never() {
    let mut kinds: BTreeMap<String, BTreeSet<bool>> = BTreeMap::new();
    for TroubleRun { run, .. } in each(whole_plan(), &twin()) {
        kinds.entry(run.fault).or_default().insert(run.completed);
    }
    for passing in [
        "throttle",
        "internal-error",
        "unavailable",
        "timeout-before",
        "timeout-after",
        "connection-reset",
        "stale-read",
        "crash-in-record",
    ] {
        assert_eq!(kinds[passing], BTreeSet::from([true]), "{passing}");
    }
    assert_eq!(kinds["denied"], BTreeSet::from([false]));
    assert!(kinds["stuck"].contains(&false));
    assert!(kinds["drift-in-use-before-step"].contains(&false));
    assert!(kinds["drift-deleted"].contains(&true));
    // Nothing that a plan does asks AWS for room.
    assert!(!kinds.contains_key("insufficient-capacity"));
}

/// A fault is told so that it strikes again at the same call.
#[test]
fn what_struck_can_be_told_again() {
    let plan = warrant(whole_plan());
    let (mut again, mut drawn) = (0, 0);
    for run in rehearse_trouble(&plan, &seeds(0..40, 8), &twin()).unwrap() {
        assert!(run.run.safe, "{run:?}");
        let seed = run.seed.unwrap();
        let journal = |faults: FaultPlan| {
            let mut cloud = twin();
            cloud.set_faults(faults);
            let journal = rehearse(&plan, &mut cloud).unwrap().journal;
            (journal, cloud.diff())
        };
        let seeded = FaultPlan {
            faults: Vec::new(),
            seeded: vec![SeededFaults::new(seed, Rate::percent(8))],
        };
        let first = journal(seeded.clone());
        assert_eq!(first, journal(seeded), "seed {seed}");
        assert_eq!(first, journal(run.faults.clone().into()), "seed {seed}");
        again += 1;
        drawn += run.faults.len();
    }
    assert!(again > 30 && drawn > 60, "{again} runs, {drawn} faults");
}

#[test]
fn seeds_are_reproducible_and_differ() {
    let plan = warrant(whole_plan());
    let of = |range| rehearse_trouble(&plan, &seeds(range, 20), &twin()).unwrap();
    assert_eq!(of(7..8), of(7..8));
    assert_ne!(of(7..8)[0].faults, of(8..9)[0].faults);
    let kinds: BTreeSet<&str> = of(0..60)
        .iter()
        .flat_map(|it| &it.faults)
        .map(|it: &Fault| it.effect.name())
        .collect();
    assert_eq!(kinds.len(), 12, "{kinds:?}");
}

/// What is wrong with a stage, or with whoever works on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vice {
    /// It shows no snapshot for five minutes, longer than anyone looks for one.
    Slow,
    /// Deleting a volume tags the VPC too.
    ElseToo,
    /// It says that what was denied went through.
    Deaf,
}

/// The twin with a vice.
#[derive(Clone)]
struct Vicious(Twin, Vice);

const FIVE: Duration = Duration::from_secs(5 * 60);

impl Observe for Vicious {
    fn look(&mut self, region: &Region, query: &Query) -> Result<Vec<Resource>, CloudError> {
        let is_hidden = matches!(query, Query::SnapshotsOf(_)) && self.now().since(START) < FIVE;
        if self.1 == Vice::Slow && is_hidden {
            return Ok(Vec::new());
        }
        self.0.look(region, query)
    }
}

impl Act for Vicious {
    type World = Simulated;

    fn dry_run(&mut self, region: &Region, action: &Action) -> Result<DryRun, CloudError> {
        match self.1 {
            Vice::Deaf => Ok(DryRun::Unsupported),
            _ => self.0.dry_run(region, action),
        }
    }

    fn perform(&mut self, region: &Region, action: &Action) -> Result<Performed, CloudError> {
        let answer = self.0.perform(region, action);
        let is_denied = |it: &CloudError| it.class == ErrorClass::Denied;
        if self.1 == Vice::Deaf && answer.as_ref().is_err_and(is_denied) {
            return Ok(Performed::default());
        }
        let is_deleted = matches!(action, Action::DeleteVolume { .. }) && answer.is_ok();
        if self.1 == Vice::ElseToo && is_deleted && !self.0.struck().is_empty() {
            let ctx = self.0.context(region);
            let tags = json!({"Resources": ["vpc-0123456789abcdef0"],
                              "Tags": [{"Key": "x", "Value": "y"}]});
            dispatch::call(&mut self.0, &ctx, "CreateTags", tags).unwrap();
        }
        answer
    }
}

impl Clock for Vicious {
    fn now(&self) -> Timestamp {
        Clock::now(&self.0)
    }

    fn wait(&mut self, duration: Duration) {
        Clock::wait(&mut self.0, duration);
    }
}

impl Stage for Vicious {
    fn fork(&self) -> Self {
        self.clone()
    }

    fn set_faults(&mut self, faults: FaultPlan) {
        self.0.set_faults(faults);
    }

    fn struck(&self) -> &[Struck] {
        self.0.struck()
    }

    fn performed(&self) -> &[Action] {
        self.0.performed()
    }

    fn diff(&self) -> Diff {
        self.0.diff()
    }
}

fn outcome_of(plan: Plan, vice: Vice, step: &str, fault: &str) -> (bool, String) {
    let runs = each(plan, &Vicious(twin(), vice));
    let run = runs
        .into_iter()
        .find(|it| it.run.step.0 == step && it.run.fault == fault)
        .unwrap_or_else(|| panic!("no {fault} at {step}"));
    (run.run.safe, run.run.outcome)
}

#[test]
fn a_call_that_takes_effect_twice_is_told_of() {
    let of = |fault| outcome_of(snapshot_and_delete(), Vice::Slow, "s01", fault);
    let (safe, outcome) = of("timeout-after");
    assert!(!safe && outcome.contains("took effect twice"), "{outcome}");
    assert!(of("timeout-before").0 && of("throttle").0 && of("denied").0);
}

#[test]
fn a_change_outside_the_plan_is_told_of() {
    let (safe, outcome) = outcome_of(delete_volume(), Vice::ElseToo, "s01", "throttle");
    assert!(!safe, "{outcome}");
    let expected = "vpc-0123456789abcdef0 changed, which neither the plan nor anyone else says";
    assert_eq!(outcome, expected);
}

#[test]
fn a_stop_for_the_wrong_reason_is_told_of() {
    let (safe, outcome) = outcome_of(delete_volume(), Vice::Deaf, "s01", "denied");
    assert!(!safe, "{outcome}");
    assert!(outcome.contains("ambiguous, which should not"), "{outcome}");
}
