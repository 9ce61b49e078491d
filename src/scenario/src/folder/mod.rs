//! A folder of `aws ec2 describe-*` answers as a snapshot.
//!
//! Every `*.json` file in the folder is read, and in its subfolders named like a Region
//! (`eu-central-1/describe-vpcs.json`). Which kind a file lists is told by its content, not by its
//! name. What a file does not tell is never taken for "there is none": kinds without a file are
//! unknown, answers that stop at a page are partial, and so are kinds with an entry that cannot be
//! read.

mod account;
mod coverage;
mod place;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sandtable_model::{
    DescribeError, Kind, Region, Resource, ResourceId, Snapshot, Timestamp, read_describe_answer,
};
use serde_json::Value;

use crate::source::{Loaded, SourceError, SourceOptions, read_error, read_text};

/// One describe answer that was read.
struct Answer {
    /// The file, relative to the folder.
    file: String,
    /// The Region that its subfolder names.
    region: Option<Region>,
    kind: Kind,
    ids: Vec<ResourceId>,
    left_out: usize,
    partial: bool,
}

/// Everything that the files of a folder held.
#[derive(Default)]
struct Contents {
    answers: Vec<Answer>,
    resources: BTreeMap<ResourceId, Resource>,
    /// What the subfolder of the resource's file says.
    folder_region: BTreeMap<ResourceId, Region>,
    /// What ARNs say about resources.
    arns: Vec<place::Arn>,
    passed_over: Vec<String>,
    /// Whether one of those passed over looks like an answer of AWS.
    other_answers: bool,
    notes: Vec<String>,
}

/// Reads the folder.
pub(crate) fn read(path: &Path, options: &SourceOptions) -> Result<Loaded, SourceError> {
    let mut contents = Contents::default();
    for (file, region) in files(path)? {
        contents.read_file(path, &file, region)?;
    }
    // Answers about kinds that are not modelled leave everything unknown, and that is said; a folder
    // without any answer is a mistake.
    if contents.answers.is_empty() && !contents.other_answers {
        return Err(SourceError::NothingUsable {
            path: path.to_owned(),
            passed_over: contents.passed_over,
        });
    }
    Ok(contents.into_loaded(path, options))
}

/// Whether a value has the form of an AWS answer: an object with a member in AWS's spelling.
fn is_answer(value: &Value) -> bool {
    let members = value.as_object();
    members.is_some_and(|it| {
        it.keys()
            .any(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
    })
}

/// The JSON files of the folder and of its subfolders named like a Region, by name.
fn files(folder: &Path) -> Result<Vec<(PathBuf, Option<Region>)>, SourceError> {
    let mut files = Vec::new();
    for path in entries(folder)? {
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or("");
        if path.is_dir() {
            if let Ok(region) = Region::new(name) {
                let inner = entries(&path)?.into_iter().filter(|it| is_json(it));
                files.extend(inner.map(|file| (file, Some(region.clone()))));
            }
        } else if is_json(&path) {
            files.push((path, None));
        }
    }
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| read_error(folder, error))? {
        paths.push(entry.map_err(|error| read_error(folder, error))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn is_json(path: &Path) -> bool {
    let ending = path.extension().and_then(|it| it.to_str());
    ending.is_some_and(|it| it.eq_ignore_ascii_case("json")) && path.is_file()
}

impl Contents {
    fn read_file(
        &mut self,
        folder: &Path,
        path: &Path,
        region: Option<Region>,
    ) -> Result<(), SourceError> {
        let file = path
            .strip_prefix(folder)
            .unwrap_or(path)
            .display()
            .to_string();
        let text = read_text(path)?;
        let value: Value = serde_json::from_str(&text).map_err(|error| SourceError::Json {
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
            message: without_place(&error),
        })?;
        place::collect_arns(&value, &mut self.arns);
        let is_answer = is_answer(&value);
        let described = match read_describe_answer(value) {
            Ok(described) => described,
            Err(DescribeError::NoKnownList { found }) => {
                self.passed_over.push(format!("`{file}` ({found})"));
                self.other_answers |= is_answer;
                return Ok(());
            }
            Err(error @ DescribeError::NotAList { .. }) => {
                return Err(SourceError::Answer {
                    path: path.to_owned(),
                    message: error.to_string(),
                });
            }
        };
        for (entry, why) in &described.left_out {
            let noun = described.kind.noun();
            self.notes
                .push(format!("`{file}`: {noun} {entry} was left out: {why}"));
        }
        let ids = described.resources.iter().map(Resource::id).collect();
        for resource in described.resources {
            self.add(&file, region.as_ref(), resource);
        }
        self.answers.push(Answer {
            file,
            region,
            kind: described.kind,
            ids,
            left_out: described.left_out.len(),
            partial: described.partial,
        });
        Ok(())
    }

    fn add(&mut self, file: &str, region: Option<&Region>, resource: Resource) {
        let id = resource.id();
        if let Some(region) = region {
            self.folder_region.insert(id.clone(), region.clone());
        }
        match self.resources.get(&id) {
            Some(known) if *known != resource => self.notes.push(format!(
                "{id} is described twice and not the same; the later one, of `{file}`, was taken"
            )),
            _ => {}
        }
        self.resources.insert(id, resource);
    }

    fn into_loaded(mut self, path: &Path, options: &SourceOptions) -> Loaded {
        let account = account::find(&self.resources, &self.arns, options, &mut self.notes);
        let taken_at = self.moment(options.now);
        let mut snapshot = Snapshot::new(account, taken_at, path.display().to_string());
        let regions = place::regions(&self, options);
        self.notes.extend(regions.notes);
        for (id, resource) in &self.resources {
            let region = regions.of.get(id).unwrap_or(&regions.elsewhere);
            // The ids come from a map, so that none is there twice.
            if let Err(error) = snapshot.insert(region, resource.clone()) {
                self.notes.push(error.to_string());
            }
        }
        if snapshot.is_empty() {
            snapshot.add_region(&regions.elsewhere);
        }
        coverage::record(&mut snapshot, &self.answers);
        coverage::doubt(&mut snapshot, &regions.elsewhere, &regions.assumed);
        self.notes.extend(coverage::notes(&self.answers));
        if !self.passed_over.is_empty() {
            let list = self.passed_over.join(", ");
            self.notes.push(format!(
                "passed over, not being a kind modelled here: {list}"
            ));
        }
        Loaded {
            snapshot,
            scenario: None,
            notes: self.notes,
        }
    }

    /// When the answers were given: as told, or else not before the newest moment in them.
    fn moment(&mut self, told: Option<Timestamp>) -> Timestamp {
        if let Some(now) = told {
            return now;
        }
        let newest = self.resources.values().filter_map(newest_moment).max();
        let (moment, why) = match newest {
            Some(moment) => (moment, "the newest moment in them"),
            None => (Timestamp::from_millis(0), "as no moment is in them"),
        };
        self.notes.push(format!(
            "when the answers were given is not known; taken as {moment} ({why}), so ages may be too low"
        ));
        moment
    }
}

/// Members that tell when something happened to a resource.
const MOMENTS: &[&str] = &[
    "AttachTime",
    "CompletionTime",
    "CreateTime",
    "CreationDate",
    "CreationTimestamp",
    "DeleteTime",
    "LastLaunchedTime",
    "LaunchTime",
    "StartTime",
];

fn newest_moment(resource: &Resource) -> Option<Timestamp> {
    fn newest(value: &Value) -> Option<Timestamp> {
        match value {
            Value::Object(members) => members
                .iter()
                .filter_map(|(name, member)| match member {
                    Value::String(text) if MOMENTS.contains(&name.as_str()) => text.parse().ok(),
                    other => newest(other),
                })
                .max(),
            Value::Array(entries) => entries.iter().filter_map(newest).max(),
            _ => None,
        }
    }
    newest(&resource.to_value().ok()?)
}

/// The message of a JSON error without the line and column, which are told apart.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text.get(..end).unwrap_or(&text).to_owned(),
        None => text,
    }
}
