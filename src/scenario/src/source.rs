//! What can be rehearsed: a scenario file, a snapshot, or a folder of describe answers.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use sandtable_model::{AccountId, Document, DocumentError, Policy, Region, Snapshot, Timestamp};
use thiserror::Error;

use crate::build::Problem;
use crate::schema::Scenario;
use crate::yaml::Position;
use crate::{build, folder, yaml};

/// A snapshot and what came with it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What is there.
    pub snapshot: Snapshot,
    /// The scenario, when the source is one.
    pub scenario: Option<Scenario>,
    /// What people should know about how the source was read: what was passed over, left out or
    /// assumed. One sentence each.
    pub notes: Vec<String>,
}

/// What the reader of a source cannot find in it. Nothing here is needed for scenarios and snapshots,
/// which say it themselves.
#[derive(Clone, Debug, Default)]
pub struct SourceOptions {
    /// The Region of resources that do not tell theirs.
    pub region: Option<Region>,
    /// The account, when it cannot be read off the resources or is another one.
    pub account: Option<AccountId>,
    /// When the answers were given. Without it, the newest moment in the data is taken.
    pub now: Option<Timestamp>,
}

/// The forms that a source can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A scenario file (`.yaml`, `.yml`).
    Scenario,
    /// A snapshot (`.json`, or packed with zstd: `.json.zst`).
    Snapshot,
    /// A folder of describe answers.
    Folder,
}

/// Why a source could not be read.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The file or folder cannot be read.
    #[error("cannot read `{}`: {error}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// Not a text in UTF-8.
    #[error("`{}` is not UTF-8 text", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
    },
    /// Neither a scenario, a snapshot nor a folder.
    #[error("`{}` is neither a scenario (.yaml), a snapshot (.json, .json.zst) nor a folder", path.display())]
    UnknownForm {
        /// The file.
        path: PathBuf,
    },
    /// Not a snapshot.
    #[error("`{}`: {error}", path.display())]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: DocumentError,
    },
    /// A file in a folder is not JSON.
    #[error("`{}:{line}:{column}`: not JSON: {message}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the reader says.
        message: String,
    },
    /// A file in a folder has a list that is none.
    #[error("`{}`: {message}", path.display())]
    Answer {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A folder without anything of use.
    #[error("no describe answer in `{}`{}", path.display(), found(passed_over))]
    NothingUsable {
        /// The folder.
        path: PathBuf,
        /// Files that were looked at.
        passed_over: Vec<String>,
    },
    /// A scenario or a policy with mistakes.
    #[error(transparent)]
    Scenario(Box<ScenarioError>),
}

/// A scenario or policy file with mistakes: all of them, in the order of the file.
#[derive(Debug)]
pub struct ScenarioError {
    /// The file.
    pub path: PathBuf,
    /// Its text, for showing the places.
    pub text: String,
    /// The mistakes; at least one.
    pub problems: Vec<Problem>,
}

impl Source {
    /// The form of the source at `path`: a folder is a folder, else the file name's ending decides.
    pub fn form(path: &Path) -> Result<Source, SourceError> {
        if path.is_dir() {
            return Ok(Source::Folder);
        }
        let ending = path.extension().and_then(|it| it.to_str()).unwrap_or("");
        match ending.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Ok(Source::Scenario),
            "json" | "zst" => Ok(Source::Snapshot),
            _ if !path.exists() => Err(read_error(path, std::io::ErrorKind::NotFound.into())),
            _ => Err(SourceError::UnknownForm {
                path: path.to_owned(),
            }),
        }
    }

    /// Reads the scenario, snapshot or folder at `path`.
    pub fn open(path: &Path) -> Result<Loaded, SourceError> {
        Self::open_with(path, &SourceOptions::default())
    }

    /// Reads the scenario, snapshot or folder at `path`; `options` fill in what a folder of describe
    /// answers does not tell.
    pub fn open_with(path: &Path, options: &SourceOptions) -> Result<Loaded, SourceError> {
        match Self::form(path)? {
            Source::Scenario => {
                let text = read_text(path)?;
                read_scenario(path, &text)
            }
            Source::Snapshot => read_snapshot(path),
            Source::Folder => folder::read(path, options),
        }
    }
}

/// Reads a scenario out of `text`; `path` is named in messages and as the snapshot's origin.
pub fn read_scenario(path: &Path, text: &str) -> Result<Loaded, SourceError> {
    let fail = |problems| mistakes(path, text, problems);
    let scenario: Scenario = yaml::read(text).map_err(|error| fail(vec![error.into()]))?;
    let origin = path.display().to_string();
    let snapshot = build::snapshot(&scenario, &origin).map_err(fail)?;
    Ok(Loaded {
        snapshot,
        scenario: Some(scenario),
        notes: Vec::new(),
    })
}

/// Reads a policy out of `text`: the members of a scenario's `policy`, as YAML or JSON; `path` is
/// named in messages.
///
/// # Errors
/// [`SourceError::Scenario`] with the place and the reason.
pub fn read_policy(path: &Path, text: &str) -> Result<Policy, SourceError> {
    yaml::read(text).map_err(|error| mistakes(path, text, vec![error.into()]))
}

fn mistakes(path: &Path, text: &str, problems: Vec<Problem>) -> SourceError {
    SourceError::Scenario(Box::new(ScenarioError {
        path: path.to_owned(),
        text: text.to_owned(),
        problems,
    }))
}

fn read_snapshot(path: &Path) -> Result<Loaded, SourceError> {
    let bytes = std::fs::read(path).map_err(|error| read_error(path, error))?;
    let snapshot = Snapshot::from_file(bytes).map_err(|error| SourceError::Snapshot {
        path: path.to_owned(),
        error,
    })?;
    Ok(Loaded {
        snapshot,
        scenario: None,
        notes: Vec::new(),
    })
}

/// The text of a file; a byte order mark at its start is passed over.
pub(crate) fn read_text(path: &Path) -> Result<String, SourceError> {
    let bytes = std::fs::read(path).map_err(|error| read_error(path, error))?;
    let text = String::from_utf8(bytes).map_err(|_| SourceError::Encoding {
        path: path.to_owned(),
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

pub(crate) fn read_error(path: &Path, error: std::io::Error) -> SourceError {
    SourceError::Read {
        path: path.to_owned(),
        error,
    }
}

/// The account of AWS's own examples, taken where none is told.
pub(crate) fn example_account() -> AccountId {
    AccountId::new("123456789012").unwrap_or_else(|_| unreachable!("twelve digits"))
}

fn found(passed_over: &[String]) -> String {
    if passed_over.is_empty() {
        return String::new();
    }
    format!("; passed over: {}", passed_over.join(", "))
}

impl std::fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.display();
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let Position { line, column, .. } = problem.position;
            if line == 0 {
                write!(f, "{path}: {}", problem.message)?;
            } else {
                write!(f, "{path}:{line}:{column}: {}", problem.message)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ScenarioError {}

impl Diagnostic for SourceError {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let help = match self {
            Self::Encoding { .. } => {
                "write it again as UTF-8; in PowerShell, `aws … | Out-File -Encoding utf8 FILE` does"
            }
            Self::UnknownForm { .. } | Self::NothingUsable { .. } => {
                "save answers with, for example, `aws ec2 describe-vpcs > FOLDER/describe-vpcs.json`"
            }
            Self::Snapshot { .. } => {
                "a snapshot is written by `sandtable scan` or `sandtable rehearse --after`; for answers of `aws \
                 ec2 describe-…` give the folder that they are in"
            }
            Self::Json { .. } | Self::Answer { .. } => {
                "write the answer again, or move the file out of the folder"
            }
            Self::Scenario(error) => return error.help(),
            Self::Read { .. } => return None,
        };
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        match self {
            Self::Scenario(error) => error.source_code(),
            _ => None,
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        match self {
            Self::Scenario(error) => error.labels(),
            _ => None,
        }
    }
}

impl Diagnostic for ScenarioError {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new("docs/scenarios.md explains every member"))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        let labels = self.problems.iter().filter(|it| it.position.line > 0);
        Some(Box::new(labels.map(|problem| {
            let Position { offset, length, .. } = problem.position;
            // A mapping can span many lines; its first one says enough.
            let line = self.text.get(offset..).and_then(|rest| rest.lines().next());
            let length = length.min(line.unwrap_or_default().len());
            // One mistake is told by the message; of several, each is told at its place too.
            let text = if self.problems.len() == 1 {
                "here"
            } else {
                &problem.message
            };
            miette::LabeledSpan::new(Some(text.to_owned()), offset, length)
        })))
    }
}
