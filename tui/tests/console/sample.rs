//! An account with an empty VPC, a loose volume and an idle address; made up, in the forms that the
//! other parts give.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::{
    AccountId, Action, BlastRadius, Change, Condition, Confidence, Diff, Digest, Document, Dropped,
    Duration, Evidence, FaultRun, Finding, FindingId, Grade, Guard, GuardOutcome, Harm, HarmKind,
    Plan, PlanReport, Receipt, Region, ResourceChange, Reversibility, Risk, RuleId, Step, StepId,
    StepOutcome, StepReceipt, Suppressed, Timestamp, Undo, Usd, Verdict,
};
use sandtable_tui::{
    Command, Event, Key, Progress, Rehearsal, Scene, Screen, State, StepState, TwinRun,
};

const NAT: &str = "nat-0a1b2c3d4e5f60718";
const ADDRESS: &str = "eipalloc-0a1b2c3d4e5f60718";
const VOLUME: &str = "vol-0f1e2d3c4b5a69788";
const TABLE: &str = "rtb-0a1b2c3d4e5f60718";
const VPC: &str = "vpc-0a1b2c3d4e5f60718";

fn region() -> Region {
    Region::new("eu-central-1").unwrap()
}

fn evidence(claim: &str, grade: Grade, resource: Option<&str>) -> Evidence {
    Evidence {
        resource: resource.map(|id| id.parse().unwrap()),
        claim: claim.to_owned(),
        grade,
    }
}

fn finding(rule: &str, resource: &str, title: &str, cents: Option<i64>) -> Finding {
    Finding {
        id: FindingId(format!("{rule}/{resource}")),
        rule: RuleId::from(rule),
        resource: resource.parse().unwrap(),
        region: region(),
        title: title.to_owned(),
        related: Vec::new(),
        evidence: Vec::new(),
        guards: Vec::new(),
        confidence: Confidence::High,
        saving_usd_month: cents.map(|cents| Usd::from_micros(cents * 10_000)),
        pricing: Vec::new(),
        advice: None,
    }
}

fn findings() -> Vec<Finding> {
    let mut empty = finding(
        "G1",
        VPC,
        "VPC without clients pays for a NAT gateway",
        Some(3796),
    );
    empty.related = vec![NAT.parse().unwrap(), TABLE.parse().unwrap()];
    empty.evidence = vec![
        evidence("no network interface in use", Grade::Observed, None),
        evidence("a default route leads here", Grade::Observed, Some(TABLE)),
        evidence("traffic of the last 14 days", Grade::Unknown, Some(NAT)),
    ];
    empty.guards = vec![
        Guard {
            name: "central egress VPC".to_owned(),
            outcome: GuardOutcome::Cleared,
            reason: "no transit gateway attachment and no peering".to_owned(),
        },
        Guard {
            name: "scaled to zero".to_owned(),
            outcome: GuardOutcome::Unknown,
            reason: "the reader was not allowed to list Auto Scaling groups".to_owned(),
        },
    ];
    empty.confidence = Confidence::Medium;
    empty.pricing = vec![
        "NAT gateway 730 h x $0.052 = $37.96".to_owned(),
        "data processed: not known, not counted".to_owned(),
    ];
    let mut loose = finding(
        "V1",
        VOLUME,
        "volume attached to nothing for 41 days",
        Some(952),
    );
    loose.evidence = vec![evidence("state is available", Grade::Observed, None)];
    let idle = finding(
        "N1",
        "eipalloc-0999999999999aaaa",
        "address associated with nothing",
        None,
    );
    vec![empty, loose, idle]
}

fn suppressed() -> Vec<Suppressed> {
    vec![Suppressed {
        rule: RuleId::from("V1"),
        resource: "vol-0123456789abcdef0".parse().unwrap(),
        guard: "younger than 7 days".to_owned(),
        reason: "made 2026-11-22T08:00:00Z, two days before the snapshot".to_owned(),
    }]
}

fn step(id: &str, action: Action, after: &[&str], cents: i64) -> Step {
    Step {
        id: id.into(),
        region: region(),
        preconditions: vec![Condition::Exists {
            resource: action.target(),
        }],
        effects: vec![Condition::Gone {
            resource: action.target(),
        }],
        action,
        after: after.iter().map(|id| StepId::from(*id)).collect(),
        watch: Vec::new(),
        undo: Undo {
            reversibility: Reversibility::Recoverable,
            actions: Vec::new(),
            note: "can be made again under another id".to_owned(),
        },
        saving_usd_month: Usd::from_micros(cents * 10_000),
        blast_radius: BlastRadius::default(),
        risk: Risk::Low,
        findings: vec![FindingId(format!("G1/{VPC}"))],
        reason: "the VPC has no clients".to_owned(),
    }
}

fn plan() -> Plan {
    let route = Action::DeleteRoute {
        route_table_id: TABLE.parse().unwrap(),
        destination: sandtable_model::Destination::DestinationCidrBlock("0.0.0.0/0".into()),
    };
    let gateway = Action::DeleteNatGateway {
        nat_gateway_id: NAT.parse().unwrap(),
    };
    let address = Action::ReleaseAddress {
        allocation_id: ADDRESS.parse().unwrap(),
    };
    let keep = Action::CreateSnapshot {
        volume_id: VOLUME.parse().unwrap(),
        description: "before sandtable deletes it".into(),
        tags: sandtable_model::Tags::default(),
    };
    let volume = Action::DeleteVolume {
        volume_id: VOLUME.parse().unwrap(),
    };
    let mut gateway = step("s02", gateway, &["s01"], 3796);
    gateway.risk = Risk::Medium;
    gateway.watch = vec![TABLE.parse().unwrap()];
    gateway.blast_radius = BlastRadius {
        harms: vec![Harm {
            resource: "subnet-0a1b2c3d4e5f60718".parse().unwrap(),
            kind: HarmKind::LosesPath,
            reason: "no path to the internet any more".to_owned(),
        }],
        score: 1,
    };
    let mut keep = step("s04", keep, &[], -200);
    keep.findings = vec![FindingId(format!("V1/{VOLUME}"))];
    keep.reason = "so that deleting the volume can be taken back".to_owned();
    let mut volume = step("s05", volume, &["s04"], 952);
    volume.findings.clone_from(&keep.findings);
    let steps = vec![
        step("s01", route, &[], 0),
        gateway,
        step("s03", address, &["s02"], 365),
        keep,
        volume,
    ];
    Plan {
        format: Plan::FORMAT.to_owned(),
        account: AccountId::new("123456789012").unwrap(),
        snapshot: Digest::of(b"snapshot"),
        policy: Digest::of(b"policy"),
        as_of: Timestamp::from_millis(1_795_512_600_000),
        findings: vec![
            FindingId(format!("G1/{VPC}")),
            FindingId(format!("V1/{VOLUME}")),
        ],
        steps,
        saving_usd_month: Usd::from_micros(49_130_000),
        approvals_required: 2,
        report: PlanReport {
            dropped: vec![Dropped {
                finding: "N1/eipalloc-0999999999999aaaa".into(),
                rule: "N1".into(),
                confidence: Confidence::Low,
                reason: "confidence is below the policy's medium".to_owned(),
            }],
            not_evaluated: vec!["S2: snapshots could not be listed in us-east-1".to_owned()],
            notes: Vec::new(),
        },
    }
}

pub(crate) fn scene() -> Scene {
    Scene {
        source: "scenarios/nat/empty-vpc.yaml".to_owned(),
        findings: findings(),
        suppressed: suppressed(),
        plan: plan(),
        rehearsal: None,
    }
}

fn diff() -> Diff {
    let mut resources = BTreeMap::new();
    let change = |before: Option<&str>, after: Option<&str>| Change {
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    let facts = BTreeMap::from([(
        "Routes[0.0.0.0/0].NatGatewayId".to_owned(),
        change(Some(NAT), None),
    )]);
    let gone = || ResourceChange::Deleted {
        facts: BTreeMap::new(),
    };
    resources.insert(TABLE.parse().unwrap(), ResourceChange::Changed { facts });
    resources.insert(NAT.parse().unwrap(), gone());
    resources.insert(ADDRESS.parse().unwrap(), gone());
    Diff { resources }
}

/// A rehearsal of these steps with this verdict.
pub(crate) fn rehearsal(steps: &BTreeSet<StepId>, verdict: Verdict) -> Rehearsal {
    let plan = plan();
    let receipts = plan.steps.iter().map(|step| StepReceipt {
        step: step.id.clone(),
        outcome: match steps.contains(&step.id) {
            true => StepOutcome::Done,
            false => StepOutcome::Skipped,
        },
        at_ms: Duration::ZERO,
        duration_ms: Duration::from_millis(450),
        observed: BTreeMap::new(),
    });
    let fault = |step: &StepId| FaultRun {
        step: step.clone(),
        fault: "time-out after the effect".to_owned(),
        safe: true,
        completed: true,
        outcome: "settled by looking, nothing was done twice".to_owned(),
    };
    let receipt = Receipt {
        format: Receipt::FORMAT.to_owned(),
        account: plan.account.clone(),
        plan: plan.digest().unwrap(),
        snapshot: plan.snapshot,
        twin: "0.1.0".to_owned(),
        seed: 42,
        started_at: plan.as_of,
        duration_ms: Duration::from_millis(61_450),
        verdict,
        problems: match verdict {
            Verdict::Pass => Vec::new(),
            Verdict::Fail => vec!["s02 was refused: DependencyViolation".to_owned()],
        },
        steps: receipts.collect(),
        saving_usd_month: Usd::from_micros(41_610_000),
        diff: Digest::of(b"diff"),
        after: Digest::of(b"after"),
        fault_runs: steps.iter().map(fault).collect(),
    };
    let line = |(number, id): (usize, &StepId)| {
        let step = plan.step(id).unwrap();
        format!(
            "{:>9} ms  {id}  {:<18} {}",
            450 * number,
            step.action.name(),
            step.target()
        )
    };
    Rehearsal {
        steps: steps.clone(),
        receipt,
        diff: diff(),
        timeline: steps.iter().enumerate().map(line).collect(),
    }
}

/// What a run of these steps tells of.
pub(crate) fn progress(steps: &BTreeSet<StepId>) -> Vec<Progress> {
    let mut told = Vec::new();
    for (number, id) in steps.iter().enumerate() {
        let begin = i64::try_from(number).unwrap() * 2000;
        for (at, state, text) in [
            (begin, StepState::Running, "intent is in the journal"),
            (begin + 450, StepState::Done, "effect was seen"),
        ] {
            told.push(Progress {
                at: Duration::from_millis(at),
                step: Some(id.clone()),
                state,
                text: text.to_owned(),
            });
        }
    }
    told
}

pub(crate) fn twin_run() -> TwinRun {
    TwinRun {
        succeeded: true,
        duration: Duration::from_millis(61_450),
        saving_usd_month: Usd::from_micros(41_610_000),
        lines: vec!["the twin is in the rehearsed state".to_owned()],
    }
}

/// Keys of a text: each character is one, `⏎` is Enter.
pub(crate) fn keys(text: &str) -> Vec<Key> {
    let key = |c| match c {
        '⏎' => Key::Enter,
        '↓' => Key::Down,
        '↑' => Key::Up,
        '⇟' => Key::PageDown,
        '⇥' => Key::Tab,
        other => Key::Char(other),
    };
    text.chars().map(key).collect()
}

/// Presses keys; gives what the session was asked to do.
pub(crate) fn press(state: &mut State, text: &str) -> Vec<Command> {
    let pressed = keys(text).into_iter();
    pressed
        .filter_map(|key| state.apply(Event::Key(key)))
        .collect()
}

pub(crate) fn steps(ids: &[&str]) -> BTreeSet<StepId> {
    ids.iter().map(|id| StepId::from(*id)).collect()
}

pub(crate) fn state(width: u16, height: u16) -> State {
    let state = State::new(scene(), width, height);
    assert_eq!(state.screen(), Screen::Findings);
    state
}

/// The gateway and its route approved and rehearsed.
pub(crate) fn rehearsed(width: u16, height: u16) -> State {
    let mut state = state(width, height);
    let asked = press(&mut state, "2↓at");
    let chosen = steps(&["s01", "s02"]);
    assert_eq!(asked, [Command::Rehearse(chosen.clone())]);
    let result = Ok(rehearsal(&chosen, Verdict::Pass));
    assert_eq!(state.apply(Event::Rehearsed(Box::new(result))), None);
    state
}
