//! Plans made for generated estates run on the twin: no call is refused, and the account costs less
//! by exactly what the plan says.

use proptest::prelude::*;
use sandtable_cloud::Act as _;
use sandtable_model::{Condition, Document as _, Duration, Plan, Policy, Snapshot};
use sandtable_orchestrator::{Prices, Severity, lint, monthly_cost, propose, understand};
use sandtable_simulator::estate::generate;
use sandtable_simulator::{Twin, TwinOptions};

fn plan_for(snapshot: &Snapshot, policy: &Policy) -> Plan {
    let prices = Prices::embedded();
    let understanding = understand(snapshot, policy, &prices);
    propose(snapshot, policy, &prices, &understanding).unwrap()
}

/// The complaints that matter.
fn complaints(plan: &Plan, snapshot: &Snapshot) -> Vec<String> {
    let all = lint(plan, snapshot).into_iter();
    all.filter(|it| it.severity > Severity::Note)
        .map(|it| it.to_string())
        .collect()
}

/// Calls every step in the order of the plan, and lets time pass until what it deletes is gone.
fn carry_out(plan: &Plan, snapshot: &Snapshot) -> Snapshot {
    let mut twin = Twin::from_snapshot(snapshot, TwinOptions::default());
    for step in &plan.steps {
        let (id, name, target) = (&step.id, step.action.name(), step.target());
        if let Err(error) = twin.perform(&step.region, &step.action) {
            panic!("{id} {name} {target}: {error}");
        }
        let gone = Condition::Gone {
            resource: target.clone(),
        };
        // A virtual hour is more than any deletion takes.
        for _ in 0..360 {
            twin.advance(Duration::from_secs(10));
            let now = twin.snapshot();
            let over = now.get(&target).is_none_or(|it| it.is_gone());
            if over || !step.effects.contains(&gone) {
                break;
            }
        }
    }
    twin.advance(Duration::from_secs(3_600));
    twin.snapshot()
}

#[test]
fn plans_of_estates_run_and_save_what_they_say() {
    let prices = Prices::embedded();
    for (seed, size) in [(1, 200), (2, 400), (3, 800)] {
        let snapshot = generate(seed, size);
        let plan = plan_for(&snapshot, &Policy::default());
        assert!(!plan.steps.is_empty(), "seed {seed}: nothing found");
        assert_eq!(
            complaints(&plan, &snapshot),
            Vec::<String>::new(),
            "seed {seed}"
        );
        let after = carry_out(&plan, &snapshot);
        let saved = monthly_cost(&snapshot, &prices).total - monthly_cost(&after, &prices).total;
        assert_eq!(saved, plan.saving_usd_month, "seed {seed}");
        // What was waste is none any more.
        let left = understand(&after, &Policy::default(), &prices).findings;
        let again: Vec<&str> = left
            .iter()
            .map(|it| it.id.0.as_str())
            .filter(|id| plan.findings.iter().any(|f| f.0 == *id))
            .collect();
        assert!(again.is_empty(), "seed {seed}: {again:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the estate and the policy, the linter has nothing against the planner's plans, and
    /// the same input gives the same bytes.
    #[test]
    fn the_planner_pleases_the_linter(
        seed in any::<u64>(),
        size in 20_usize..300,
        teardown in any::<bool>(),
        snapshot_before_delete in any::<bool>(),
        age in 0_i64..400,
    ) {
        let policy = Policy {
            teardown,
            snapshot_before_delete,
            volume_age_days_min: age,
            nat_gateway_age_days_min: age,
            snapshot_age_days_min: age,
            ..Policy::default()
        };
        let snapshot = generate(seed, size);
        let plan = plan_for(&snapshot, &policy);
        prop_assert_eq!(complaints(&plan, &snapshot), Vec::<String>::new());
        let again = plan_for(&snapshot, &policy);
        prop_assert_eq!(plan.canonical().unwrap(), again.canonical().unwrap());
    }
}
