//! What a rehearsal gives, beyond what scenario files compare.

use std::collections::BTreeSet;
use std::path::Path;

use sandtable_model::{Document, Plan, Policy, Receipt, StepId, StepOutcome, Verdict};
use sandtable_orchestrator::Prices;
use sandtable_scenario::{
    Faults, Loaded, Rehearsal, RehearseError, RehearseOptions, Source, mending_policy, rehearse,
};
use sandtable_simulator::Permissions;

fn open(name: &str) -> Loaded {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../scenarios")
        .join(name);
    Source::open(&path).unwrap()
}

fn run(
    loaded: &Loaded,
    plan: Option<Plan>,
    options: &RehearseOptions,
) -> Result<Rehearsal, RehearseError> {
    let policy = loaded
        .scenario
        .as_ref()
        .map_or_else(Policy::default, |it| it.policy.clone());
    rehearse(loaded, &policy, &Prices::embedded(), plan, options)
}

fn plain(loaded: &Loaded) -> Rehearsal {
    run(loaded, None, &RehearseOptions::default()).unwrap()
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let loaded = open("nat/empty-vpc.yaml");
    let (one, other) = (plain(&loaded), plain(&open("nat/empty-vpc.yaml")));
    assert_eq!(one.journal, other.journal);
    assert_eq!(
        one.receipt.canonical().unwrap(),
        other.receipt.canonical().unwrap()
    );
    assert_eq!(one.after, other.after);
    let seeded = RehearseOptions {
        seed: Some(7),
        ..RehearseOptions::default()
    };
    let seeded = run(&loaded, None, &seeded).unwrap();
    assert_eq!((seeded.receipt.seed, one.receipt.seed), (7, 0));
}

#[test]
fn the_receipt_names_what_it_speaks_of() {
    let loaded = open("nat/empty-vpc.yaml");
    let rehearsal = plain(&loaded);
    let receipt = &rehearsal.receipt;
    assert_eq!(receipt.plan, rehearsal.plan.digest().unwrap());
    assert_eq!(receipt.snapshot, loaded.snapshot.digest().unwrap());
    assert_eq!(receipt.after, rehearsal.after.digest().unwrap());
    assert_eq!(receipt.steps.len(), rehearsal.plan.steps.len());
    assert!(
        receipt
            .steps
            .iter()
            .all(|it| it.outcome == StepOutcome::Done)
    );
    assert!(receipt.steps.iter().all(|it| !it.observed.is_empty()));
    let text = receipt.to_pretty().unwrap();
    assert_eq!(Receipt::from_json(&text).unwrap(), *receipt);
}

#[test]
fn a_plan_from_a_file_is_rehearsed_and_a_stale_one_refused() {
    let loaded = open("nat/empty-vpc.yaml");
    let plan = Plan::from_json(&plain(&loaded).plan.to_pretty().unwrap()).unwrap();
    let options = RehearseOptions::default();
    let again = run(&loaded, Some(plan.clone()), &options).unwrap();
    assert_eq!(again.receipt.verdict, Verdict::Pass);
    let error = run(&open("nat/no-route.yaml"), Some(plan), &options).unwrap_err();
    assert!(
        matches!(error, RehearseError::OtherSnapshot { .. }),
        "{error}"
    );
}

#[test]
fn an_unsound_plan_is_not_rehearsed() {
    let loaded = open("nat/empty-vpc.yaml");
    let mut plan = plain(&loaded).plan;
    plan.steps.reverse();
    let error = run(&loaded, Some(plan), &RehearseOptions::default()).unwrap_err();
    assert!(matches!(error, RehearseError::Unsound(_)), "{error}");
}

#[test]
fn a_selection_of_steps_leaves_the_rest_undone() {
    let loaded = open("nat/empty-vpc.yaml");
    let steps = |ids: &[&str]| RehearseOptions {
        steps: Some(
            ids.iter()
                .map(|id| StepId::from(*id))
                .collect::<BTreeSet<_>>(),
        ),
        ..RehearseOptions::default()
    };
    let part = run(&loaded, None, &steps(&["s01", "s02"])).unwrap();
    assert_eq!(part.saving_usd_month.to_string(), "37.96");
    assert_eq!(part.receipt.verdict, Verdict::Pass);
    let done = part
        .receipt
        .steps
        .iter()
        .filter(|it| it.outcome == StepOutcome::Done);
    assert_eq!(done.count(), 2);
    assert!(
        run(&loaded, None, &steps(&["s02"])).is_err(),
        "s02 needs s01"
    );
}

#[test]
fn trouble_is_told_run_by_run() {
    let loaded = open("volumes/unattached.yaml");
    let with = |faults| RehearseOptions {
        faults,
        ..RehearseOptions::default()
    };
    let each = run(&loaded, None, &with(Faults::Each)).unwrap().receipt;
    assert_eq!(each.verdict, Verdict::Pass, "{:?}", each.problems);
    for step in ["s01", "s02"] {
        for kind in [
            "timeout-before",
            "timeout-after",
            "connection-reset",
            "throttle",
            "internal-error",
            "unavailable",
            "denied",
            "stale-read",
            "stuck",
            "drift-deleted",
            "drift-deleted-before-step",
            "drift-tagged",
            "crash-in-record",
        ] {
            let told = |it: &&sandtable_model::FaultRun| it.step.0 == step && it.fault == kind;
            assert!(
                each.fault_runs.iter().any(|it| told(&it)),
                "{kind} at {step}"
            );
        }
    }
    let seeds: Faults = "seed:3..6@30%".parse().unwrap();
    let seeded = run(&loaded, None, &with(seeds)).unwrap();
    assert_eq!(
        seeded.receipt.verdict,
        Verdict::Pass,
        "{:?}",
        seeded.receipt.problems
    );
    assert_eq!(seeded.receipt.fault_runs.len(), 4);
    let seed = |it: &sandtable_executor::TroubleRun| it.seed;
    let drawn: Vec<_> = seeded.trouble.iter().filter_map(seed).collect();
    assert_eq!(drawn, [3, 4, 5, 6]);
    assert!(seeded.trouble.iter().all(|it| !it.faults.is_empty()));
    assert_eq!(
        run(&loaded, None, &with(seeds)).unwrap().receipt,
        seeded.receipt
    );
    let alone = run(&loaded, None, &with(seeds.only(5))).unwrap();
    assert_eq!(alone.trouble[..], seeded.trouble[2..3]);
}

#[test]
fn a_stopped_run_fails_and_says_where() {
    let rehearsal = plain(&open("failures/denied.yaml"));
    assert_eq!(rehearsal.receipt.verdict, Verdict::Fail);
    let problem = &rehearsal.receipt.problems[0];
    assert!(problem.contains("step s02 (denied)"), "{problem}");
}

/// The policy that the hands come with allows every plan of the repository: under it the rehearsals
/// come to what they come to without any.
#[test]
fn the_policy_of_the_hands_suffices() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("src/hands/iam-policy.json")).unwrap();
    let with = RehearseOptions {
        permissions: Some(Permissions::from_json(&text).unwrap()),
        ..RehearseOptions::default()
    };
    let mut rehearsed = 0;
    for family in ["addresses", "nat", "teardown", "volumes"] {
        for entry in std::fs::read_dir(root.join("scenarios").join(family)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let loaded = open(&format!("{family}/{name}"));
            let (free, bound) = (plain(&loaded), run(&loaded, None, &with).unwrap());
            assert_eq!(free.receipt.verdict, bound.receipt.verdict, "{name}");
            assert_eq!(free.receipt.problems, bound.receipt.problems, "{name}");
            assert_eq!(free.receipt.diff, bound.receipt.diff, "{name}");
            rehearsed += usize::from(!free.plan.steps.is_empty());
        }
    }
    assert!(rehearsed > 10, "only {rehearsed} plans");
}

/// … and each permission that is taken from it stops a plan that needs it.
#[test]
fn a_permission_that_is_missing_stops_the_run() {
    let loaded = open("volumes/unattached.yaml");
    let all = "ec2:Describe*,ec2:CreateSnapshot,ec2:CreateTags,ec2:DeleteVolume";
    let with = |actions: Vec<&str>| {
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Action": actions, "Resource": "*"}});
        RehearseOptions {
            permissions: Some(Permissions::from_json(&policy.to_string()).unwrap()),
            ..RehearseOptions::default()
        }
    };
    let whole = run(&loaded, None, &with(all.split(',').collect())).unwrap();
    assert_eq!(whole.receipt.verdict, Verdict::Pass);
    for missing in all.split(',') {
        let rest = all.split(',').filter(|it| *it != missing).collect();
        let rehearsal = run(&loaded, None, &with(rest)).unwrap();
        assert_eq!(
            rehearsal.receipt.verdict,
            Verdict::Fail,
            "without {missing}"
        );
        let problems = rehearsal.receipt.problems.join("\n");
        assert!(problems.contains("denied"), "without {missing}: {problems}");
    }
}

/// The report tells all that is missing, not only what the run stopped at: by step, with what a call
/// needs besides and the conditions that do not hold. The policy that it proposes is enough.
#[test]
fn everything_that_is_missing_is_told_and_can_be_mended() {
    let loaded = open("volumes/unattached.yaml");
    let only = |statements: serde_json::Value| {
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
        RehearseOptions {
            permissions: Some(Permissions::from_json(&policy.to_string()).unwrap()),
            ..RehearseOptions::default()
        }
    };
    let look = serde_json::json!({"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"});
    let small = serde_json::json!({"Sid": "Small", "Effect": "Allow", "Action": "ec2:DeleteVolume",
        "Resource": "*", "Condition": {"NumericLessThan": {"ec2:VolumeSize": 1}}});
    let stopped = run(&loaded, None, &only(serde_json::json!([look, small]))).unwrap();
    assert_eq!(stopped.receipt.verdict, Verdict::Fail);
    let told: Vec<(String, &str)> = stopped
        .lacked
        .iter()
        .map(|it| {
            let step = it
                .step
                .as_ref()
                .map_or_else(String::new, |step| step.0.clone());
            (step, it.action.as_str())
        })
        .collect();
    let expected = [
        ("s01", "ec2:CreateSnapshot"),
        ("s01", "ec2:CreateSnapshot"),
        ("s01", "ec2:CreateTags"),
        ("s02", "ec2:DeleteVolume"),
    ];
    assert_eq!(
        told,
        expected.map(|(step, action)| (step.to_owned(), action))
    );
    let conditions = &stopped.lacked[3].conditions;
    assert_eq!(conditions.len(), 1, "{conditions:?}");
    assert!(conditions[0].contains("(`Small`) asks for NumericLessThan ec2:VolumeSize `1`"));

    let mending = mending_policy(&stopped.lacked).unwrap();
    let mut statements = mending["Statement"].as_array().unwrap().clone();
    statements.push(look);
    let mended = run(&loaded, None, &only(serde_json::json!(statements))).unwrap();
    assert_eq!(
        mended.receipt.verdict,
        Verdict::Pass,
        "{:?}",
        mended.receipt.problems
    );
    assert_eq!(mended.lacked, []);
    assert_eq!(mended.receipt.diff, plain(&loaded).receipt.diff);
    assert_eq!(mending_policy(&mended.lacked), None);
    assert_eq!(plain(&loaded).lacked, []);
}

/// What a statement denies is told apart: no policy can be added that allows it.
#[test]
fn what_is_denied_cannot_be_mended_by_more() {
    let stopped = plain(&open("permissions/kept-by-policy.yaml"));
    let denied: Vec<&str> = stopped.lacked.iter().map(|it| it.action.as_str()).collect();
    assert_eq!(denied, ["ec2:DeleteVolume"]);
    assert!(
        stopped.lacked[0].is_denied() && stopped.lacked[0].because.contains("`KeepProduction`")
    );
    assert_eq!(mending_policy(&stopped.lacked), None);
}

/// Whether a run in earnest would be throttled is part of what a rehearsal with quotas tells. One call
/// at a time, each waited for, stays below them.
#[test]
fn quotas_are_counted_when_they_apply() {
    let loaded = open("volumes/unattached.yaml");
    let quick = plain(&loaded);
    let with = RehearseOptions {
        quotas: true,
        ..RehearseOptions::default()
    };
    let counted = run(&loaded, None, &with).unwrap();
    assert_eq!((quick.throttled, counted.throttled), (None, Some(0)));
    assert_eq!(counted.receipt.duration_ms, quick.receipt.duration_ms);
}
