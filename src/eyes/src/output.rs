//! What is written: the snapshot, whole or not at all, and a summary.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use miette::{IntoDiagnostic, WrapErr};
use sandtable_eyes::{Incomplete, Scan};
use sandtable_model::{AccountId, Region, Timestamp};
use serde::Serialize;

use crate::args::{Args, Format};

/// Writes the snapshot: to standard output for `-`, else to a temporary file in the same folder which
/// then takes the file's name, so that no reader ever sees half of it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> miette::Result<()> {
    if is_stdout(path) {
        return print(bytes);
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let write = || -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write()
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write `{}`", path.display()))
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

#[derive(Serialize)]
struct Summary<'a> {
    account: &'a AccountId,
    regions: Vec<&'a Region>,
    taken_at: Timestamp,
    origin: &'a str,
    /// How many resources, by kind.
    resources: BTreeMap<&'static str, usize>,
    incomplete: &'a [Incomplete],
    output: String,
}

/// Says what was seen: on standard output, or on standard error when the snapshot goes there.
pub(crate) fn summarize(args: &Args, seen: &Scan) -> miette::Result<()> {
    let snapshot = &seen.snapshot;
    let mut resources = BTreeMap::new();
    for resource in snapshot.resources() {
        *resources.entry(resource.kind().as_str()).or_insert(0) += 1;
    }
    let summary = Summary {
        account: &snapshot.account,
        regions: snapshot.regions().collect(),
        taken_at: snapshot.taken_at,
        origin: &snapshot.origin,
        resources,
        incomplete: &seen.incomplete,
        output: args.output.display().to_string(),
    };
    let text = match args.format {
        Format::Human => human(&summary),
        Format::Json => serde_json::to_string_pretty(&summary).into_diagnostic()? + "\n",
    };
    if is_stdout(&args.output) {
        say(text.trim_end());
        return Ok(());
    }
    print(text.as_bytes())
}

fn human(summary: &Summary<'_>) -> String {
    let regions: Vec<&str> = summary.regions.iter().map(|it| it.as_str()).collect();
    let count: usize = summary.resources.values().sum();
    let mut text = format!(
        "account {} in {}: {count} resources seen at {}\n",
        summary.account,
        regions.join(", "),
        summary.taken_at
    );
    for (kind, count) in &summary.resources {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {count:>6}  {kind}");
    }
    for it in summary.incomplete {
        let _ = writeln!(
            text,
            "  not wholly seen: {} in {}: {}",
            it.kind, it.region, it.reason
        );
    }
    let _ = writeln!(text, "snapshot written to {}", summary.output);
    text
}

/// Prints data. A reader that went away is no error.
fn print(bytes: &[u8]) -> miette::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.into_diagnostic(),
    }
}

/// Says something to the person at the terminal.
pub(crate) fn say(text: &str) {
    // Nobody to tell when standard error is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
