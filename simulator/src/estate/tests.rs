//! Estates are whole, have every kind, and are what their truth says.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::state::{Bond, references_of};

#[test]
fn estates_are_whole_and_reproducible() {
    let estate = generate(7, 1000);
    assert!((1000..1200).contains(&estate.len()), "{}", estate.len());
    assert_eq!(estate, generate(7, 1000));
    assert_ne!(estate, generate(8, 1000));
    assert_eq!(generate_with_truth(7, 1000).0, estate);
}

#[test]
fn nothing_dangles() {
    for seed in 0..12 {
        let estate = generate(seed, 1500);
        for resource in estate.resources() {
            for (target, bond) in references_of(resource) {
                let is_there = estate.get(&target).is_some();
                let id = resource.id();
                assert!(
                    bond == Bond::Past || is_there,
                    "seed {seed}: {id} names {target}"
                );
            }
        }
    }
}

#[test]
fn every_kind_occurs() {
    for seed in 0..24 {
        let estate = generate(seed, 1500);
        let kinds: BTreeSet<Kind> = estate.resources().map(|it| it.kind()).collect();
        for kind in Kind::ALL {
            assert!(kinds.contains(kind), "seed {seed}: no {kind}");
        }
    }
}

/// Volumes, snapshots, interfaces and instances are most of an account; what is rare stays rare.
#[test]
fn the_mix_stays_that_of_an_account() {
    let estate = generate(3, 20_000);
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for resource in estate.resources() {
        *counts.entry(resource.kind()).or_default() += 1;
    }
    let of = |kinds: &[Kind]| -> usize { kinds.iter().map(|it| counts[it]).sum() };
    let bulk = of(&[
        Kind::Volume,
        Kind::EbsSnapshot,
        Kind::NetworkInterface,
        Kind::Instance,
    ]);
    assert!(bulk * 2 > estate.len(), "{counts:?}");
    let rare = Kind::ALL.iter().filter(|it| **it > Kind::AutoScalingGroup);
    for kind in rare.filter(|it| **it != Kind::NetworkAcl) {
        assert!(of(&[*kind]) * 50 < estate.len(), "{kind}: {counts:?}");
    }
}

#[test]
fn addresses_within_a_subnet_are_taken_once() {
    let estate = generate(5, 4000);
    let mut taken = BTreeSet::new();
    for it in estate.all::<sandtable_model::resource::NetworkInterface>() {
        let subnet = estate.get(&(&it.subnet_id).into()).unwrap();
        let subnet = subnet.get::<sandtable_model::resource::Subnet>().unwrap();
        let ip = it.private_ip_address.clone().unwrap();
        let net = subnet.cidr_block.strip_suffix("0/24").unwrap();
        assert!(ip.starts_with(net), "{ip} is not in {}", subnet.cidr_block);
        let taken_twice = !taken.insert((it.subnet_id.clone(), ip.clone()));
        assert!(!taken_twice, "{ip} twice in {}", it.subnet_id);
    }
}

#[test]
fn the_truth_is_about_what_is_there() {
    // What is cured by a change, not by deleting what somebody needs.
    const CURED: &[&str] = &["V3", "G36", "G32"];
    let mut patterns = BTreeSet::new();
    for seed in 0..8 {
        let (estate, truth) = generate_with_truth(seed, 1500);
        for it in &truth.planted {
            assert!(estate.get(&it.id).is_some(), "seed {seed}: {it:?}");
            let needed = truth.needed.contains(&it.id);
            let cured = CURED.contains(&it.pattern);
            assert!(cured || needed != it.waste, "seed {seed}: {it:?}");
            patterns.insert((it.pattern, it.waste));
        }
        for id in &truth.needed {
            assert!(estate.get(id).is_some(), "seed {seed}: {id}");
        }
    }
    let of = |waste| {
        let all = patterns.iter().filter(move |it| it.1 == waste);
        all.map(|it| it.0).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        of(true),
        "G1 G11 G15 G16 G19 G23 G24 G25 G26 G27 G30 G31 G32 G35 G36 G38 G39 G4 G42 L2 L3 N1 N5 R10 \
         R6 S2 V1 V3"
    );
    assert_eq!(of(false), "G1 G23 G24 G25 G26 G27 G39 L1 L2 N1 S2 V1");
}
