//! Reports of scenario runs, for people and for other programs.

mod human;
mod json;
mod junit;
mod markdown;

pub use human::human;
pub use json::json;
pub use junit::junit;
pub use markdown::markdown;

use crate::run::ScenarioReport;

/// `12 scenarios: 11 passed, 1 failed`.
fn summary(reports: &[ScenarioReport]) -> String {
    let failed = reports.iter().filter(|it| !it.passed()).count();
    let passed = reports.len() - failed;
    let noun = if reports.len() == 1 {
        "scenario"
    } else {
        "scenarios"
    };
    format!("{} {noun}: {passed} passed, {failed} failed", reports.len())
}

/// Why a scenario failed, a block of lines an entry.
fn reasons(report: &ScenarioReport) -> Vec<String> {
    let error = report.error.iter().map(|error| format!("error: {error}"));
    let mismatches = report.mismatches.iter().map(|it| {
        let line = it
            .line
            .map_or_else(String::new, |line| format!(" (line {line})"));
        format!(
            "{}{line}\n  expected  {}\n  found     {}",
            it.what, it.expected, it.found
        )
    });
    error.chain(mismatches).collect()
}
