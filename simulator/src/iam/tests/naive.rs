//! The evaluator against a naive one that works on the JSON of the documents.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::denial::{Layer, Why};
use super::context;
use crate::iam::Permissions;

/// Whether a pattern stands for a text, by trying everything. A star that is not the end of an ARN's
/// segment may not take a colon.
fn glob(pattern: &[u8], text: &[u8], is_arn: bool) -> bool {
    let Some((first, rest)) = pattern.split_first() else {
        return text.is_empty();
    };
    match first {
        b'*' => {
            let after = rest.iter().find(|it| **it != b'*');
            let may_cross = !is_arn || after.is_none_or(|it| *it == b':');
            (0..=text.len()).any(|taken| {
                let (over, left) = text.split_at(taken);
                (may_cross || !over.contains(&b':')) && glob(rest, left, is_arn)
            })
        }
        b'?' => !text.is_empty() && glob(rest, &text[1..], is_arn),
        letter => text.first() == Some(letter) && glob(rest, &text[1..], is_arn),
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn part(statement: &Value, name: &str, text: &str, is_arn: bool) -> bool {
    let any = |value: &Value| {
        texts(value).iter().any(|it| match is_arn {
            true => glob(it.as_bytes(), text.as_bytes(), true),
            false => glob(
                it.to_lowercase().as_bytes(),
                text.to_lowercase().as_bytes(),
                false,
            ),
        })
    };
    match statement.get(name) {
        Some(value) => any(value),
        None => !any(&statement[&format!("Not{name}")]),
    }
}

fn applies(statement: &Value, request: &Request) -> bool {
    let tag = request.tag.as_deref();
    let conditions = statement.get("Condition").and_then(Value::as_object);
    part(statement, "Action", &request.action, false)
        && part(statement, "Resource", &request.resource, true)
        && conditions.into_iter().flatten().all(|(operator, keys)| {
            let wanted = texts(&keys["ec2:ResourceTag/team"]);
            let is_no = operator == "StringNotEquals";
            let found = wanted.iter().any(|wanted| match (operator.as_str(), tag) {
                ("StringEquals", tag) => tag == Some(wanted.as_str()),
                ("StringNotEquals", tag) => tag == Some(wanted.as_str()),
                ("StringLikeIfExists", None) => true,
                ("StringLikeIfExists", Some(tag)) => glob(wanted.as_bytes(), tag.as_bytes(), false),
                ("Null", tag) => tag.is_none() == (wanted == "true"),
                _ => panic!("{operator}"),
            });
            found != is_no
        })
}

/// "denied" when any statement denies; else the first layer in which none allows.
fn naive(layers: &[(Layer, Vec<Value>)], request: &Request) -> Option<&'static str> {
    let statements = |documents: &[Value]| -> Vec<Value> {
        let all = documents
            .iter()
            .map(|it| it["Statement"].as_array().unwrap().clone());
        all.flatten().collect()
    };
    let says = |documents: &[Value], effect: &str| {
        let all = statements(documents);
        all.iter()
            .any(|it| it["Effect"] == effect && applies(it, request))
    };
    if layers.iter().any(|(_, documents)| says(documents, "Deny")) {
        return Some("denied");
    }
    let silent = layers
        .iter()
        .find(|(_, documents)| !says(documents, "Allow"));
    silent.map(|(layer, _)| match layer {
        Layer::ServiceControl => "scp",
        Layer::Identity => "identity",
        Layer::Boundary => "boundary",
        Layer::Session => "session",
    })
}

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) tag: Option<String>,
}

pub(super) fn request() -> impl Strategy<Value = Request> {
    let action = prop::sample::select(vec![
        "ec2:DeleteVolume",
        "ec2:DeleteVpc",
        "ec2:StopInstances",
    ]);
    let resource = prop::sample::select(vec![
        "*",
        "arn:aws:ec2:eu-west-1:1:volume/vol-1",
        "arn:aws:ec2:eu-west-1:1:volume/vol-2",
        "arn:aws:ec2:us-east-1:1:vpc/vpc-1",
        "arn:aws:ec2:us-east-1::snapshot/snap-1",
    ]);
    let tag = prop::option::of(prop::sample::select(vec!["a", "b", "ab"]));
    (action, resource, tag).prop_map(|(action, resource, tag)| Request {
        action: action.to_owned(),
        resource: resource.to_owned(),
        tag: tag.map(str::to_owned),
    })
}

pub(super) fn statement() -> impl Strategy<Value = Value> {
    let effect = prop::sample::select(vec!["Allow", "Allow", "Allow", "Deny"]);
    let action = prop::sample::select(vec![
        "*",
        "ec2:*",
        "ec2:Delete*",
        "EC2:deleteVOLUME",
        "ec2:*s",
        "s3:*",
        "ec2:De?eteVpc",
    ]);
    let resource = prop::sample::select(vec![
        "*",
        "arn:aws:ec2:*",
        "arn:aws:ec2:*:*:volume/*",
        "arn:aws:ec2:*:1:*",
        "arn:aws:ec2:e*/vol-1",
        "arn:aws:ec2:e*1:1:volume/vol-?",
        "arn:*:snapshot/*",
        "arn:aws:ec2:us-east-1:*",
    ]);
    let condition = prop::sample::select(vec![
        Value::Null,
        Value::Null,
        json!({"StringEquals": {"ec2:ResourceTag/team": ["a", "b"]}}),
        json!({"StringNotEquals": {"ec2:ResourceTag/team": "a"}}),
        json!({"StringLikeIfExists": {"ec2:ResourceTag/team": "a*"}}),
        json!({"Null": {"ec2:ResourceTag/team": "true"}}),
        json!({"Null": {"ec2:ResourceTag/team": "false"}}),
    ]);
    let many = |it: BoxedStrategy<&'static str>| prop::collection::vec(it, 1..3);
    let negated = (any::<bool>(), any::<bool>());
    (
        effect,
        many(action.boxed()),
        many(resource.boxed()),
        condition,
        negated,
    )
        .prop_map(
            |(effect, actions, resources, condition, (not_action, not_resource))| {
                let name = |negated, name: &str| match negated {
                    true => format!("Not{name}"),
                    false => name.to_owned(),
                };
                let mut statement = json!({"Effect": effect});
                statement[name(not_action, "Action")] = json!(actions);
                statement[name(not_resource, "Resource")] = json!(resources);
                if !condition.is_null() {
                    statement["Condition"] = condition;
                }
                statement
            },
        )
}

pub(super) fn documents() -> impl Strategy<Value = Option<Vec<Value>>> {
    let document = prop::collection::vec(statement(), 1..3)
        .prop_map(|it| json!({"Version": "2012-10-17", "Statement": it}));
    prop::option::of(prop::collection::vec(document, 0..3))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn agrees_with_the_naive_evaluator(
        scp in documents(),
        identity in documents(),
        boundary in documents(),
        session in documents(),
        request in request(),
    ) {
        let mut written = json!({});
        let mut layers = Vec::new();
        let boundary = boundary.and_then(|it| it.into_iter().next());
        let given = [
            (Layer::ServiceControl, "service_control", scp),
            (Layer::Identity, "identity", identity),
            (Layer::Boundary, "boundary", boundary.map(|it| vec![it])),
            (Layer::Session, "session", session),
        ];
        for (layer, name, documents) in given {
            let Some(documents) = documents else { continue };
            written[name] = match layer {
                Layer::Boundary => documents[0].clone(),
                _ => json!(documents),
            };
            layers.push((layer, documents));
        }
        let permissions = Permissions::from_json(&written.to_string()).unwrap();
        let tag = request.tag.as_deref();
        let values: Vec<&str> = tag.into_iter().collect();
        let context = match tag {
            Some(_) => context(&[("ec2:ResourceTag/team", &values)]),
            None => context(&[]),
        };
        let found = permissions.evaluate(&request.action, &request.resource, &context);
        let found = found.map(|why| match why {
            Why::Explicit(..) => "denied",
            Why::Implicit(Layer::ServiceControl) => "scp",
            Why::Implicit(Layer::Identity) => "identity",
            Why::Implicit(Layer::Boundary) => "boundary",
            Why::Implicit(Layer::Session) => "session",
            _ => "other",
        });
        prop_assert_eq!(found, naive(&layers, &request), "{} {:?}", written, request);
    }
}
