//! Policy files.

use std::path::Path;

use sandtable_model::{Document, Policy};
use serde::Deserialize;

use crate::build::Problem;
use crate::source::{ScenarioError, SourceError};
use crate::yaml;

/// A policy file: the members of a policy below its `format`.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
}

/// Reads a policy out of the YAML `text`; `path` is named in messages. A member `format`, when there
/// is one, must be that of a policy.
pub fn read_policy(path: &Path, text: &str) -> Result<Policy, SourceError> {
    let fail = |position, message| {
        SourceError::Scenario(Box::new(ScenarioError {
            path: path.to_owned(),
            text: text.to_owned(),
            problems: vec![Problem { position, message }],
        }))
    };
    let head: Option<Head> = yaml::read(text).ok();
    let body = match head.and_then(|head| head.format) {
        Some(format) if format == Policy::FORMAT => without_format(text),
        Some(format) => {
            let message = format!(
                "this is `{format}`, but `{}` is needed here",
                Policy::FORMAT
            );
            return Err(fail(yaml::Position::default(), message));
        }
        None => text.to_owned(),
    };
    yaml::read(&body).map_err(|error| fail(error.position, error.message))
}

/// The text with the line of `format` emptied, so that positions stay what they are.
fn without_format(text: &str) -> String {
    let lines = text.lines().map(|line| {
        if line.starts_with("format:") {
            ""
        } else {
            line
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
