//! The command line as a user meets it: results, complaints, exit codes.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

use crate::support::{sandtable, workspace};

const EMPTY_VPC: &str = "scenarios/nat/empty-vpc.yaml";

fn run(arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::new(sandtable())
        .current_dir(workspace())
        .args(arguments)
        .assert()
}

fn stdout(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn json(assert: &assert_cmd::assert::Assert) -> Value {
    serde_json::from_str(&stdout(assert)).unwrap()
}

#[test]
fn help_is_what_the_documents_say() {
    let subcommands = [
        "", "scan", "plan", "rehearse", "approve", "apply", "resume", "verify", "diff", "graph",
        "explain", "serve", "console", "test",
    ];
    let mut text = String::new();
    for subcommand in subcommands {
        let mut arguments: Vec<&str> = subcommand.split_whitespace().collect();
        arguments.push("--help");
        let help = run(&arguments).code(0);
        text.push_str(&format!("=== sandtable {subcommand}\n{}\n", stdout(&help)));
    }
    insta::assert_snapshot!("help", text);
}

#[test]
fn rehearse_prints_one_object_with_the_promised_keys() {
    let value = json(&run(&["rehearse", EMPTY_VPC, "--format", "json"]).code(0));
    let keys: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        ["diff", "findings", "plan", "receipt", "saving", "timeline"]
    );
    let steps = value["plan"]["steps"].as_array().unwrap();
    assert!(
        steps
            .iter()
            .any(|step| step["action"] == "DeleteNatGateway"),
        "{steps:?}"
    );
    assert_eq!(value["receipt"]["verdict"], "pass");
    assert_eq!(value["receipt"]["saving_usd_month"], value["saving"]);
}

#[test]
fn plan_prints_findings_and_plan() {
    let value = json(&run(&["plan", EMPTY_VPC, "--format=json"]).code(0));
    let object = value.as_object().unwrap();
    assert_eq!(object.len(), 2);
    let rules: Vec<&Value> = object["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["rule"])
        .collect();
    assert!(rules.contains(&&Value::from("G1")), "{rules:?}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = stdout(&run(&[
        "rehearse", EMPTY_VPC, "--faults", "seed:7", "--format", "json",
    ]));
    let again = stdout(&run(&[
        "rehearse", EMPTY_VPC, "--faults", "seed:7", "--format", "json",
    ]));
    assert!(!once.is_empty() && once == again);
}

#[test]
fn what_people_read_is_reviewed() {
    insta::assert_snapshot!("rehearse", stdout(&run(&["rehearse", EMPTY_VPC]).code(0)));
    insta::assert_snapshot!("explain_rule", stdout(&run(&["explain", "g1"]).code(0)));
    let nat = nat_of_the_empty_vpc();
    insta::assert_snapshot!(
        "explain_nat",
        stdout(&run(&["explain", &nat, EMPTY_VPC]).code(0))
    );
    insta::assert_snapshot!(
        "mermaid",
        stdout(&run(&["graph", EMPTY_VPC, "--format", "mermaid"]))
    );
}

/// All that is missing, not only what the run stopped at, and what would mend it.
#[test]
fn rehearse_tells_what_is_not_allowed() {
    let read_only = "scenarios/permissions/read-only.yaml";
    let said = stdout(&run(&["rehearse", read_only]).code(1));
    for part in [
        "Permissions that are missing (4)",
        "s02  ec2:DeleteVolume on arn:aws:ec2:us-east-1:123456789012:volume/vol-0f10000000000a001",
        "A policy that allows all of it:",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let value = json(&run(&["rehearse", read_only, "--format", "json"]).code(1));
    let lacked = value["lacked_permissions"].as_array().unwrap();
    assert_eq!(lacked.len(), 4, "{lacked:?}");
    assert_eq!(lacked[0]["action"], "ec2:CreateSnapshot");
    assert_eq!(lacked[3]["step"], "s02");
}

fn nat_of_the_empty_vpc() -> String {
    let value = json(&run(&["plan", EMPTY_VPC, "--format=json"]));
    let steps = value["plan"]["steps"].as_array().unwrap();
    let step = steps
        .iter()
        .find(|step| step["action"] == "DeleteNatGateway")
        .unwrap();
    step["target"].as_str().unwrap().to_owned()
}

#[test]
fn bad_input_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let broken = write(
        "broken.yaml",
        "format: sandtable/scenario/1\nname: x\nclowd: {}\n",
    );
    let not_json = write("not.json", "{ nonsense");
    let plan = write("plan.json", r#"{"format": "sandtable/plan/9"}"#);
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    for (arguments, part) in [
        (vec!["plan", broken.as_str()], "broken.yaml:3:1"),
        (vec!["plan", not_json.as_str()], "line 1 column 3"),
        (vec!["plan", "no/such/file.yaml"], "no/such/file.yaml"),
        (vec!["plan", empty.to_str().unwrap()], "empty"),
        (
            vec!["rehearse", EMPTY_VPC, "--plan", plan.as_str()],
            "sandtable/plan/1",
        ),
        (vec!["rehearse", EMPTY_VPC, "--faults", "all"], "`all`"),
        (vec!["explain", "X99"], "`X99`"),
        (vec!["explain", "vpc-00000000"], "SOURCE"),
        (vec!["verify", plan.as_str()], "sandtable/plan/9"),
        (vec!["frobnicate"], "frobnicate"),
        (vec!["test", "no/such/folder"], "no/such/folder"),
    ] {
        let assert = run(&arguments).code(2);
        let said = stderr(&assert);
        assert!(said.contains(part), "{arguments:?} said {said}");
        assert_eq!(stdout(&assert), "", "{arguments:?} printed data");
    }
}

#[test]
fn a_state_is_the_same_as_itself_and_another_after_the_rehearsal() {
    let folder = tempfile::tempdir().unwrap();
    let after = folder.path().join("after.json");
    let after = after.to_str().unwrap();
    run(&["rehearse", EMPTY_VPC, "--after", after]).code(0);
    run(&["diff", EMPTY_VPC, EMPTY_VPC]).code(0);
    let differs = run(&["diff", EMPTY_VPC, after, "--format", "json"]).code(1);
    assert!(json(&differs)["resources"].as_object().unwrap().len() > 1);
    run(&["verify", after]).code(0);
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let missing = run(&["plan", EMPTY_VPC, "-o", "/no/such/folder/plan.json"]).code(2);
    assert!(stderr(&missing).contains("/no/such/folder/plan.json"));
    assert!(!Path::new("/no/such/folder").exists());
}

#[test]
fn the_scenarios_pass_and_a_report_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("junit.xml");
    run(&["test", "scenarios", "--junit", report.to_str().unwrap()]).code(0);
    let xml = std::fs::read_to_string(&report).unwrap();
    assert!(
        xml.contains("<testsuite") && xml.contains("empty-vpc"),
        "{xml}"
    );
}

#[test]
fn the_programs_that_talk_to_aws_are_looked_for() {
    let alone = tempfile::tempdir().unwrap();
    let program = alone.path().join("sandtable");
    std::fs::copy(sandtable(), &program).unwrap();
    let assert = Command::new(&program)
        .env("PATH", "/nowhere")
        .args(["scan", "-o", "x.json"])
        .assert()
        .code(2);
    assert!(stderr(&assert).contains("cargo build --release -p sandtable-eyes"));
}
