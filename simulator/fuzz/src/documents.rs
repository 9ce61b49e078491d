//! The readers of what people hand over: scenarios, snapshots, folders of describe answers. What can be
//! read is rehearsed; what cannot is told with its place.

use std::path::Path;

use miette::GraphicalReportHandler;
use sandtable_model::{Document, Duration, Policy, Snapshot};
use sandtable_orchestrator::Prices;
use sandtable_scenario::{
    Loaded, RehearseOptions, Source, SourceError, SourceOptions, read_scenario, rehearse,
};
use sandtable_simulator::{Twin, TwinOptions};

/// Larger texts only take longer.
const MOST_BYTES: usize = 16 * 1024;

/// A scenario file.
pub fn scenario(data: &[u8]) {
    let Some(text) = text(data) else { return };
    match read_scenario(Path::new("fuzz.yaml"), text) {
        Ok(loaded) => try_out(&loaded),
        Err(error) => tell(&error),
    }
}

/// A snapshot, as it is when unpacked.
pub fn snapshot(data: &[u8]) {
    let Some(text) = text(data) else { return };
    match Snapshot::from_json(text) {
        Ok(snapshot) => try_out(&Loaded {
            snapshot,
            scenario: None,
            notes: Vec::new(),
        }),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A folder of describe answers. A line `---` stands between two files; every second one is in the
/// folder of a Region.
pub fn answers(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("eu-west-1");
    std::fs::create_dir(&inner).expect("a folder");
    for (number, file) in text.split("\n---\n").take(4).enumerate() {
        let place = if number % 2 == 0 {
            folder.path()
        } else {
            &inner
        };
        let name = place.join(format!("describe-{number}.json"));
        std::fs::write(name, file).expect("a file");
    }
    match Source::open_with(folder.path(), &SourceOptions::default()) {
        Ok(loaded) => try_out(&loaded),
        Err(error) => tell(&error),
    }
}

fn text(data: &[u8]) -> Option<&str> {
    let is_small = data.len() <= MOST_BYTES;
    std::str::from_utf8(data).ok().filter(|_| is_small)
}

/// A mistake is told as on a terminal.
fn tell(error: &SourceError) {
    let mut told = String::new();
    let handler = GraphicalReportHandler::new_themed(miette::GraphicalTheme::none());
    handler
        .render_report(&mut told, error)
        .expect("a mistake that can be told");
    assert!(!told.trim().is_empty());
}

/// What was read can be written and read again, is a twin, and can be rehearsed.
fn try_out(loaded: &Loaded) {
    let snapshot = &loaded.snapshot;
    let written = snapshot.to_pretty().expect("a snapshot is a document");
    let read = Snapshot::from_json(&written).expect("a snapshot that was just written");
    assert!(read == *snapshot, "the snapshot is another one once read");
    let digest = snapshot.digest().expect("a snapshot has a digest");
    assert_eq!(read.digest().expect("a snapshot has a digest"), digest);
    let mut twin = Twin::from_snapshot(snapshot, TwinOptions::default());
    twin.advance(Duration::from_days(40));
    let policy = match &loaded.scenario {
        Some(scenario) => scenario.policy.clone(),
        None => Policy::default(),
    };
    let prices = Prices::embedded();
    let run = || rehearse(loaded, &policy, &prices, None, &RehearseOptions::default());
    match (run(), run()) {
        (Ok(one), Ok(other)) => {
            assert_eq!(
                one.receipt, other.receipt,
                "another receipt the second time"
            );
        }
        (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string()),
        _ => panic!("a rehearsal only one time of two"),
    }
}
