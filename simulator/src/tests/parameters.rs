//! No parameter of AWS is ignored in silence: each one of every modelled operation, at any depth, is
//! taken by the twin or refused by its name, and what is taken is read.
//!
//! `docs/parameters.md`, made here, lists what is refused, and what is taken and changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::sources::Declared;
use crate::dispatch::{self, IGNORED, modelled_operations};
use crate::testing::Account;
use crate::wire::Api;
use crate::wire::table::{Shape, Table, Type};

/// Parameters that the twin takes and that change nothing, each with why. They are harmless: whatever
/// they say, AWS's answer would be the twin's.
const WITHOUT_EFFECT: &[(&str, &str, &str)] = &[
    (
        "CopySnapshot",
        "PresignedUrl",
        "clients make it; the twin knows its Regions",
    ),
    (
        "CreateImage",
        "NoReboot",
        "a reboot of the twin's instances cannot be seen",
    ),
    (
        "CreateStoreImageTask",
        "S3ObjectTags",
        "objects in S3 are not modelled",
    ),
    ("DescribeAlarms", "ActionPrefix", "there are no alarms"),
    (
        "DescribeAlarmsForMetric",
        "Statistic",
        "there are no alarms",
    ),
    (
        "DescribeAvailabilityZones",
        "AllAvailabilityZones",
        "the twin has no zones to opt in to",
    ),
    (
        "DescribeDBClusters",
        "IncludeShared",
        "there are no clusters of other accounts",
    ),
    (
        "DescribeDBSnapshots",
        "IncludePublic",
        "there are no snapshots of other accounts",
    ),
    (
        "DescribeDBSnapshots",
        "IncludeShared",
        "there are no snapshots of other accounts",
    ),
    (
        "DetachNetworkInterface",
        "Force",
        "an instance never holds on",
    ),
    ("DetachVolume", "Force", "an instance never holds on"),
    ("GetConsoleOutput", "Latest", "the console is empty"),
    ("StartInstances", "AdditionalInfo", "for AWS's own use"),
    ("StopInstances", "Force", "an instance never holds out"),
    ("StopInstances", "SkipOsShutdown", "instances run no system"),
    ("TerminateInstances", "Force", "an instance never holds out"),
    (
        "TerminateInstances",
        "SkipOsShutdown",
        "instances run no system",
    ),
];

/// A parameter: the names of its members from the outside in, and a call that has it alone.
struct Parameter {
    path: Vec<&'static str>,
    input: Value,
}

/// Every parameter of an operation, structures and what is in them.
fn parameters(table: &'static Table, action: &str) -> Vec<Parameter> {
    let mut all = Vec::new();
    if let Some(input) = table.operation(action).and_then(|it| it.input) {
        collect(
            table,
            Type::Shape(input),
            &mut Vec::new(),
            &|it| it,
            &mut all,
        );
    }
    all
}

fn collect(
    table: &'static Table,
    of: Type,
    path: &mut Vec<&'static str>,
    wrap: &dyn Fn(Value) -> Value,
    all: &mut Vec<Parameter>,
) {
    let Type::Shape(id) = of else {
        let input = wrap(sample(of));
        return all.push(Parameter {
            path: path.clone(),
            input,
        });
    };
    match table.shape(id) {
        Shape::List(list) => collect(table, list.of, path, &|it| wrap(json!([it])), all),
        Shape::Map(map) => collect(table, map.of, path, &|it| wrap(json!({"key": it})), all),
        Shape::Structure(structure) => {
            for member in &structure.members {
                let is_dry_run = path.is_empty() && member.name == "DryRun";
                // A structure within itself says nothing new.
                if is_dry_run || path.contains(&member.name) || path.len() > 6 {
                    continue;
                }
                path.push(member.name);
                let within = |it: Value| wrap(json!({member.name: it}));
                collect(table, member.of, path, &within, all);
                path.pop();
            }
        }
    }
}

fn sample(of: Type) -> Value {
    match of {
        Type::Integer | Type::Long => json!(1),
        Type::Double => json!(1.0),
        Type::Boolean => json!(true),
        Type::Timestamp => json!("2026-07-20T13:44:30Z"),
        _ => json!("x"),
    }
}

/// Which part of a parameter's path the twin refuses, if it does.
fn refused(account: &Account, api: Api, action: &str, parameter: &Parameter) -> Option<String> {
    let mut twin = account.twin.fork();
    let ctx = twin.context(&account.region);
    let answer = dispatch::call_of(&mut twin, &ctx, api, action, parameter.input.clone());
    let error = answer.err()?;
    let mine = format!("{action}: ");
    assert!(
        !(error.message.starts_with(&mine) && error.message.contains("invalid type")),
        "{api} {action} does not take what AWS's model says: {} says {error}",
        parameter.input
    );
    let rest = error
        .message
        .strip_prefix("The twin does not model the parameter ")?;
    let name = rest.split(' ').next().unwrap_or_default();
    let at = parameter.path.iter().rposition(|it| *it == name);
    let at = at.unwrap_or_else(|| panic!("{action} {}: {error}", parameter.input));
    Some(parameter.path[..=at].join("."))
}

/// What is refused of each operation, and how many parameters are taken.
fn survey() -> (BTreeMap<(Api, &'static str), BTreeSet<String>>, usize) {
    let account = Account::new();
    let mut taken = 0;
    let mut all = BTreeMap::new();
    for (api, action) in modelled_operations() {
        let refusals: &mut BTreeSet<String> = all.entry((api, action)).or_default();
        for parameter in parameters(api.table(), action) {
            match refused(&account, api, action, &parameter) {
                Some(path) => drop(refusals.insert(path)),
                None => taken += 1,
            }
        }
    }
    (all, taken)
}

#[test]
fn a_parameter_that_aws_lacks_is_refused_by_every_operation() {
    let account = Account::new();
    for (api, action) in modelled_operations() {
        let input = json!({"NoSuchParameter": 1});
        let parameter = Parameter {
            path: vec!["NoSuchParameter"],
            input,
        };
        let refused = refused(&account, api, action, &parameter);
        assert_eq!(
            refused.as_deref(),
            Some("NoSuchParameter"),
            "{api} {action}"
        );
    }
}

/// `SANDTABLE_UPDATE=1` writes the page anew.
#[test]
fn the_page_of_parameters_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/parameters.md");
    let text = page();
    if std::env::var_os("SANDTABLE_UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "docs/parameters.md is stale: run this test with SANDTABLE_UPDATE=1"
    );
}

fn page() -> String {
    let (all, taken) = survey();
    let count: usize = all.values().map(BTreeSet::len).sum();
    let mut text = format!(
        "# What the twin refuses of AWS's parameters\n\n\
         Of the parameters of the modelled operations the twin takes {taken}, counted to the last member of a structure, and\n\
         refuses {count}, counted where it first says no. A refused one is answered with `UnsupportedOperation` and its\n\
         name, and nothing is done. Made from the code by a test; do not edit by hand.\n\n\
         ## Taken, and without effect\n\n\
         | operation | parameter | why it is harmless |\n|---|---|---|\n"
    );
    for name in IGNORED {
        writeln!(
            text,
            "| any | `{name}` | the twin takes no part in chargeback |"
        )
        .unwrap();
    }
    for (action, parameter, why) in WITHOUT_EFFECT {
        writeln!(text, "| {action} | `{parameter}` | {why} |").unwrap();
    }
    for api in Api::ALL {
        let of_api = all
            .iter()
            .filter(|((it, _), refused)| *it == api && !refused.is_empty());
        let mut rows = of_api.peekable();
        if rows.peek().is_none() {
            continue;
        }
        write!(
            text,
            "\n## {api}, refused\n\n| operation | parameters |\n|---|---|\n"
        )
        .unwrap();
        for ((_, action), refused) in rows {
            let names: Vec<&str> = refused.iter().map(String::as_str).collect();
            writeln!(text, "| {action} | {} |", names.join(", ")).unwrap();
        }
    }
    text
}

/// What a request declares and no code reads would be ignored in silence.
#[test]
fn every_parameter_that_is_taken_is_read() {
    let declared = Declared::read();
    assert!(
        declared.requests().len() > 300,
        "{}",
        declared.requests().len()
    );
    let mut unread: BTreeSet<String> = declared.unread().into_iter().collect();
    for (action, parameter, _) in WITHOUT_EFFECT {
        unread.remove(&format!("{action}.{parameter}"));
    }
    // Read as a whole, by being written out as a volume's description.
    unread.retain(|it| !it.starts_with("WantedVolume."));
    assert!(unread.is_empty(), "declared, and read nowhere: {unread:#?}");
}

#[test]
fn what_is_without_effect_is_taken() {
    let account = Account::new();
    for (action, name, _) in WITHOUT_EFFECT {
        let all = modelled_operations();
        let (api, _) = all.iter().find(|(_, it)| it == action).expect("modelled");
        let all = parameters(api.table(), action);
        let of_name = all.iter().filter(|it| it.path.first() == Some(name));
        for parameter in of_name {
            assert_eq!(
                refused(&account, *api, action, parameter),
                None,
                "{action} {name}"
            );
        }
    }
}
