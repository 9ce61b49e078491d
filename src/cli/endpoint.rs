//! An account at an endpoint as a source: LocalStack, moto, or a served twin.
//!
//! The eyes look at it and tell a snapshot; this program links no client of AWS.

use std::path::Path;
use std::process::{Command, Stdio};

use miette::{IntoDiagnostic, WrapErr, miette};
use sandtable_model::{Document, Snapshot};

use crate::args::ReadingArgs;
use crate::exit::Exit;
use crate::programs::{Line, find};

/// The URL that a source is, if it is none of the file system.
pub(crate) fn url_of(source: &Path) -> Option<&str> {
    let text = source.to_str()?;
    let is_url = text.starts_with("http://") || text.starts_with("https://");
    is_url.then_some(text)
}

/// Looks at what answers at `url`. What the eyes say, of what they could not see too, goes to standard
/// error.
///
/// # Errors
/// There are no eyes, or they saw nothing; they have then said why.
pub(crate) fn look(url: &str, reading: &ReadingArgs) -> miette::Result<Snapshot> {
    let path = find("sandtable-eyes")?;
    let mut line = Line::default();
    line.option("--endpoint", Some(&url.to_owned()));
    line.option("--region", reading.region.as_ref());
    line.option("--account", reading.account.as_ref());
    line.option("--now", reading.now.as_ref());
    line.word("--attributes");
    line.word("--output=-");
    let output = Command::new(&path)
        .args(line.words())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot run `{}`", path.display()))?;
    match output.status.code().and_then(Exit::from_code) {
        Some(Exit::Success | Exit::Partial) => {}
        Some(Exit::Input) => return Err(miette!("no snapshot could be taken of {url}")),
        _ => {
            let status = output.status;
            return Err(miette!("`sandtable-eyes` ended unexpectedly: {status}"));
        }
    }
    let text = String::from_utf8(output.stdout).into_diagnostic();
    let text = text.wrap_err("`sandtable-eyes` told no text")?;
    Snapshot::from_json(&text)
        .into_diagnostic()
        .wrap_err_with(|| format!("`{}` told no snapshot of this version", path.display()))
}
