//! The evaluator against an independent one: `@cloud-copilot/iam-simulate` of npm, run by Node.js.
//!
//! `SANDTABLE_IAM_SIMULATE` names a folder in which it is installed (`npm install
//! @cloud-copilot/iam-simulate`); without it the test says so and passes. `SANDTABLE_IAM_CASES` asks
//! for more cases than usual.
//!
//! Known differences, which the cases leave out: the package lets no `*` stand for a type of resource,
//! although AWS's own examples have `arn:aws:ec2:…:*/*` (EC2 User Guide, "Grant permission to tag
//! resources"); it takes `${*}` for itself where case does not matter; and its evaluation without checks leaves session policies out, which the script makes
//! up for.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::{Value, json};

use super::super::denial::Why;
use super::{context, permissions};

/// A condition block and values for its key.
fn condition() -> impl Strategy<Value = (Value, Value)> {
    let texts = (
        select(vec![
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ]),
        select(vec![
            "web",
            "WEB",
            "we?",
            "w*",
            "*",
            "db",
            "",
            "${aws:username}",
        ]),
        select(vec!["web", "WEB", "w", "db", "ada", "*"]),
    );
    let numbers = (
        select(vec![
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ]),
        select(vec!["1", "2", "10", "0"]),
        select(vec!["1", "2", "10", "11"]),
    );
    let dates = (
        select(vec![
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ]),
        select(vec!["2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z"]),
        select(vec!["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"]),
    );
    let booleans = (
        select(vec!["Bool"]),
        select(vec!["true", "false", "TRUE"]),
        select(vec!["true", "false"]),
    );
    let addresses = (
        select(vec!["IpAddress", "NotIpAddress"]),
        select(vec![
            "10.0.0.0/8",
            "10.1.2.3/32",
            "203.0.113.0/24",
            "2001:db8::/32",
        ]),
        select(vec!["10.1.2.3", "203.0.113.200", "2001:db8::1"]),
    );
    let arns = (
        select(vec!["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]),
        select(vec![
            "arn:aws:iam::123456789012:role/*",
            "arn:aws:iam::*:role/cleaner",
            "arn:*:iam::123456789012:user/ad?",
            "arn:aws:iam::123456789012:user/ada",
        ]),
        select(vec![
            "arn:aws:iam::123456789012:role/cleaner",
            "arn:aws:iam::123456789012:user/ada",
        ]),
    );
    let key = |name: &'static str| {
        move |(operator, wanted, found): (&'static str, &'static str, &'static str)| {
            (operator, name, wanted, found)
        }
    };
    let all = prop_oneof![
        texts.prop_map(key("aws:PrincipalTag/team")),
        numbers.prop_map(key("ec2:VolumeSize")),
        dates.prop_map(key("aws:CurrentTime")),
        booleans.prop_map(key("aws:SecureTransport")),
        addresses.prop_map(key("aws:SourceIp")),
        arns.prop_map(key("aws:PrincipalArn")),
    ];
    let quantifier = select(vec!["", "", "", "ForAllValues:", "ForAnyValue:"]);
    let suffix = select(vec!["", "", "IfExists"]);
    let single = (all, suffix, any::<bool>()).prop_map(
        |((operator, key, wanted, found), suffix, is_there)| {
            let condition = json!({format!("{operator}{suffix}"): {key: [wanted]}});
            (
                condition,
                if is_there {
                    json!({key: found})
                } else {
                    json!({})
                },
            )
        },
    );
    let several = (
        quantifier,
        select(vec!["StringEquals", "StringNotEquals", "StringLike"]),
        prop::collection::vec(select(vec!["team", "owner", "t*"]), 1..3),
        prop::collection::vec(select(vec!["team", "owner", "env"]), 0..3),
    )
        .prop_map(|(quantifier, operator, wanted, found)| {
            let quantifier = if quantifier.is_empty() {
                "ForAnyValue:"
            } else {
                quantifier
            };
            let condition = json!({format!("{quantifier}{operator}"): {"aws:TagKeys": wanted}});
            let found = if found.is_empty() {
                json!({})
            } else {
                json!({"aws:TagKeys": found})
            };
            (condition, found)
        });
    let null = (select(vec!["true", "false"]), any::<bool>()).prop_map(|(wanted, is_there)| {
        let found = if is_there {
            json!({"aws:PrincipalTag/team": "web"})
        } else {
            json!({})
        };
        (json!({"Null": {"aws:PrincipalTag/team": wanted}}), found)
    });
    prop_oneof![4 => single, 2 => several, 1 => null, 2 => Just((Value::Null, json!({})))]
}

fn resource() -> impl Strategy<Value = Value> {
    let patterns = vec![
        "*",
        "arn:aws:ec2:*:*:volume/*",
        "arn:aws:ec2:eu-west-1:123456789012:volume/vol-0a",
        "arn:aws:ec2:eu-*:123456789012:volume/vol-0?",
        "arn:aws:ec2:*:123456789012:snapshot/*",
        "arn:*:ec2:*:*:volume/${aws:PrincipalTag/team}",
        "arn:aws:ec2:eu-west-1:210987654321:volume/*",
    ];
    prop::collection::vec(select(patterns), 1..3).prop_map(|it| json!(it))
}

fn statement() -> impl Strategy<Value = (Value, Value)> {
    let actions = vec![
        "*",
        "ec2:*",
        "ec2:DeleteVolume",
        "EC2:deletevolume",
        "ec2:Delete*",
        "ec2:De?eteVolume",
        "ec2:DescribeVolumes",
        "s3:*",
    ];
    (
        select(vec!["Allow", "Allow", "Deny"]),
        prop::collection::vec(select(actions), 1..3),
        resource(),
        condition(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(effect, actions, resources, (condition, found), not_action, not_resource)| {
                let mut statement = json!({"Effect": effect});
                statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
                statement[if not_resource {
                    "NotResource"
                } else {
                    "Resource"
                }] = resources;
                if !condition.is_null() {
                    statement["Condition"] = condition;
                }
                (statement, found)
            },
        )
}

/// A case: layers, and a request with its keys.
fn case() -> impl Strategy<Value = Value> {
    let layers = prop::collection::vec(prop::collection::vec(statement(), 1..4), 4);
    let given = prop::collection::vec(any::<bool>(), 3);
    let resource = select(vec![
        "arn:aws:ec2:eu-west-1:123456789012:volume/vol-0a",
        "arn:aws:ec2:us-east-1:123456789012:volume/web",
    ]);
    (layers, given, resource).prop_map(|(layers, given, resource)| {
        let mut keys = json!({"aws:username": "ada"});
        let mut case = json!({"action": "ec2:DeleteVolume", "resource": resource});
        let names = ["identity", "service_control", "boundary", "session"];
        for (at, (name, statements)) in names.into_iter().zip(layers).enumerate() {
            if at > 0 && !given[at - 1] {
                continue;
            }
            let mut document = json!({"Version": "2012-10-17", "Statement": []});
            for (statement, found) in statements {
                document["Statement"]
                    .as_array_mut()
                    .unwrap()
                    .push(statement);
                for (key, value) in found.as_object().unwrap() {
                    keys[key] = value.clone();
                }
            }
            case[name] = document;
        }
        case["keys"] = keys;
        case
    })
}

fn ours(case: &Value) -> &'static str {
    // Keys that the request does not have are told to be absent.
    let mut written = json!({"context": {"aws:SourceIp": [], "aws:PrincipalTag/team": []}});
    for (key, value) in case["keys"].as_object().unwrap() {
        written["context"][key] = value.clone();
    }
    for name in ["identity", "service_control", "session"] {
        if let Some(document) = case.get(name) {
            written[name] = json!([document]);
        }
    }
    if let Some(document) = case.get("boundary") {
        written["boundary"] = document.clone();
    }
    let mut known = context(&[]);
    for (key, value) in case["keys"].as_object().unwrap() {
        let values: Vec<String> = match value {
            Value::Array(all) => all
                .iter()
                .map(|it| it.as_str().unwrap().to_owned())
                .collect(),
            one => vec![one.as_str().unwrap().to_owned()],
        };
        known.set_all(key, values);
    }
    let (action, resource) = (&case["action"], &case["resource"]);
    let found = permissions(&written).evaluate(
        action.as_str().unwrap(),
        resource.as_str().unwrap(),
        &known,
    );
    match found {
        None => "Allowed",
        Some(Why::Explicit(..)) => "ExplicitlyDenied",
        Some(_) => "ImplicitlyDenied",
    }
}

#[test]
fn agrees_with_iam_simulate() {
    let Ok(folder) = std::env::var("SANDTABLE_IAM_SIMULATE") else {
        println!(
            "skipped: SANDTABLE_IAM_SIMULATE names no folder with @cloud-copilot/iam-simulate"
        );
        return;
    };
    let asked = std::env::var("SANDTABLE_IAM_CASES").ok();
    let count: usize = asked.and_then(|it| it.parse().ok()).unwrap_or(2000);
    let config = Config::default();
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let cases: Vec<Value> = (0..count)
        .map(|_| case().new_tree(&mut runner).unwrap().current())
        .collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/iam_simulate.mjs");
    let mut node = Command::new("node")
        .arg(script)
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = serde_json::to_string(&cases).unwrap();
    let mut input = node.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
    let output = node.wait_with_output().unwrap();
    writer.join().unwrap();
    let theirs: Vec<String> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(theirs.len(), cases.len());
    let mut seen = std::collections::BTreeMap::new();
    let mut differences = Vec::new();
    for (case, theirs) in cases.iter().zip(&theirs) {
        let ours = ours(case);
        *seen.entry(ours).or_insert(0) += 1;
        if ours != theirs {
            differences.push(format!("ours {ours}, theirs {theirs}: {case}"));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {count} differ, for one:\n{}",
        differences.len(),
        differences[..differences.len().min(5)].join("\n")
    );
    assert_eq!(seen.len(), 3, "{seen:?}");
    println!("{count} cases: {seen:?}");
}
