//! One JSON object, for other programs.

use serde_json::{Value, json};

use crate::run::ScenarioReport;

/// The report as JSON: counts, and an entry a scenario with its mismatches.
pub fn json(reports: &[ScenarioReport]) -> Value {
    let failed = reports.iter().filter(|it| !it.passed()).count();
    let scenarios: Vec<Value> = reports.iter().map(entry).collect();
    json!({
        "passed": reports.len() - failed,
        "failed": failed,
        "scenarios": scenarios,
    })
}

fn entry(report: &ScenarioReport) -> Value {
    json!({
        "file": report.file.display().to_string(),
        "name": report.name,
        "passed": report.passed(),
        "seed": report.seed,
        "command": report.command(),
        "error": report.error.as_ref().map(ToString::to_string),
        "mismatches": report.mismatches,
        "saving_usd_month": report.rehearsal.as_ref().map(|it| it.saving_usd_month),
    })
}
