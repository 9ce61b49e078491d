//! Sources on the command line: what they hold, under which policy they are read.

use std::path::Path;

use miette::{IntoDiagnostic, Report};
use sandtable_model::{Policy, Snapshot};
use sandtable_scenario::{Scenario, Source, SourceOptions};

use crate::args::{PolicyArgs, ReadingArgs, SourceArgs};
use crate::files::read_text;
use crate::output::say;
use crate::{endpoint, estate};

/// A source, opened.
pub(crate) struct Opened {
    pub(crate) snapshot: Snapshot,
    pub(crate) scenario: Option<Scenario>,
    pub(crate) policy: Policy,
}

/// Opens a source under its own policy.
pub(crate) fn open(args: &SourceArgs) -> miette::Result<Opened> {
    open_path(&args.source, &args.reading)
}

/// Opens a source under the policy of a file, where one is named.
pub(crate) fn open_under(args: &SourceArgs, policy: &PolicyArgs) -> miette::Result<Opened> {
    let mut opened = open(args)?;
    override_policy(&mut opened, policy)?;
    Ok(opened)
}

/// Puts the policy of a file in place of the source's own.
pub(crate) fn override_policy(opened: &mut Opened, args: &PolicyArgs) -> miette::Result<()> {
    if let Some(path) = &args.policy {
        opened.policy =
            sandtable_scenario::read_policy(path, &read_text(path)?).map_err(Report::new)?;
    }
    Ok(())
}

/// Opens a source by its path, by the URL at which an account answers, or as a generated estate; what people should know about how it was read goes to standard error.
pub(crate) fn open_path(path: &Path, reading: &ReadingArgs) -> miette::Result<Opened> {
    if let Some(url) = endpoint::url_of(path) {
        return Ok(Opened {
            snapshot: endpoint::look(url, reading)?,
            scenario: None,
            policy: Policy::default(),
        });
    }
    if let Some(snapshot) = estate::of(path)? {
        return Ok(Opened {
            snapshot,
            scenario: None,
            policy: Policy::default(),
        });
    }
    let options = SourceOptions {
        region: parse(reading.region.as_deref())?,
        account: parse(reading.account.as_deref())?,
        now: parse(reading.now.as_deref())?,
    };
    let loaded = Source::open_with(path, &options).map_err(Report::new)?;
    for note in &loaded.notes {
        say(&format!("note: {note}"));
    }
    let policy = loaded
        .scenario
        .as_ref()
        .map(|it| it.policy.clone())
        .unwrap_or_default();
    Ok(Opened {
        snapshot: loaded.snapshot,
        scenario: loaded.scenario,
        policy,
    })
}

fn parse<T>(text: Option<&str>) -> miette::Result<Option<T>>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.map(|text| text.parse().into_diagnostic()).transpose()
}
