//! Every scenario file of the repository, a test each: `cargo test -p sandtable-scenario nat/` runs a
//! family.

use std::fmt;
use std::path::Path;

use sandtable_orchestrator::Prices;
use sandtable_scenario::{report, run_scenario};

fn scenario(path: &Path) -> datatest_stable::Result<()> {
    let outcome = run_scenario(path, &Prices::embedded());
    if outcome.passed() {
        return Ok(());
    }
    Err(Told(report::human(&[outcome])).into())
}

/// A report that the harness, which prints the debug form, shows as it is.
struct Told(String);

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Told {}

datatest_stable::harness! {
    { test = scenario, root = "../../scenarios", pattern = r"\.ya?ml$" },
}
