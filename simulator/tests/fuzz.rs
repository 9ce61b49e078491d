//! The fuzz targets of the twin (`simulator/fuzz`) over their corpus and over bytes drawn from seeds.

#![expect(
    unreachable_pub,
    reason = "the modules are also a library of their own, for libFuzzer"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;

#[path = "../fuzz/src/calls.rs"]
mod calls;
#[path = "../fuzz/src/policy.rs"]
mod policy;
#[path = "../fuzz/src/request.rs"]
mod request;
#[path = "../fuzz/src/scene.rs"]
mod scene;
#[path = "../fuzz/src/seeded.rs"]
mod seeded;
#[path = "../fuzz/src/vocabulary.rs"]
mod vocabulary;
#[path = "../fuzz/src/wire.rs"]
mod wire;
#[path = "../fuzz/src/world.rs"]
mod world;

fn target(name: &'static str, run: fn(&[u8])) -> seeded::Target {
    seeded::Target {
        name,
        run,
        package: "sandtable-simulator",
        folder: seeded::folder(env!("CARGO_MANIFEST_DIR")),
        scratch: PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
    }
}

#[test]
fn wire() {
    target("wire", wire::run).try_all(400);
}

#[test]
fn calls() {
    target("calls", calls::run).try_all(48);
}

#[test]
fn policy() {
    target("policy", policy::run).try_all(200);
}

/// What the targets look for would never show on a twin that refuses everything.
#[test]
fn many_operations_are_allowed() {
    let mut from = sandtable_simulator::IdSource::new(1);
    let mut allowed = BTreeSet::new();
    for _ in 0..40 {
        let numbers = (0..200).map(|_| from.next_number());
        let bytes: Vec<u8> = numbers.flat_map(u64::to_le_bytes).collect();
        let made = calls::play(&bytes).into_iter();
        allowed.extend(made.filter(|it| it.2).map(|(api, action, _)| (api, action)));
    }
    println!("{}", allowed.len());
    assert!(allowed.len() > 100, "only {}: {allowed:?}", allowed.len());
}
