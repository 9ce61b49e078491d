//! Text for a terminal: a line a scenario, and below failed ones why, the seed and the command.

use super::{reasons, summary};
use crate::run::ScenarioReport;

/// The report as text, readable without colour.
pub fn human(reports: &[ScenarioReport]) -> String {
    let mut text = String::new();
    for report in reports {
        let word = if report.passed() { "pass" } else { "FAIL" };
        text.push_str(&format!("{word}  {}\n", report.file.display()));
        if report.passed() {
            continue;
        }
        for line in reasons(report).iter().flat_map(|reason| reason.lines()) {
            text.push_str(&format!("      {line}\n"));
        }
        let (seed, command) = (report.seed, report.command());
        text.push_str(&format!(
            "      seed {seed}; run it again with: {command}\n"
        ));
    }
    text.push_str(&summary(reports));
    text.push('\n');
    text
}
