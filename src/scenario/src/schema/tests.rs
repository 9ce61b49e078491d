//! The exported schema is the committed one, and the files of the repository obey it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::json_schema;
use crate::yaml;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_committed_schema_is_the_exported_one() {
    let path = root().join("docs/schemas/scenario.schema.json");
    let exported = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
    if std::env::var_os("SANDTABLE_UPDATE").is_some() {
        std::fs::write(&path, &exported).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == exported,
        "{} is stale; `SANDTABLE_UPDATE=1 cargo test -p sandtable-scenario schema` writes it anew",
        path.display()
    );
}

#[test]
fn every_scenario_file_obeys_the_schema() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    let files = crate::discover(&[root().join("scenarios")]).unwrap();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let value: Value = yaml::read(&text).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    let good = serde_json::json!({"format": "sandtable/scenario/1", "name": "x",
        "cloud": {"now": "2026-01-01T00:00:00Z", "regions": {"eu-west-1": {}}}});
    assert!(validator.is_valid(&good));
    for (pointer, value) in [
        ("/format", serde_json::json!("sandtable/scenario/2")),
        ("/cloud/regions/eu-west-1", serde_json::json!({"Vpc": []})),
        (
            "/cloud/regions/eu-west-1",
            serde_json::json!({"Vpcs": [{"VpcId": "subnet-1"}]}),
        ),
        ("/cloud", serde_json::json!({})),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&bad), "{bad}");
        assert!(
            yaml::read::<super::Scenario>(&bad.to_string()).is_err(),
            "{bad}"
        );
    }
}
