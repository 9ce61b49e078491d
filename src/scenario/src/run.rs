//! Running scenario files as tests.

use std::path::{Path, PathBuf};

use sandtable_orchestrator::Prices;

use crate::compare::{Mismatch, compare};
use crate::discover::discover;
use crate::faults::Faults;
use crate::rehearse::{Rehearsal, RehearseOptions, rehearse};
use crate::source::{Loaded, Source, SourceError};

/// What came of running a scenario file.
#[derive(Debug)]
pub struct ScenarioReport {
    /// The file, as it was named.
    pub file: PathBuf,
    /// What the scenario shows; empty when the file could not be read.
    pub name: String,
    /// The seed of the run.
    pub seed: u64,
    /// What came out otherwise than expected.
    pub mismatches: Vec<Mismatch>,
    /// Why there was no rehearsal to compare with.
    pub error: Option<ScenarioFailure>,
    /// The rehearsal, when there was one.
    pub rehearsal: Option<Box<Rehearsal>>,
}

/// Why a scenario could not be run.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioFailure {
    /// The file could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The file is no scenario.
    #[error("`{}` is not a scenario file", .0.display())]
    NotAScenario(PathBuf),
    /// There was no rehearsal.
    #[error(transparent)]
    Rehearse(#[from] crate::RehearseError),
}

impl ScenarioReport {
    /// Whether all came out as expected.
    pub fn passed(&self) -> bool {
        self.error.is_none() && self.mismatches.is_empty()
    }

    /// The command that runs this scenario again.
    pub fn command(&self) -> String {
        format!(
            "sandtable test {}",
            quoted(&self.file.display().to_string())
        )
    }
}

/// Runs every scenario file among and below `paths`, in a stable order.
///
/// # Errors
/// When a path is not there or a folder cannot be read. What is wrong with a file is told in its
/// report.
pub fn run_scenarios(
    paths: &[impl AsRef<Path>],
    prices: &Prices,
) -> Result<Vec<ScenarioReport>, SourceError> {
    let files = discover(paths)?;
    Ok(files
        .iter()
        .map(|file| run_scenario(file, prices))
        .collect())
}

/// Runs one scenario file and compares what comes of it with what the file expects.
pub fn run_scenario(file: &Path, prices: &Prices) -> ScenarioReport {
    let mut report = ScenarioReport {
        file: file.to_owned(),
        name: String::new(),
        seed: 0,
        mismatches: Vec::new(),
        error: None,
        rehearsal: None,
    };
    match Source::open(file) {
        Ok(loaded) => report.run(&loaded, prices),
        Err(error) => report.error = Some(error.into()),
    }
    report
}

impl ScenarioReport {
    fn run(&mut self, loaded: &Loaded, prices: &Prices) {
        let Some(scenario) = &loaded.scenario else {
            self.error = Some(ScenarioFailure::NotAScenario(self.file.clone()));
            return;
        };
        self.name.clone_from(&scenario.name);
        self.seed = scenario.options.seed;
        let each = scenario.expect.faults_each.is_some();
        let options = RehearseOptions {
            faults: if each { Faults::Each } else { Faults::None },
            ..RehearseOptions::default()
        };
        match rehearse(loaded, &scenario.policy, prices, None, &options) {
            Ok(rehearsal) => {
                self.mismatches = compare(scenario, &rehearsal);
                self.rehearsal = Some(Box::new(rehearsal));
            }
            Err(error) => self.error = Some(error.into()),
        }
    }
}

/// A word of a command, quoted where a shell would take it apart.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-:@%=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
