//! The request types as the source code declares them, to find members that nothing reads.
//!
//! The compiler does not tell: the types are public and can be written out again. So this looks for
//! `.member` in the files that name the type and in its folder, which is enough to find what was
//! forgotten; a member of a common name may hide behind another type's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The sources of the crate, tests left out.
pub(super) struct Declared {
    files: BTreeMap<PathBuf, String>,
    requests: Vec<Request>,
}

/// A type that requests are read into.
pub(super) struct Request {
    file: PathBuf,
    name: String,
    members: Vec<String>,
}

impl Declared {
    /// Reads the sources.
    pub(super) fn read() -> Self {
        let mut files = BTreeMap::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        visit(&root, &mut files);
        let requests = files
            .iter()
            .flat_map(|(file, text)| requests_of(file, text));
        Declared {
            requests: requests.collect(),
            files,
        }
    }

    pub(super) fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Members that nothing reads, as `Operation.Member`.
    pub(super) fn unread(&self) -> Vec<String> {
        let mut unread = Vec::new();
        for request in &self.requests {
            let folder = request.file.parent();
            let near = self
                .files
                .iter()
                .filter(|(file, text)| file.parent() == folder || text.contains(&request.name));
            let near: Vec<&String> = near.map(|(_, text)| text).collect();
            let operation = request
                .name
                .strip_suffix("Request")
                .unwrap_or(&request.name);
            let operation = operation.replacen("Db", "DB", 1);
            for member in &request.members {
                if !near.iter().any(|text| reads(text, member)) {
                    unread.push(format!("{operation}.{}", pascal(member)));
                }
            }
        }
        unread.sort_unstable();
        unread.dedup();
        unread
    }
}

fn visit(folder: &Path, files: &mut BTreeMap<PathBuf, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path
            .file_name()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        if name.starts_with("tests") || name == "testing.rs" {
            continue;
        }
        if path.is_dir() {
            visit(&path, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next();
            files.insert(path, code.unwrap_or_default().to_owned());
        }
    }
}

/// The types of a file: structures that refuse unknown members, and those that `requests!` declares.
fn requests_of(file: &Path, text: &str) -> Vec<Request> {
    let mut all = Vec::new();
    let mut is_strict = false;
    let mut in_macro = false;
    let mut current: Option<Request> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("//") {
            continue;
        }
        if trimmed.contains("deny_unknown_fields") {
            is_strict = true;
        }
        match line {
            "requests! {" => in_macro = true,
            "}" if in_macro && current.is_none() => in_macro = false,
            _ => {}
        }
        let head = trimmed
            .strip_suffix('{')
            .or_else(|| trimmed.split(" { ").next());
        let head = head.unwrap_or_default().trim();
        let named = match in_macro && line.starts_with("    ") && !line.starts_with("     ") {
            true => Some(head).filter(|it| it.starts_with(char::is_uppercase)),
            false => head
                .strip_prefix("pub struct ")
                .filter(|_| is_strict && trimmed.contains('{')),
        };
        if let (None, Some(name)) = (&current, named) {
            let name = name.split(['<', ' ']).next().unwrap_or_default();
            let mut request = Request {
                file: file.to_owned(),
                name: name.to_owned(),
                members: Vec::new(),
            };
            is_strict = false;
            if trimmed.ends_with("{}") {
                continue;
            }
            // All on one line.
            if let Some((_, members)) = trimmed.split_once(" { ") {
                let members = members.trim_end_matches('}');
                request
                    .members
                    .extend(members.split(", ").filter_map(member));
                all.push(request);
            } else {
                current = Some(request);
            }
            continue;
        }
        if let Some(request) = &mut current {
            if trimmed == "}" {
                all.extend(current.take());
            } else {
                request.members.extend(member(trimmed));
            }
        }
    }
    all
}

/// The name in `pub name: Type,`.
fn member(text: &str) -> Option<String> {
    let text = text.trim().strip_prefix("pub ").unwrap_or(text.trim());
    let (name, _) = text.split_once(": ")?;
    let name = name.strip_prefix("r#").unwrap_or(name);
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then(|| name.to_owned())
}

/// Whether code has `.member`, or the member in a pattern.
fn reads(text: &str, member: &str) -> bool {
    let ends = |rest: &str| {
        let next = rest.chars().next();
        next.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_' && c != '(')
    };
    [format!(".{member}"), format!(".r#{member}")]
        .iter()
        .any(|it| {
            text.match_indices(it.as_str())
                .any(|(at, _)| ends(&text[at + it.len()..]))
        })
}

fn pascal(member: &str) -> String {
    member
        .split('_')
        .map(|part| {
            let (first, rest) = part.split_at_checked(1).unwrap_or_default();
            first.to_uppercase() + rest
        })
        .collect()
}
