//! Every scenario file of the repository, a test each: `cargo test -p sandtable-scenario nat/` runs a
//! family.

use std::path::Path;

use sandtable_orchestrator::Prices;
use sandtable_scenario::{report, run_scenario};

fn scenario(path: &Path) -> datatest_stable::Result<()> {
    let outcome = run_scenario(path, &Prices::embedded());
    if outcome.passed() {
        return Ok(());
    }
    Err(report::human(&[outcome]).into())
}

datatest_stable::harness! {
    { test = scenario, root = "../../scenarios", pattern = r"\.ya?ml$" },
}
