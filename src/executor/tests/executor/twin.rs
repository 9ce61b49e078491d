//! The executor on the twin: faults, crashes and drift at random.

use proptest::prelude::*;
use sandtable_cloud::{Act, Clock, CloudError, DryRun, Observe, Performed, Query, Stage};
use sandtable_executor::{
    FailureClass, Journal, MemoryStorage, Options, ReadError, Run, RunError, RunOutcome,
    read_journal, rehearse, resume, run, summarize, undo,
};
use sandtable_gate::StepSelection;
use sandtable_model::{
    Action, Duration, EffectKind, Fault, Kind, Plan, Real, Region, Resource, Snapshot, Step,
    StepId, Timestamp,
};
use sandtable_simulator::{Twin, TwinOptions, dispatch};
use serde_json::json;

use crate::recovery::Mortal;
use crate::support::*;

pub(crate) fn region() -> Region {
    Region::new("eu-central-1").unwrap()
}

pub(crate) fn twin() -> Twin {
    let mut snapshot = Snapshot::new(plan(Vec::new()).account, START, "a test");
    let vpc = json!({"VpcId": "vpc-0123456789abcdef0", "CidrBlock": "10.0.0.0/16"});
    let mut resources = nat_cloud();
    resources.push(Resource::deserialize_as(Kind::Vpc, vpc).unwrap());
    resources.push(volume(VOLUME));
    for resource in resources {
        snapshot.insert(&region(), resource).unwrap();
    }
    Twin::from_snapshot(&snapshot, TwinOptions::default())
}

/// Route, NAT gateway, address, subnet; and beside them a volume with its snapshot.
pub(crate) fn whole_plan() -> Plan {
    let mut steps = delete_nat().steps;
    let mut subnet = step(
        "s04",
        action("DeleteSubnet", json!({"SubnetId": SUBNET})),
        &["s02"],
    );
    subnet.preconditions = vec![exists(SUBNET)];
    subnet.effects = vec![gone(SUBNET)];
    steps.push(subnet);
    for (mut step, id) in snapshot_and_delete().steps.into_iter().zip(["s05", "s06"]) {
        step.id = id.into();
        if id == "s06" {
            step.after = vec!["s05".into()];
        }
        steps.push(step);
    }
    plan(steps)
}

#[test]
fn a_rehearsal_is_the_same_every_time() {
    let warrant = warrant(whole_plan());
    let one = rehearse(&warrant, &mut twin()).unwrap();
    assert!(one.run.is_completed(), "{:?}", one.run);
    assert_eq!(
        one.journal,
        rehearse(&warrant, &mut twin()).unwrap().journal
    );
}

#[test]
fn taking_back_restores_what_was_there() {
    let mut steps = delete_nat().steps;
    steps.truncate(1);
    let warrant = warrant(plan(steps));
    let mut cloud = twin();
    let mut journal = Journal::new(MemoryStorage::new());
    run(&warrant, &mut cloud, &mut journal, &Options::default()).unwrap();
    assert!(!cloud.diff().is_empty());
    let undoing = undo(&warrant, &mut cloud, &mut journal, &Options::default()).unwrap();
    assert_eq!(undoing.undone, [StepId::from("s01")]);
    assert!(cloud.diff().is_empty(), "{:?}", cloud.diff());
}

/// Runs with crashes after so many bytes of the journal each, and goes on after every one.
fn run_with_crashes(plan: &Plan, cloud: &mut Twin, lives: &[usize]) -> Run {
    let warrant = warrant(plan.clone());
    let options = Options::default();
    let mut bytes = Vec::new();
    for life in lives {
        let storage = Mortal::with_bytes(bytes.clone(), bytes.len() + life);
        let (result, after) = match read_journal(&bytes) {
            Err(ReadError::Empty) => {
                let mut journal = Journal::new(Mortal::with_bytes(Vec::new(), *life));
                let result = run(&warrant, cloud, &mut journal, &options);
                (result, journal.into_storage().bytes)
            }
            Ok(history) => {
                let mut journal = Journal::reopened(storage, history);
                let result = resume(&warrant, cloud, &mut journal, &options);
                (result, journal.into_storage().bytes)
            }
            Err(error) => panic!("{error}"),
        };
        bytes = after;
        match result {
            Err(RunError::Journal(_)) => {}
            Err(RunError::Finished) => return summarize(&read_journal(&bytes).unwrap().entries),
            other => return other.unwrap(),
        }
    }
    panic!("the last life is long enough")
}

/// Those that are got over, and the one that is not.
const KINDS: [EffectKind; 7] = [
    EffectKind::Throttle,
    EffectKind::InternalError,
    EffectKind::Unavailable,
    EffectKind::TimeoutBefore,
    EffectKind::TimeoutAfter,
    EffectKind::ConnectionReset,
    EffectKind::Denied,
];

fn faults() -> impl Strategy<Value = Vec<Option<EffectKind>>> {
    let kind = prop::sample::select(KINDS.to_vec());
    prop::collection::vec(prop::option::weighted(0.4, kind), 6)
}

/// A fault at the call of a step; no two steps of the plan have the same one.
fn at(step: &Step, kind: EffectKind) -> Fault {
    let target = step.target();
    let mut fault = Fault::new(step.action.name(), kind.effect(None).unwrap()).on(target);
    if kind == EffectKind::Denied {
        fault.times = u32::MAX;
    }
    fault
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever goes wrong and however often it is killed: nothing takes effect twice, only a
    /// denied call stops the run, and a completed run ends as the undisturbed one does.
    #[test]
    fn at_most_once_and_the_same_end(
        faults in faults(),
        mut lives in prop::collection::vec(1..6000_usize, 0..4),
    ) {
        let plan = whole_plan();
        let mut undisturbed = twin();
        rehearse(&warrant(plan.clone()), &mut undisturbed).unwrap();
        let injected: Vec<Fault> = plan
            .steps
            .iter()
            .zip(&faults)
            .filter_map(|(step, kind)| Some(at(step, (*kind)?)))
            .collect();
        let mut cloud = twin();
        cloud.set_faults(injected);
        lives.push(usize::MAX / 2);
        let run = run_with_crashes(&plan, &mut cloud, &lives);
        for (index, action) in cloud.performed().iter().enumerate() {
            prop_assert!(!cloud.performed()[..index].contains(action), "{action:?} twice");
        }
        match &run.outcome {
            RunOutcome::Completed => {
                prop_assert_eq!(cloud.diff(), undisturbed.diff());
            }
            RunOutcome::Stopped { step, failure } => {
                prop_assert_eq!(failure.class, FailureClass::Denied);
                let step = step.as_ref().unwrap();
                let at = plan.steps.iter().position(|it| it.id == *step).unwrap();
                prop_assert_eq!(faults[at], Some(EffectKind::Denied));
                prop_assert_eq!(cloud.performed().len(), at);
            }
            RunOutcome::BrokenOff => prop_assert!(false, "broke off"),
        }
    }

    /// Someone tags a resource before some call: the run goes on until a step after which that is
    /// seen, and not one call further.
    #[test]
    fn never_past_a_difference(before_call in 0..4_usize, which in 0..4_usize) {
        let plan = plan(whole_plan().steps.into_iter().take(4).collect());
        let receipt = receipt_of(&plan, &rehearse(&warrant(plan.clone()), &mut twin()).unwrap());
        let resource = [TABLE, ADDRESS, INTERFACE, SUBNET][which];
        let seen_after = plan.steps.iter().enumerate().position(|(index, step)| {
            index >= before_call
                && receipt.steps[index].observed.iter().any(|(id, observed)| {
                    id.as_str() == resource
                        && matches!(observed, sandtable_model::Observed::Present { .. })
                })
                && step.id == receipt.steps[index].step
        });
        let mut cloud = Pretended { twin: twin(), calls: 0, drift: Some((before_call, resource)) };
        let approved = real_warrant(&plan, &receipt, StepSelection::All, 600);
        let (run, _) = run_on(&approved, &mut cloud);
        match seen_after {
            Some(index) => {
                let (step, failure) = stop(&run);
                prop_assert_eq!(step, plan.steps[index].id.0.as_str());
                prop_assert_eq!(failure.class, FailureClass::Differs);
                prop_assert_eq!(cloud.calls, index + 1);
            }
            None => prop_assert!(run.is_completed(), "{:?}", run),
        }
    }
}

/// The twin in the role of a real cloud, with somebody else at work in it.
struct Pretended {
    twin: Twin,
    calls: usize,
    drift: Option<(usize, &'static str)>,
}

impl Observe for Pretended {
    fn look(&mut self, region: &Region, query: &Query) -> Result<Vec<Resource>, CloudError> {
        self.twin.look(region, query)
    }
}

impl Act for Pretended {
    type World = Real;

    fn dry_run(&mut self, region: &Region, action: &Action) -> Result<DryRun, CloudError> {
        self.twin.dry_run(region, action)
    }

    fn perform(&mut self, region: &Region, action: &Action) -> Result<Performed, CloudError> {
        if let Some((call, resource)) = self.drift
            && call == self.calls
        {
            let ctx = self.twin.context(region);
            let tags = json!({"Resources": [resource], "Tags": [{"Key": "Owner", "Value": "eve"}]});
            // Some are gone by then; nobody can tag those.
            let _ = dispatch::call(&mut self.twin, &ctx, "CreateTags", tags);
        }
        self.calls += 1;
        self.twin.perform(region, action)
    }
}

impl Clock for Pretended {
    fn now(&self) -> Timestamp {
        Clock::now(&self.twin)
    }

    fn wait(&mut self, duration: Duration) {
        Clock::wait(&mut self.twin, duration);
    }
}
