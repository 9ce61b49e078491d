//! The brain over answers recorded from real accounts.
//!
//! The answers are not part of the repository; the test says so and passes where they are absent,
//! unless `SANDTABLE_REQUIRE_DATA=1` is set.

use std::path::{Path, PathBuf};

use sandtable_model::{
    AccountId, Coverage, Kind, Policy, Region, Resource, Snapshot, Timestamp, read_describe_answer,
};
use sandtable_orchestrator::{Prices, Severity, lint, monthly_cost, propose, understand};

fn data() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/aws-recorded");
    if root.is_dir() {
        return Some(root);
    }
    let required = std::env::var("SANDTABLE_REQUIRE_DATA").is_ok_and(|it| it == "1");
    assert!(!required, "{} is required and not there", root.display());
    println!("skipped: {} is not there", root.display());
    None
}

/// A snapshot of a folder of describe answers; `listed` are the kinds said to be complete.
fn load(folder: &Path, listed: &[Kind]) -> Snapshot {
    let account = AccountId::new("644160558196").unwrap();
    let region = Region::new("us-east-1").unwrap();
    let now: Timestamp = "2026-11-24T09:30:00Z".parse().unwrap();
    let mut snapshot = Snapshot::new(account, now, folder.display().to_string());
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let Ok(described) = read_describe_answer(serde_json::from_str(&text).unwrap()) else {
            continue;
        };
        snapshot.set_coverage(&region, described.kind, Coverage::Complete);
        for resource in described.resources {
            // Recordings of several accounts are put together; an id may come twice.
            _ = snapshot.insert(&region, resource);
        }
    }
    for kind in listed {
        snapshot.set_coverage(&region, *kind, Coverage::Complete);
    }
    snapshot
}

/// Understands, plans and lints; prints what a person would look at.
fn run(snapshot: &Snapshot, policy: &Policy) -> Vec<String> {
    let prices = Prices::embedded();
    let cost = monthly_cost(snapshot, &prices);
    println!(
        "{}: {} resources, {} a month",
        snapshot.origin,
        snapshot.len(),
        cost.total
    );
    let understanding = understand(snapshot, policy, &prices);
    for finding in &understanding.findings {
        let saving = finding
            .saving_usd_month
            .map_or("unknown".to_owned(), |it| it.to_string());
        println!(
            "  {} ({}, {saving}): {}",
            finding.id, finding.confidence, finding.title
        );
    }
    for it in &understanding.suppressed {
        println!(
            "  - {}/{}: {}: {}",
            it.rule, it.resource, it.guard, it.reason
        );
    }
    for line in &understanding.not_evaluated {
        println!("  ? {line}");
    }
    let plan = propose(snapshot, policy, &prices, &understanding).unwrap();
    for step in &plan.steps {
        println!("  > {} {} {}", step.id, step.action.name(), step.target());
    }
    for dropped in &plan.report.dropped {
        println!("  x {}: {}", dropped.finding, dropped.reason);
    }
    let complaints = lint(&plan, snapshot);
    let bad: Vec<String> = complaints
        .iter()
        .filter(|it| it.severity > Severity::Note)
        .map(ToString::to_string)
        .collect();
    assert!(bad.is_empty(), "{}: {bad:#?}", snapshot.origin);
    understanding
        .findings
        .into_iter()
        .map(|it| it.id.0)
        .collect()
}

#[test]
fn recorded_answers_of_many_accounts_together() {
    let Some(root) = data() else {
        return;
    };
    let policy = Policy::default();
    let strict = run(&load(&root.join("combined"), &[]), &policy);
    // Everything said to be listed: the rules have nothing to excuse themselves with.
    let all = run(&load(&root.join("combined"), Kind::ALL), &policy);
    assert!(strict.iter().all(|id| all.contains(id)));
    // The recordings are fragments: their VPCs lack main route tables, or are not there themselves.
    let gateways = all
        .iter()
        .filter(|id| id.starts_with('G') || id.starts_with("N5"));
    assert_eq!(
        gateways.count(),
        0,
        "a fragment proves nothing about a gateway"
    );
}

#[test]
fn recorded_answers_account_by_account() {
    let Some(root) = data() else {
        return;
    };
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root.join("accounts"))
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    folders.sort();
    let mut answers = 0;
    for folder in folders {
        let snapshot = load(&folder, Kind::ALL);
        answers += snapshot.len();
        let id = snapshot
            .resources()
            .next()
            .map(|it: &std::sync::Arc<Resource>| it.id());
        if let Some(id) = id {
            let report = sandtable_orchestrator::explain_resource(
                &snapshot,
                &Policy::default(),
                &Prices::embedded(),
                &id,
            );
            assert!(report.is_some());
        }
        run(&snapshot, &Policy::default());
    }
    assert!(answers > 0);
}
