//! Markdown, for a pull request's comment or a job's summary.

use super::{reasons, summary};
use crate::run::ScenarioReport;

/// The report as Markdown: a table, and a section for each failed scenario.
pub fn markdown(reports: &[ScenarioReport]) -> String {
    let mut text = format!("## Scenarios\n\n{}\n\n", summary(reports));
    text.push_str("| | scenario | saving a month |\n|---|---|---:|\n");
    for report in reports {
        let word = if report.passed() { "pass" } else { "**FAIL**" };
        let rehearsal = report.rehearsal.as_ref();
        let saving = rehearsal.map(|it| it.saving_usd_month.to_cents_string());
        let (file, saving) = (report.file.display(), saving.unwrap_or_default());
        let name = report.name.replace('|', "\\|");
        text.push_str(&format!("| {word} | `{file}`<br>{name} | {saving} |\n"));
    }
    for report in reports.iter().filter(|it| !it.passed()) {
        let (file, seed, command) = (report.file.display(), report.seed, report.command());
        let why = reasons(report).join("\n");
        text.push_str(&format!(
            "\n### `{file}`\n\n```text\n{why}\n```\n\nSeed {seed}; run it again with `{command}`.\n"
        ));
    }
    text
}
