//! Running scenario files: what counts as a difference, and how it is reported.

use std::path::Path;

use sandtable_orchestrator::Prices;
use sandtable_scenario::{ScenarioReport, report, run_scenario, run_scenarios};

const HEAD: &str = r#"format: sandtable/scenario/1
name: a volume
cloud:
  now: 2026-11-24T09:30:00Z
  regions:
    us-east-1:
      Volumes:
        - VolumeId: vol-0f10000000000a001
          Size: 500
          VolumeType: gp3
          AvailabilityZone: us-east-1a
          CreateTime: 2026-02-10T09:00:00Z
      Addresses:
        - AllocationId: eipalloc-0f20000000000a001
          PublicIp: 203.0.113.40
          PublicIpv4Pool: ipv4pool-ec2-0f20000000000b001
"#;

fn run(tail: &str) -> ScenarioReport {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.yaml");
    std::fs::write(&file, format!("{HEAD}{tail}")).unwrap();
    run_scenario(&file, &Prices::embedded())
}

/// Every kind of expectation, right and wrong.
#[test]
fn each_expectation_can_fail() {
    for (right, wrong, what) in [
        (
            "findings: [{ rule: V1, resource: vol-0f10000000000a001 }]",
            "findings: []",
            "findings",
        ),
        (
            "findings: [{ rule: V1, resource: vol-0f10000000000a001, confidence: high }]",
            "findings: [{ rule: V1, resource: vol-0f10000000000a001, confidence: low }]",
            "findings",
        ),
        (
            "findings: [{ rule: V1, resource: vol-0f10000000000a001, saving_usd_month: \"40.00\" }]",
            "findings: [{ rule: V1, resource: vol-0f10000000000a001, saving_usd_month: \"40.01\" }]",
            "findings",
        ),
        (
            "not_flagged: [{ rule: N1, resource: eipalloc-0f20000000000a001, because: own pool }]",
            "not_flagged: [{ rule: N1, resource: eipalloc-0f20000000000a001, because: elsewhere }]",
            "not_flagged",
        ),
        (
            "not_flagged: []",
            "not_flagged: [{ rule: V1, resource: vol-0f10000000000a001, because: Kubernetes }]",
            "not_flagged",
        ),
        (
            "plan: [CreateSnapshot vol-0f10000000000a001, DeleteVolume vol-0f10000000000a001]",
            "plan: [CreateSnapshot vol-0f10000000000a001]",
            "plan",
        ),
        (
            "order: [[CreateSnapshot vol-0f10000000000a001, DeleteVolume vol-0f10000000000a001]]",
            "order: [[DeleteVolume vol-0f10000000000a001, CreateSnapshot vol-0f10000000000a001]]",
            "order",
        ),
        (
            "diff: { deleted: [vol-0f10000000000a001], created: { snapshot: 1 } }",
            "diff: { created: { snapshot: 1 } }",
            "diff.deleted",
        ),
        (
            "diff: { deleted: [vol-0f10000000000a001], created: { snapshot: 1 } }",
            "diff: { deleted: [vol-0f10000000000a001], created: { snapshot: 2 } }",
            "diff.created",
        ),
        (
            "diff: { deleted: [vol-0f10000000000a001], created: { snapshot: 1 } }",
            "diff: { deleted: [vol-0f10000000000a001], created: { snapshot: 1 }, changed: { eipalloc-0f20000000000a001: { Domain: { before: vpc } } } }",
            "diff.changed",
        ),
        (
            "saving_usd_month: \"15.00\"",
            "saving_usd_month: \"40.00\"",
            "saving_usd_month",
        ),
        ("verdict: pass", "verdict: fail", "verdict"),
        (
            "verdict: pass",
            "stops: { at: DeleteVolume vol-0f10000000000a001, because: x }",
            "stops",
        ),
        (
            "timeline: [CreateSnapshot, DeleteVolume]",
            "timeline: [DeleteVolume, CreateSnapshot]",
            "timeline",
        ),
    ] {
        let good = run(&format!("expect:\n  {right}\n"));
        assert!(good.passed(), "{right}: {}", report::human(&[good]));
        let bad = run(&format!("expect:\n  {wrong}\n"));
        let named = bad.mismatches.iter().any(|it| it.what.starts_with(what));
        assert!(named, "{wrong}: {}", report::human(&[bad]));
    }
}

#[test]
fn a_fault_that_never_strikes_fails_the_scenario() {
    let report = run("faults: [{ action: DeleteVpc, effect: throttle }]\n");
    let error = report.error.unwrap().to_string();
    assert!(
        error.contains("x.yaml:17:10") && error.contains("DeleteVpc"),
        "{error}"
    );
    let unknown = run("faults: [{ action: DeleteBucket, effect: throttle }]\n");
    let error = unknown.error.unwrap().to_string();
    assert!(
        error.contains("does not model the operation `DeleteBucket`"),
        "{error}"
    );
}

#[test]
fn drift_that_the_twin_refuses_fails_the_scenario() {
    let call = "{ action: DeleteVpc, parameters: { VpcId: vpc-0f10000000000a009 } }";
    let fault =
        format!("faults: [{{ action: \"*\", effect: {{ drift: {{ calls: [{call}] }} }} }}]\n");
    let report = run(&fault);
    assert!(!report.passed());
    let error = report.error.unwrap().to_string();
    assert!(error.contains("InvalidVpcID.NotFound"), "{error}");
}

/// A passing scenario, one that comes out otherwise, and one that cannot be read. The place of the
/// folder is all that differs between two runs.
fn reports(show: impl Fn(&[ScenarioReport]) -> String) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, tail) in [
        ("a.yaml", "expect: { verdict: pass }\n"),
        (
            "b.yaml",
            "options: { seed: 9 }\nexpect: { findings: [], saving_usd_month: \"1.00\" }\n",
        ),
        ("c.yaml", "expected: {}\n"),
    ] {
        std::fs::write(folder.path().join(name), format!("{HEAD}{tail}")).unwrap();
    }
    let reports = run_scenarios(&[folder.path()], &Prices::embedded()).unwrap();
    show(&reports).replace(&folder.path().display().to_string(), "FOLDER")
}

#[test]
fn reports_say_what_failed_and_how_to_run_it_again() {
    insta::assert_snapshot!("human", reports(report::human));
    insta::assert_snapshot!("markdown", reports(report::markdown));
    insta::assert_snapshot!("junit", reports(|it| report::junit(it).unwrap()));
    let json = |it: &[ScenarioReport]| serde_json::to_string_pretty(&report::json(it)).unwrap();
    insta::assert_snapshot!("json", reports(json));
}

#[test]
fn files_run_in_a_stable_order_and_missing_paths_are_errors() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/addresses");
    let reports = run_scenarios(&[&folder], &Prices::embedded()).unwrap();
    let names: Vec<_> = reports
        .iter()
        .map(|it| it.file.file_name().unwrap().to_owned())
        .collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted);
    assert!(run_scenarios(&[folder.join("none.yaml")], &Prices::embedded()).is_err());
}
