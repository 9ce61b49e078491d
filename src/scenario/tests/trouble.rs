//! Faults drawn from seeds, on plans for generated estates: whatever strikes, nothing changes outside the
//! plan, nothing takes effect twice, every stop says why, and the same seed gives the same bytes.
//!
//! `SANDTABLE_SEEDS=500` tries more than the usual ones.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sandtable_executor::{Trouble, rehearse, rehearse_trouble};
use sandtable_gate::Warrant;
use sandtable_model::{FaultPlan, Plan, Policy, Rate, SeededFaults, Simulated, Snapshot};
use sandtable_orchestrator::{Prices, propose, understand};
use sandtable_simulator::estate::generate;
use sandtable_simulator::{Twin, TwinOptions};

fn plan_for(snapshot: &Snapshot, policy: &Policy) -> Plan {
    let prices = Prices::embedded();
    let understood = understand(snapshot, policy, &prices);
    propose(snapshot, policy, &prices, &understood).unwrap()
}

fn drawn(plan: &Plan, seed: u64, percent: u32) -> SeededFaults {
    let targets: BTreeSet<_> = plan.steps.iter().map(|it| it.target()).collect();
    SeededFaults {
        resources: targets.into_iter().collect(),
        ..SeededFaults::new(seed, Rate::percent(percent))
    }
}

fn journal(warrant: &Warrant<Simulated>, fresh: &Twin, faults: FaultPlan) -> Vec<u8> {
    let mut twin = fresh.fork();
    twin.set_faults(faults);
    rehearse(warrant, &mut twin).unwrap().journal
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(12), ..ProptestConfig::default() })]

    #[test]
    fn drawn_faults_are_met_safely_on_any_estate(
        estate in 0..1000_u64,
        size in 40..160_usize,
        seed in any::<u64>(),
        percent in 1..=40_u32,
        teardown in any::<bool>(),
        snapshot_before_delete in any::<bool>(),
    ) {
        let snapshot = generate(estate, size);
        let policy = Policy { teardown, snapshot_before_delete, ..Policy::default() };
        let plan = plan_for(&snapshot, &policy);
        let seeded = drawn(&plan, seed, percent);
        let warrant = Warrant::for_rehearsal(plan);
        let fresh = Twin::from_snapshot(&snapshot, TwinOptions::default());
        let trouble = Trouble::Seeds(vec![seeded.clone()]);
        let runs = rehearse_trouble(&warrant, &trouble, &fresh).unwrap();
        let faults = FaultPlan { faults: Vec::new(), seeded: vec![seeded] };
        let one = journal(&warrant, &fresh, faults.clone());
        prop_assert_eq!(&one, &journal(&warrant, &fresh, faults), "same seed, same bytes");
        for it in runs {
            prop_assert!(it.run.safe, "{:?}", it);
            prop_assert_eq!(&one, &journal(&warrant, &fresh, it.faults.into()), "told again");
        }
    }
}

fn cases(usual: u32) -> u32 {
    let asked = std::env::var("SANDTABLE_SEEDS").ok();
    asked.and_then(|it| it.parse().ok()).unwrap_or(usual)
}

/// Every kind of fault at every step of the plan for an estate; what passes is always got over.
#[test]
fn each_fault_is_met_safely_on_an_estate() {
    let snapshot = generate(4, 100);
    let plan = plan_for(&snapshot, &Policy::default());
    assert!(plan.steps.len() >= 8, "{} steps", plan.steps.len());
    let warrant = Warrant::for_rehearsal(plan);
    let fresh = Twin::from_snapshot(&snapshot, TwinOptions::default());
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for it in rehearse_trouble(&warrant, &Trouble::Each, &fresh).unwrap() {
        assert!(it.run.safe, "{:?}", it);
        let (runs, completed) = kinds.entry(it.run.fault).or_default();
        *runs += 1;
        *completed += usize::from(it.run.completed);
    }
    for passing in [
        "throttle",
        "timeout-after",
        "connection-reset",
        "stale-read",
    ] {
        let (runs, completed) = kinds[passing];
        assert_eq!(runs, completed, "{passing}");
    }
    for told in [
        "drift-deleted",
        "drift-in-use",
        "drift-tagged",
        "drift-in-use-before-step",
    ] {
        assert!(kinds.contains_key(told), "{told}: {kinds:?}");
    }
}
