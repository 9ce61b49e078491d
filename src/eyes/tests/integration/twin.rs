//! The eyes over a twin, through the real SDK without a socket: what they see is what is there.

use std::sync::Arc;

use proptest::prelude::*;
use sandtable_model::resource::{Attribute, Instance};
use sandtable_model::{Coverage, Diff, Kind, Resource, Snapshot};
use sandtable_simulator::{Effect, Fault, FaultPlan, estate};

use crate::support::{every_kind, look, served};

/// Asserts that what was seen is what is there, as far as facts go.
fn assert_same_facts(seen: &Snapshot, there: &Snapshot) {
    assert_eq!(seen.account, there.account);
    assert_eq!(Diff::between(there, seen), Diff::default());
    assert_eq!(seen.len(), there.len());
    for region in there.regions() {
        for kind in Kind::ALL {
            assert_eq!(seen.coverage(region, *kind), Coverage::Complete, "{kind}");
        }
    }
}

/// Asserts that what was seen is what is there, member by member.
fn assert_same(seen: &Snapshot, there: &Snapshot) {
    for resource in there.resources() {
        let id = resource.id();
        assert_eq!(seen.get(&id), Some(resource), "{id}");
    }
    assert_same_facts(seen, there);
}

/// What the eyes see of a twin; all of it must be seen, and a twin of it must look the same.
async fn seen_whole(there: &Snapshot) -> Snapshot {
    let seen = look(&served(there), there, 1, true).await;
    assert!(seen.incomplete.is_empty(), "{:?}", seen.incomplete);
    let seen = seen.snapshot;
    let again = look(&served(&seen), &seen, 1, true).await.snapshot;
    assert_same(&again, &seen);
    seen
}

#[tokio::test]
async fn an_estate_is_seen_as_it_is() {
    let there = estate::generate(7, 400);
    assert_same_facts(&seen_whole(&there).await, &there);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn every_estate_is_seen_as_it_is(seed: u64, size in 1_usize..150) {
        let there = estate::generate(seed, size);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        assert_same_facts(&runtime.block_on(seen_whole(&there)), &there);
    }
}

#[test]
fn one_of_each_kind_is_there_to_see() {
    let (kinds, estate) = (every_kind(), estate::generate(7, 400));
    for kind in Kind::ALL {
        let is_there = |it: &Snapshot| it.resources().any(|it| it.kind() == *kind);
        assert!(is_there(&kinds) || is_there(&estate), "{kind}");
    }
}

#[tokio::test]
async fn every_kind_is_seen_as_it_is() {
    let there = every_kind();
    let seen = seen_whole(&there).await;
    assert_same(&without_usual_attributes(&seen), &there);
}

/// AWS tells attributes that nobody set beside those that somebody did.
fn without_usual_attributes(seen: &Snapshot) -> Snapshot {
    let mut plain = Snapshot::new(seen.account.clone(), seen.taken_at, seen.origin.as_str());
    for region in seen.regions() {
        for kind in Kind::ALL {
            plain.set_coverage(region, *kind, seen.coverage(region, *kind));
        }
    }
    let forget = |attributes: &mut Vec<Attribute>| {
        assert!(!attributes.is_empty());
        attributes.clear();
    };
    for (region, resource) in seen.placed() {
        let mut resource = Resource::clone(resource);
        match &mut resource {
            Resource::LoadBalancer(it) => forget(&mut it.attributes),
            Resource::TargetGroup(it) => forget(&mut it.attributes),
            Resource::ClassicLoadBalancer(it) => forget(&mut it.attributes),
            _ => {}
        }
        plain.insert(region, Arc::new(resource)).unwrap();
    }
    plain
}

#[tokio::test]
async fn attributes_that_were_not_asked_for_are_unknown() {
    let there = estate::generate(7, 50);
    let seen = look(&served(&there), &there, 1, false).await.snapshot;
    let mut instances = seen.all::<Instance>().peekable();
    assert!(instances.peek().is_some());
    assert!(
        instances.all(|it| it.disable_api_termination.is_none() && it.disable_api_stop.is_none())
    );
}

fn fault(action: &str, times: u32, effect: Effect) -> FaultPlan {
    let mut fault = Fault::new(action, effect);
    fault.times = times;
    FaultPlan::from(vec![fault])
}

#[tokio::test]
async fn throttled_reads_are_tried_again() {
    let there = estate::generate(7, 50);
    let service = served(&there);
    let faults = fault("DescribeVolumes", 2, Effect::Throttle);
    service.lock().unwrap().twin_mut().set_faults(faults);
    let seen = look(&service, &there, 4, false).await;
    assert_eq!(service.lock().unwrap().twin().struck().len(), 2);
    assert!(seen.incomplete.is_empty(), "{:?}", seen.incomplete);
}

#[tokio::test]
async fn what_stays_refused_is_unknown() {
    let (estate, kinds) = (estate::generate(7, 50), every_kind());
    for (there, action, kind) in [
        (&estate, "DescribeVolumes", Kind::Volume),
        (
            &kinds,
            "GetManagedPrefixListEntries",
            Kind::ManagedPrefixList,
        ),
        (
            &kinds,
            "SearchTransitGatewayRoutes",
            Kind::TransitGatewayRouteTable,
        ),
        (&kinds, "elbv2:DescribeRules", Kind::LoadBalancer),
        (&kinds, "elbv2:DescribeTargetHealth", Kind::TargetGroup),
        (
            &kinds,
            "autoscaling:DescribeAutoScalingGroups",
            Kind::AutoScalingGroup,
        ),
        (&kinds, "rds:DescribeDBInstances", Kind::DbInstance),
        (&kinds, "cloudformation:ListStackResources", Kind::Stack),
    ] {
        for effect in [Effect::Denied, Effect::Throttle, Effect::TimeoutBefore] {
            let service = served(there);
            let faults = fault(action, 100, effect);
            service.lock().unwrap().twin_mut().set_faults(faults);
            let seen = look(&service, there, 2, false).await;
            let unseen: Vec<Kind> = seen.incomplete.iter().map(|it| it.kind).collect();
            assert_eq!(unseen, [kind], "{action}");
            for region in there.regions() {
                let coverage = seen.snapshot.coverage(region, kind);
                let Coverage::Unknown { reason } = coverage else {
                    panic!("{action}: {coverage:?}");
                };
                let operation = action.split(':').next_back().unwrap();
                assert!(reason.contains(operation), "{reason}");
            }
            assert!(seen.snapshot.resources().all(|it| it.kind() != kind));
        }
    }
}
