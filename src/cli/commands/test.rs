//! `test`: scenario files, held against their expectations.

use miette::{IntoDiagnostic, Report};
use sandtable_orchestrator::Prices;
use sandtable_scenario::{ScenarioReport, report, run_scenarios};

use crate::args::TestArgs;
use crate::exit::Exit;
use crate::files::write_bytes;
use crate::output::print;

/// Runs every scenario file among and below the paths.
pub(crate) fn run(args: &TestArgs) -> miette::Result<Exit> {
    let reports = run_scenarios(&args.paths, &Prices::embedded()).map_err(Report::new)?;
    if let Some(path) = &args.junit {
        write_bytes(path, report::junit(&reports).into_diagnostic()?.as_bytes())?;
    }
    print(
        args.format.format,
        &report::json(&reports),
        &report::human(&reports),
    )?;
    if reports.is_empty() {
        crate::output::say("no scenario files found");
        return Ok(Exit::Input);
    }
    let passed = reports.iter().all(ScenarioReport::passed);
    Ok(if passed {
        Exit::Success
    } else {
        Exit::Negative
    })
}
