//! The recorded answers of AWS: every folder of them must load, with nothing lost in silence.
//!
//! The data stands beside the checkout. Where it is not there the tests say so and pass, unless
//! `SANDTABLE_REQUIRE_DATA=1` asks for it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sandtable_model::resource::answer_key;
use sandtable_model::{Document, Kind, Policy, Snapshot};
use sandtable_orchestrator::Prices;
use sandtable_scenario::{RehearseOptions, Source, rehearse};
use serde_json::Value;

fn data() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/aws-recorded");
    if path.is_dir() {
        return Some(path);
    }
    let required = std::env::var_os("SANDTABLE_REQUIRE_DATA").is_some_and(|it| it == "1");
    assert!(
        !required,
        "SANDTABLE_REQUIRE_DATA is set, but {} is not there",
        path.display()
    );
    eprintln!("skipped: no recorded answers at {}", path.display());
    None
}

fn folders(data: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(data.join("accounts")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
    folders.sort();
    folders.push(data.join("combined"));
    folders
}

/// How many entries of modelled kinds the files of a folder hold; entries with one id (some
/// recordings were edited) count once.
fn entries(folder: &Path) -> usize {
    let mut seen = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        for key in Kind::ALL.iter().map(|kind| answer_key(*kind)) {
            note(key, &value[key], &mut seen);
        }
        for reservation in value["Reservations"].as_array().into_iter().flatten() {
            note("Instances", &reservation["Instances"], &mut seen);
        }
    }
    seen.len()
}

fn note(key: &str, list: &Value, seen: &mut BTreeSet<String>) {
    for entry in list.as_array().into_iter().flatten() {
        let id = format!("{}Id", key.trim_end_matches('s'));
        let id = entry[&id].as_str().map(str::to_owned);
        seen.insert(id.unwrap_or_else(|| format!("{key} {entry}")));
    }
}

#[test]
fn every_recorded_folder_loads_and_every_entry_is_accounted_for() {
    let Some(data) = data() else { return };
    let folders = folders(&data);
    assert!(folders.len() > 150, "only {} folders", folders.len());
    for folder in folders {
        let loaded = Source::open(&folder).unwrap();
        let left_out = loaded.notes.iter().filter(|it| it.contains("was left out"));
        let accounted = loaded.snapshot.len() + left_out.count();
        assert_eq!(
            accounted,
            entries(&folder),
            "{}: {:#?}",
            folder.display(),
            loaded.notes
        );
    }
}

#[test]
fn recorded_answers_survive_the_way_into_a_snapshot_and_back() {
    let Some(data) = data() else { return };
    for folder in folders(&data) {
        let loaded = Source::open(&folder).unwrap();
        let text = loaded.snapshot.to_pretty().unwrap();
        assert_eq!(
            Snapshot::from_json(&text).unwrap(),
            loaded.snapshot,
            "{}",
            folder.display()
        );
    }
}

#[test]
fn recorded_accounts_can_be_understood_planned_and_rehearsed() {
    let Some(data) = data() else { return };
    for folder in folders(&data) {
        let loaded = Source::open(&folder).unwrap();
        let (policy, prices) = (Policy::default(), Prices::embedded());
        let options = RehearseOptions::default();
        let rehearsal = rehearse(&loaded, &policy, &prices, None, &options);
        let rehearsal = rehearsal.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let problems = &rehearsal.receipt.problems;
        assert!(problems.is_empty(), "{}: {problems:#?}", folder.display());
    }
}
