//! The dependency table of ARCHITECTURE.md, held against `cargo metadata` and `cargo tree`.
//!
//! A dependency edge is a design decision: to add one, change the table here and in ARCHITECTURE.md in
//! the same commit, and say why.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::support::workspace;

struct Row {
    package: &'static str,
    /// Workspace packages that may be normal dependencies.
    may_use: &'static [&'static str],
    /// Packages that normal dependencies must never lead to; a trailing `*` covers a prefix.
    never: &'static [&'static str],
}

const AWS: &str = "aws-*";
const HTTP: &[&str] = &["hyper", "reqwest", "rustls", "native-tls", "openssl"];

#[rustfmt::skip]
const TABLE: &[Row] = &[
    Row { package: "sandtable-model", may_use: &[], never: &["sandtable-*", "tokio", AWS] },
    Row { package: "sandtable-orchestrator", may_use: &["model"], never: &[
        "sandtable-cloud", "sandtable-gate", "sandtable-executor", "sandtable-simulator", "tokio", "http", AWS] },
    Row { package: "sandtable-gate", may_use: &["model"], never: &[
        "sandtable-orchestrator", "sandtable-executor", "tokio", AWS] },
    Row { package: "sandtable-cloud", may_use: &["model"], never: &[
        "sandtable-orchestrator", "sandtable-executor", "tokio", AWS] },
    Row { package: "sandtable-executor", may_use: &["model", "cloud", "gate"], never: &[
        "sandtable-orchestrator", "tokio", AWS] },
    Row { package: "sandtable-simulator", may_use: &["model", "cloud"], never: &[
        "sandtable-orchestrator", "sandtable-executor", "aws-sdk-*", "aws-config"] },
    Row { package: "sandtable-scenario", may_use: &["model", "cloud", "orchestrator", "gate", "executor", "simulator"], never: &[AWS] },
    Row { package: "sandtable-tui", may_use: &["model", "orchestrator", "gate"], never: &[
        "sandtable-hands", "sandtable-eyes", "sandtable-cloud", "sandtable-executor", AWS] },
    Row { package: "sandtable-describe", may_use: &["model"], never: &[
        "sandtable-cloud", "sandtable-executor", "sandtable-gate", "sandtable-orchestrator"] },
    Row { package: "sandtable-eyes", may_use: &["model", "describe"], never: &[
        "sandtable-cloud", "sandtable-executor", "sandtable-gate", "sandtable-orchestrator"] },
    Row { package: "sandtable-hands", may_use: &["model", "describe", "cloud", "gate", "executor"], never: &[
        "sandtable-orchestrator", "sandtable-scenario", "sandtable-tui", "sandtable-simulator"] },
    Row { package: "sandtable", may_use: &["model", "orchestrator", "gate", "cloud", "executor", "simulator", "scenario", "tui"], never: &[
        "sandtable-eyes", "sandtable-hands", "sandtable-describe", "aws-sdk-*", "aws-config"] },
];

#[test]
fn direct_dependencies_are_those_of_the_table() {
    let metadata = MetadataCommand::new()
        .current_dir(workspace())
        .no_deps()
        .exec()
        .unwrap();
    let rows: BTreeMap<&str, &Row> = TABLE.iter().map(|row| (row.package, row)).collect();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let row = rows
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not in the table"));
        let allowed: BTreeSet<String> = row
            .may_use
            .iter()
            .map(|part| format!("sandtable-{part}"))
            .collect();
        let used: BTreeSet<String> = package
            .dependencies
            .iter()
            .filter(|it| it.kind == DependencyKind::Normal && it.name.starts_with("sandtable"))
            .map(|it| it.name.clone())
            .collect();
        let extra: Vec<&String> = used.difference(&allowed).collect();
        assert!(extra.is_empty(), "{name} may not depend on {extra:?}");
    }
}

#[test]
fn nothing_forbidden_is_reached() {
    for row in TABLE {
        let reached = normal_dependencies(row.package);
        assert!(
            !reached.is_empty(),
            "cargo tree printed nothing for {}",
            row.package
        );
        let brain: &[&str] = if row.package == "sandtable-orchestrator" {
            HTTP
        } else {
            &[]
        };
        for pattern in row.never.iter().chain(brain) {
            let hits: Vec<&String> = reached
                .iter()
                .filter(|name| match pattern.strip_suffix('*') {
                    Some(prefix) => name.starts_with(prefix),
                    None => name.as_str() == *pattern,
                })
                .collect();
            assert!(
                hits.is_empty(),
                "{} must never reach {hits:?} ({pattern})",
                row.package
            );
        }
    }
}

#[test]
fn the_table_is_the_one_in_the_document() {
    let document = std::fs::read_to_string(workspace().join("ARCHITECTURE.md")).unwrap();
    for row in TABLE {
        let line = document
            .lines()
            .find(|line| line.contains(&format!("`{}`", row.package)) && line.starts_with('|'))
            .unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for {}", row.package));
        for part in row.may_use {
            assert!(
                line.contains(part),
                "ARCHITECTURE.md: {} may use {part}: {line}",
                row.package
            );
        }
    }
}

/// Every package that `package` leads to by normal dependencies with its default features.
fn normal_dependencies(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args([
            "tree", "--edges", "normal", "--prefix", "none", "--format", "{p}",
        ])
        .args(["--package", package])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != package)
        .map(str::to_owned)
        .chain(["(itself)".to_owned()])
        .collect()
}
