//! JUnit XML, for build servers. Times are left out: a rehearsal runs under virtual time.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::reasons;
use crate::run::ScenarioReport;

/// The report as JUnit XML: a suite for each folder, a case for each file.
///
/// # Errors
/// When the XML cannot be written, which the library reserves the right to say.
pub fn junit(reports: &[ScenarioReport]) -> Result<String, quick_junit::SerializeError> {
    let mut document = Report::new("sandtable scenarios");
    let mut suites: indexmap::IndexMap<String, TestSuite> = indexmap::IndexMap::new();
    for report in reports {
        let folder = report.file.parent().map(|it| it.display().to_string());
        let folder = folder
            .filter(|it| !it.is_empty())
            .unwrap_or_else(|| ".".to_owned());
        let suite = suites
            .entry(folder)
            .or_insert_with_key(|it| TestSuite::new(it.as_str()));
        suite.add_test_case(case(report));
    }
    document.add_test_suites(suites.into_values());
    document.to_string()
}

fn case(report: &ScenarioReport) -> TestCase {
    let stem = report
        .file
        .file_stem()
        .and_then(|it| it.to_str())
        .unwrap_or("scenario");
    let status = if report.passed() {
        TestCaseStatus::success()
    } else {
        let kind = match report.error {
            Some(_) => NonSuccessKind::Error,
            None => NonSuccessKind::Failure,
        };
        let mut status = TestCaseStatus::non_success(kind);
        let why = reasons(report).join("\n");
        let first = why.lines().next().unwrap_or_default().to_owned();
        let (seed, command) = (report.seed, report.command());
        status
            .set_message(first)
            .set_description(format!("{why}\nseed {seed}; run it again with: {command}"));
        status
    };
    let mut case = TestCase::new(stem, status);
    case.set_classname(report.file.display().to_string());
    case
}
