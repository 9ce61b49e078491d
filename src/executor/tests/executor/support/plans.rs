//! Plans for the scripted cloud, and warrants to run them.

use std::collections::BTreeSet;

use sandtable_cloud::{Act, Clock};
use sandtable_executor::{
    Entry, Journal, MemoryStorage, Options, Record, Rehearsal, Run, RunOutcome, read_journal, run,
};
use sandtable_gate::ssh_key::PrivateKey;
use sandtable_gate::ssh_key::private::Ed25519Keypair;
use sandtable_gate::{
    AllowedSigners, Revocations, StepSelection, Warrant, assemble, sign, statement_for,
};
use sandtable_model::{
    AccountId, Action, BlastRadius, Condition, Digest, Document, Duration, Kind, Plan, PlanReport,
    Real, Receipt, Region, Resource, Reversibility, Risk, Simulated, Step, StepId, Timestamp, Undo,
    Usd, Verdict,
};
use serde_json::{Value, json};

use super::fake::resource;

/// 2026-11-24T09:30:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_512_600_000);

pub(crate) fn action(name: &str, parameters: Value) -> Action {
    Action::from_parts(name, parameters).unwrap()
}

pub(crate) fn gone(id: &str) -> Condition {
    Condition::Gone {
        resource: id.parse().unwrap(),
    }
}

pub(crate) fn exists(id: &str) -> Condition {
    Condition::Exists {
        resource: id.parse().unwrap(),
    }
}

pub(crate) fn fact(id: &str, name: &str, value: &str) -> Condition {
    Condition::Fact {
        resource: id.parse().unwrap(),
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

pub(crate) fn no_fact(id: &str, name: &str) -> Condition {
    Condition::NoFact {
        resource: id.parse().unwrap(),
        name: name.to_owned(),
    }
}

pub(crate) fn step(id: &str, action: Action, after: &[&str]) -> Step {
    Step {
        id: id.into(),
        region: Region::new("eu-central-1").unwrap(),
        action,
        after: after.iter().map(|it| StepId::from(*it)).collect(),
        preconditions: Vec::new(),
        effects: Vec::new(),
        watch: Vec::new(),
        undo: Undo {
            reversibility: Reversibility::Irreversible,
            actions: Vec::new(),
            note: "it is lost".to_owned(),
        },
        saving_usd_month: Usd::ZERO,
        blast_radius: BlastRadius::default(),
        risk: Risk::Low,
        findings: Vec::new(),
        reason: "a test wants it".to_owned(),
    }
}

pub(crate) fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        format: Plan::FORMAT.to_owned(),
        account: AccountId::new("123456789012").unwrap(),
        snapshot: Digest::of(b"snapshot"),
        policy: Digest::of(b"policy"),
        as_of: START,
        findings: Vec::new(),
        steps,
        saving_usd_month: Usd::ZERO,
        approvals_required: 1,
        report: PlanReport::default(),
    }
}

pub(crate) const VOLUME: &str = "vol-0123456789abcdef0";

/// `s01` deletes a volume.
pub(crate) fn delete_volume() -> Plan {
    let mut it = step(
        "s01",
        action("DeleteVolume", json!({"VolumeId": VOLUME})),
        &[],
    );
    it.preconditions = vec![exists(VOLUME), fact(VOLUME, "State", "available")];
    it.effects = vec![gone(VOLUME)];
    plan(vec![it])
}

/// `s01` makes a snapshot of a volume, `s02` deletes the volume.
pub(crate) fn snapshot_and_delete() -> Plan {
    let description = "before sandtable deletes it";
    let parameters = json!({"VolumeId": VOLUME, "Description": description});
    let mut first = step("s01", action("CreateSnapshot", parameters), &[]);
    let snapshotted = Condition::Snapshotted {
        volume: VOLUME.parse().unwrap(),
        description: description.to_owned(),
    };
    first.preconditions = vec![exists(VOLUME)];
    first.effects = vec![snapshotted.clone()];
    let mut second = step(
        "s02",
        action("DeleteVolume", json!({"VolumeId": VOLUME})),
        &["s01"],
    );
    second.preconditions = vec![fact(VOLUME, "State", "available"), snapshotted];
    second.effects = vec![gone(VOLUME)];
    plan(vec![first, second])
}

pub(crate) const NAT: &str = "nat-0123456789abcdef0";
pub(crate) const ADDRESS: &str = "eipalloc-0123456789abcdef0";
pub(crate) const INTERFACE: &str = "eni-0123456789abcdef0";
pub(crate) const TABLE: &str = "rtb-0123456789abcdef0";
pub(crate) const SUBNET: &str = "subnet-0123456789abcdef0";

/// `s01` deletes the default route, `s02` the NAT gateway that another route leads to, `s03` releases
/// its address.
pub(crate) fn delete_nat() -> Plan {
    let route = json!({"RouteTableId": TABLE, "DestinationCidrBlock": "0.0.0.0/0"});
    let mut first = step("s01", action("DeleteRoute", route.clone()), &[]);
    first.preconditions = vec![fact(TABLE, "Routes[0.0.0.0/0].NatGatewayId", NAT)];
    first.effects = vec![no_fact(TABLE, "Routes[0.0.0.0/0]")];
    let back = json!({"RouteTableId": TABLE, "DestinationCidrBlock": "0.0.0.0/0",
                      "NatGatewayId": NAT});
    first.undo = Undo {
        reversibility: Reversibility::Reversible,
        actions: vec![action("CreateRoute", back)],
        note: String::new(),
    };
    let mut second = step(
        "s02",
        action("DeleteNatGateway", json!({"NatGatewayId": NAT})),
        &["s01"],
    );
    second.preconditions = vec![exists(NAT)];
    second.effects = vec![gone(NAT), no_fact(ADDRESS, "AssociationId")];
    second.watch = [ADDRESS, INTERFACE, TABLE]
        .iter()
        .map(|it| it.parse().unwrap())
        .collect();
    let mut third = step(
        "s03",
        action("ReleaseAddress", json!({"AllocationId": ADDRESS})),
        &["s02"],
    );
    third.preconditions = vec![exists(ADDRESS), no_fact(ADDRESS, "AssociationId")];
    third.effects = vec![gone(ADDRESS)];
    plan(vec![first, second, third])
}

/// What [`delete_nat`] is about.
pub(crate) fn nat_cloud() -> Vec<Resource> {
    let vpc = "vpc-0123456789abcdef0";
    vec![
        resource(
            Kind::NatGateway,
            json!({"NatGatewayId": NAT, "VpcId": vpc, "SubnetId": SUBNET, "NatGatewayAddresses": [
                {"AllocationId": ADDRESS, "NetworkInterfaceId": INTERFACE}]}),
        ),
        resource(
            Kind::Address,
            json!({"AllocationId": ADDRESS, "PublicIp": "198.51.100.7",
                   "AssociationId": "eipassoc-0123456789abcdef0",
                   "NetworkInterfaceId": INTERFACE, "PrivateIpAddress": "10.0.0.7"}),
        ),
        resource(
            Kind::NetworkInterface,
            json!({"NetworkInterfaceId": INTERFACE, "VpcId": vpc, "SubnetId": SUBNET,
                   "InterfaceType": "nat_gateway", "Status": "in-use",
                   "RequesterManaged": true,
                   "Description": format!("Interface for NAT Gateway {NAT}")}),
        ),
        resource(
            Kind::RouteTable,
            json!({"RouteTableId": TABLE, "VpcId": vpc, "Routes": [
                {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": NAT},
                {"DestinationCidrBlock": "203.0.113.0/24", "NatGatewayId": NAT}]}),
        ),
        resource(
            Kind::Subnet,
            json!({"SubnetId": SUBNET, "VpcId": vpc, "CidrBlock": "10.0.0.0/24",
                   "AvailabilityZone": "eu-central-1a"}),
        ),
    ]
}

pub(crate) fn warrant(plan: Plan) -> Warrant<Simulated> {
    Warrant::for_rehearsal(plan)
}

/// The receipt that a rehearsal gives, with nothing but what the executor reads filled in.
pub(crate) fn receipt_of(plan: &Plan, rehearsal: &Rehearsal) -> Receipt {
    Receipt {
        format: Receipt::FORMAT.to_owned(),
        account: plan.account.clone(),
        plan: plan.digest().unwrap(),
        snapshot: plan.snapshot,
        twin: "0.1.0".to_owned(),
        seed: 0,
        started_at: rehearsal.run.started_at,
        duration_ms: rehearsal.run.duration,
        verdict: Verdict::Pass,
        problems: Vec::new(),
        steps: rehearsal.run.steps.clone(),
        saving_usd_month: Usd::ZERO,
        diff: Digest::of(b"diff"),
        after: Digest::of(b"after"),
        fault_runs: Vec::new(),
    }
}

/// A warrant for the real world, approved by one person for some steps and some minutes.
pub(crate) fn real_warrant(
    plan: &Plan,
    receipt: &Receipt,
    steps: StepSelection,
    minutes: i64,
) -> Warrant<Real> {
    let key = PrivateKey::from(Ed25519Keypair::from_seed(&[1; 32]));
    let name = "alice@example.com";
    let line = format!("{name} {}", key.public_key().to_openssh().unwrap());
    let until = START.plus(Duration::from_secs(60 * minutes));
    let statement = statement_for(plan, receipt, &steps, name, START, until).unwrap();
    assemble(
        plan.clone(),
        receipt.clone(),
        vec![sign(statement, &key).unwrap()],
        &AllowedSigners::parse(&line).unwrap(),
        &Revocations::none(),
        START,
    )
    .unwrap()
}

pub(crate) fn only(steps: &[&str]) -> StepSelection {
    let steps: BTreeSet<StepId> = steps.iter().map(|it| StepId::from(*it)).collect();
    StepSelection::Only(steps)
}

/// Runs a plan on a cloud; also checks that the journal holds together.
pub(crate) fn run_on<C>(warrant: &Warrant<C::World>, cloud: &mut C) -> (Run, Vec<Entry>)
where
    C: Act + Clock,
{
    run_with(warrant, cloud, &Options::default())
}

pub(crate) fn run_with<C>(
    warrant: &Warrant<C::World>,
    cloud: &mut C,
    options: &Options,
) -> (Run, Vec<Entry>)
where
    C: Act + Clock,
{
    let mut journal = Journal::new(MemoryStorage::new());
    let run = run(warrant, cloud, &mut journal, options).unwrap();
    let entries = journal.entries().to_vec();
    let history = read_journal(journal.storage().bytes()).unwrap();
    assert_eq!(history.entries, entries);
    assert_eq!(history.torn, None);
    (run, entries)
}

/// The failure that a run stopped with, and the step.
pub(crate) fn stop(run: &Run) -> (&str, &sandtable_executor::Failure) {
    match &run.outcome {
        RunOutcome::Stopped {
            step: Some(step),
            failure,
        } => (step.0.as_str(), failure),
        other => panic!("the run did not stop at a step: {other:?}"),
    }
}

/// How often the journal says that a call was about to be made.
pub(crate) fn intents(entries: &[Entry]) -> usize {
    let intent = |it: &&Entry| matches!(it.record, Record::Intent { .. });
    entries.iter().filter(intent).count()
}
