//! The fuzz targets of the readers (`simulator/fuzz`) over their corpus and over bytes drawn from seeds.

#![expect(
    unreachable_pub,
    reason = "the modules are also a library of their own, for libFuzzer"
)]

use std::path::PathBuf;

#[path = "../../../simulator/fuzz/src/documents.rs"]
mod documents;
#[path = "../../../simulator/fuzz/src/seeded.rs"]
mod seeded;

fn target(name: &'static str, run: fn(&[u8])) -> seeded::Target {
    let simulator = concat!(env!("CARGO_MANIFEST_DIR"), "/../../simulator");
    seeded::Target {
        name,
        run,
        package: "sandtable-scenario",
        folder: seeded::folder(simulator),
        scratch: PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
    }
}

#[test]
fn scenario() {
    target("scenario", documents::scenario).try_all(120);
}

#[test]
fn snapshot() {
    target("snapshot", documents::snapshot).try_all(120);
}

#[test]
fn answers() {
    target("answers", documents::answers).try_all(120);
}
