//! The examples in `docs/scenarios.md` are read like any scenario.

use std::path::Path;

use sandtable_scenario::read_scenario;

#[test]
fn every_example_of_the_documentation_reads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scenarios.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let blocks = text.split("```yaml\n").skip(1);
    let examples: Vec<&str> = blocks.map(|it| it.split("```").next().unwrap()).collect();
    assert!(examples.len() >= 6, "only {} examples", examples.len());
    for example in examples {
        let whole = whole(example);
        if let Err(error) = read_scenario(Path::new("docs/scenarios.md"), &whole) {
            panic!("{error}\nin\n{whole}");
        }
    }
}

/// A part of a file, with what a whole file needs besides it.
fn whole(example: &str) -> String {
    let mut text = String::new();
    if !example.contains("format:") {
        text.push_str("format: sandtable/scenario/1\nname: x\n");
    }
    if !example.contains("cloud:") {
        text.push_str("cloud: { now: 2026-11-24T09:30:00Z, regions: { us-east-1: {} } }\n");
    }
    text + example
}

#[test]
fn every_member_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scenarios.md");
    let text = std::fs::read_to_string(path).unwrap();
    let schema = sandtable_scenario::json_schema();
    let mut names: Vec<String> = members(&schema);
    for part in [
        "Cloud",
        "Permissions",
        "Role",
        "RegionCloud",
        "Policy",
        "Options",
        "Expect",
        "DiffExpectation",
        "Fault",
        "SeededFaults",
        "ForeignCall",
        "Stop",
        "NotFlagged",
        "ExpectedFinding",
    ] {
        let definition = &schema["$defs"][part];
        assert!(definition.is_object(), "{part} is not in the schema");
        names.extend(members(definition));
    }
    for name in names {
        assert!(
            text.contains(&name),
            "docs/scenarios.md says nothing of `{name}`"
        );
    }
}

fn members(schema: &serde_json::Value) -> Vec<String> {
    schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}
