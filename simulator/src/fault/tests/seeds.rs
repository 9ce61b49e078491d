//! Faults drawn from a seed.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sandtable_model::{EffectKind, Fault, FaultPlan, Rate, SeededFaults};
use serde_json::json;

use crate::ApiError;
use crate::testing::Account;

/// A workload; gives what each call came to, and what struck.
fn run(faults: FaultPlan) -> (Vec<Result<String, ApiError>>, Vec<Fault>) {
    let mut account = Account::new();
    let volumes: Vec<String> = (0..4).map(|_| account.volume(1)).collect();
    account.twin.set_faults(faults);
    let mut answers = Vec::new();
    for round in 0..10 {
        for volume in &volumes {
            let named = json!({"VolumeIds": [volume]});
            let made = json!({"VolumeId": volume, "Description": format!("{round}")});
            for (action, input) in [("DescribeVolumes", named), ("CreateSnapshot", made)] {
                let answer = account.call(action, input);
                answers.push(answer.map(|it| it.to_string()));
                account.pass(1);
            }
        }
    }
    let struck = account.twin.struck().iter();
    (answers, struck.map(|it| it.fault.clone()).collect())
}

fn seeded(plan: SeededFaults) -> FaultPlan {
    FaultPlan {
        faults: Vec::new(),
        seeded: vec![plan],
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// What a seed draws is the same every time, and can be told fault by fault.
    #[test]
    fn what_is_drawn_can_be_told(
        seed in any::<u64>(),
        percent in 1..=60_u32,
        effects in prop::sample::subsequence(EffectKind::ALL.to_vec(), 1..=13),
    ) {
        let plan = SeededFaults { effects, ..SeededFaults::new(seed, Rate::percent(percent)) };
        let (answers, faults) = run(seeded(plan.clone()));
        prop_assert_eq!(&run(seeded(plan.clone())), &(answers.clone(), faults.clone()));
        let kinds: BTreeSet<&str> = plan.effects.iter().map(|it| it.as_str()).collect();
        prop_assert!(faults.iter().all(|it| kinds.contains(it.effect.name())));
        prop_assert_eq!(run(faults.clone().into()), (answers, faults));
    }
}

#[test]
fn the_rate_is_kept() {
    let effects = vec![EffectKind::Throttle];
    let of = |percent| {
        let drawn = (0..10).map(|seed| {
            let plan = SeededFaults::new(seed, Rate::percent(percent));
            let effects = effects.clone();
            run(seeded(SeededFaults { effects, ..plan })).1.len()
        });
        drawn.sum::<usize>()
    };
    // Of 800 calls.
    let (few, half, all) = (of(5), of(50), of(100));
    assert!((15..=75).contains(&few), "{few}");
    assert!((340..=460).contains(&half), "{half}");
    assert_eq!(all, 800);
}

#[test]
fn what_others_change_can_be_chosen() {
    let mut account = Account::new();
    let (one, other) = (account.volume(1), account.volume(1));
    let mut plan = SeededFaults::new(3, Rate::percent(100));
    plan.effects = vec![EffectKind::DriftTagged];
    plan.resources = vec![other.parse().unwrap()];
    account.twin.set_faults(seeded(plan));
    account.ok("DescribeVolumes", json!({"VolumeIds": [one]}));
    assert_eq!(account.see(&one)["Tags"], json!([]));
    assert_ne!(account.see(&other)["Tags"], json!([]));
}
