//! What holds of the evaluation whatever the policies are.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::super::condition::Condition;
use super::super::context::Context;
use super::naive::{Request, documents, request, statement};
use super::{context, document, permissions};
use crate::iam::Permissions;

const LAYERS: [&str; 4] = ["service_control", "identity", "boundary", "session"];

/// Layers as a file of permissions has them; a boundary is one document.
fn written(layers: &[Option<Vec<Value>>]) -> Value {
    let mut written = json!({});
    for (name, documents) in LAYERS.iter().zip(layers) {
        match (*name, documents) {
            (_, None) => {}
            ("boundary", Some(documents)) => {
                if let Some(first) = documents.first() {
                    written[*name] = first.clone();
                }
            }
            (name, Some(documents)) => written[name] = json!(documents),
        }
    }
    written
}

fn shown(request: &Request) -> Context {
    match &request.tag {
        Some(tag) => context(&[("ec2:ResourceTag/team", &[tag])]),
        None => context(&[]),
    }
}

fn allows(permissions: &Permissions, request: &Request) -> bool {
    let context = shown(request);
    permissions
        .evaluate(&request.action, &request.resource, &context)
        .is_none()
}

fn all_layers() -> impl Strategy<Value = Vec<Option<Vec<Value>>>> {
    prop::collection::vec(documents(), 4)
}

fn one(statement: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// IAM User Guide, "Policy evaluation logic": "An explicit deny in any of these policies overrides
    /// the allow."
    #[test]
    fn a_denial_wins_wherever_it_stands(
        layers in all_layers(),
        at in 0..4_usize,
        request in request(),
    ) {
        let mut layers = layers;
        let deny = one(&json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
        let layer = layers[at].get_or_insert_default();
        layer.insert(0, deny);
        prop_assert!(!allows(&permissions(&written(&layers)), &request));
    }

    #[test]
    fn a_statement_that_allows_takes_nothing_away(
        layers in all_layers(),
        more in statement(),
        at in 0..4_usize,
        request in request(),
    ) {
        let before = allows(&permissions(&written(&layers)), &request);
        let mut more = more;
        more["Effect"] = json!("Allow");
        let mut layers = layers;
        if let Some(layer) = &mut layers[at] {
            match layer.first_mut() {
                Some(first) => first["Statement"].as_array_mut().unwrap().push(more),
                // A boundary without a document is none.
                None if LAYERS[at] == "boundary" => {}
                None => layer.push(one(&more)),
            }
        }
        let after = allows(&permissions(&written(&layers)), &request);
        prop_assert!(after || !before);
    }

    /// … and one that denies gives nothing.
    #[test]
    fn a_statement_that_denies_gives_nothing(
        layers in all_layers(),
        more in statement(),
        at in 0..4_usize,
        request in request(),
    ) {
        let before = allows(&permissions(&written(&layers)), &request);
        let mut more = more;
        more["Effect"] = json!("Deny");
        let mut layers = layers;
        if let Some(layer) = &mut layers[at]
            && let Some(first) = layer.first_mut()
        {
            first["Statement"].as_array_mut().unwrap().push(more);
        }
        let after = allows(&permissions(&written(&layers)), &request);
        prop_assert!(before || !after);
    }

    /// Boundaries, session policies and service control policies only narrow.
    #[test]
    fn a_layer_more_only_narrows(layers in all_layers(), at in 0..4_usize, request in request()) {
        let with = allows(&permissions(&written(&layers)), &request);
        let mut fewer = layers;
        fewer[at] = None;
        let without = allows(&permissions(&written(&fewer)), &request);
        prop_assert!(without || !with);
    }

    #[test]
    fn order_does_not_matter(layers in all_layers(), request in request()) {
        let mut turned = layers.clone();
        for (at, layer) in turned.iter_mut().enumerate() {
            for document in layer.iter_mut().flatten() {
                document["Statement"].as_array_mut().unwrap().reverse();
            }
            if LAYERS[at] != "boundary" && let Some(layer) = layer {
                layer.reverse();
            }
        }
        let straight = allows(&permissions(&written(&layers)), &request);
        prop_assert_eq!(straight, allows(&permissions(&written(&turned)), &request));
    }

    #[test]
    fn not_is_the_complement(statement in statement(), request in request()) {
        let mut bare = statement;
        bare["Effect"] = json!("Allow");
        bare.as_object_mut().unwrap().shift_remove("Condition");
        for (name, not) in [("Action", "NotAction"), ("Resource", "NotResource")] {
            let mut probe = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
            let value = bare.get(name).or(bare.get(not)).unwrap().clone();
            probe[name] = value.clone();
            let yes = allows(&permissions(&one(&probe)), &request);
            probe.as_object_mut().unwrap().shift_remove(name);
            probe[not] = value;
            prop_assert_eq!(yes, !allows(&permissions(&one(&probe)), &request), "{}", probe);
        }
    }

    /// A text stands for itself, and still does when parts of it become wildcards.
    #[test]
    fn wildcards_stand_for_what_they_replace(
        text in "[a-z0-9/-]{1,12}",
        from in 0..12_usize,
        len in 0..12_usize,
        one_by_one in any::<bool>(),
    ) {
        let from = from.min(text.len());
        let to = (from + len).min(text.len());
        let middle = if one_by_one { "?".repeat(to - from) } else { "*".to_owned() };
        let pattern = format!("{}{middle}{}", &text[..from], &text[to..]);
        let arn = |end: &str| format!("arn:aws:ec2:eu-west-1:1:volume/{end}");
        let policy = |end: &str| {
            one(&json!({"Effect": "Allow", "Action": "ec2:X", "Resource": arn(end)}))
        };
        let on = |policy: &Value, end: &str| {
            let word = document(policy).says("ec2:X", &arn(end), &Context::default());
            word == super::super::document::Word::Allowed
        };
        prop_assert!(on(&policy(&pattern), &text));
        // A question mark is one letter, no more and no less.
        let longer = format!("{text}x");
        if one_by_one {
            prop_assert!(!on(&policy(&pattern), &longer));
        }
        for end in ["?", "*"] {
            let open = policy(&format!("{pattern}{end}"));
            prop_assert!(on(&open, &longer));
        }
    }
}

const KEY: &str = "aws:PrincipalTag/x";

fn holds(operator: &str, values: &[String], found: &[&str]) -> bool {
    let condition = Condition::read(operator, KEY, values, true).unwrap();
    let context = match found {
        [] => context(&[]),
        found => context(&[(KEY, found)]),
    };
    condition.holds(&context)
}

/// An operator, the one that says the opposite, and values that both read.
fn opposites() -> impl Strategy<Value = (&'static str, &'static str, Vec<String>, &'static str)> {
    let texts = || prop::collection::vec(select(vec!["a", "A", "ab", "a*", "1"]), 1..3);
    let numbers = || prop::collection::vec(select(vec!["1", "2", "10", "-1.5"]), 1..3);
    let dates = || {
        let all = vec!["2026-01-01T00:00:00Z", "2026-06-01", "1767225600"];
        prop::collection::vec(select(all), 1..3)
    };
    let nets = || prop::collection::vec(select(vec!["10.0.0.0/8", "10.1.2.3", "::/0"]), 1..3);
    let arns = || {
        let all = vec![
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::1:user/ada",
            "arn:*:*:*:*:*",
        ];
        prop::collection::vec(select(all), 1..3)
    };
    let own = |it: Vec<&'static str>| it.into_iter().map(str::to_owned).collect::<Vec<_>>();
    prop_oneof![
        (texts(), select(vec!["a", "A", "b", "abc"])).prop_map(move |(wanted, found)| (
            "StringEquals",
            "StringNotEquals",
            own(wanted),
            found
        )),
        (texts(), select(vec!["a", "A", "b", "abc"])).prop_map(move |(wanted, found)| (
            "StringLike",
            "StringNotLike",
            own(wanted),
            found
        )),
        (texts(), select(vec!["a", "A", "b", "AB"])).prop_map(move |(wanted, found)| (
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            own(wanted),
            found
        )),
        (numbers(), select(vec!["1", "1.0", "2", "3"])).prop_map(move |(wanted, found)| (
            "NumericEquals",
            "NumericNotEquals",
            own(wanted),
            found
        )),
        (
            dates(),
            select(vec!["2026-01-01T00:00:00Z", "2026-06-02T00:00:00Z"])
        )
            .prop_map(move |(wanted, found)| (
                "DateEquals",
                "DateNotEquals",
                own(wanted),
                found
            )),
        (nets(), select(vec!["10.1.2.3", "11.0.0.1", "::1"])).prop_map(move |(wanted, found)| (
            "IpAddress",
            "NotIpAddress",
            own(wanted),
            found
        )),
        (
            arns(),
            select(vec!["arn:aws:iam::1:user/ada", "arn:aws:iam::2:role/a"])
        )
            .prop_map(move |(wanted, found)| ("ArnLike", "ArnNotLike", own(wanted), found)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// IAM User Guide, "Condition operators": the negated ones are the complement, for keys that are
    /// there; without the key they hold and the others do not; `…IfExists` holds without it.
    #[test]
    fn operators_and_their_opposites((yes, no, wanted, found) in opposites()) {
        let is_so = holds(yes, &wanted, &[found]);
        prop_assert_eq!(is_so, !holds(no, &wanted, &[found]));
        prop_assert!(!holds(yes, &wanted, &[]) && holds(no, &wanted, &[]));
        for operator in [yes, no] {
            let lenient = format!("{operator}IfExists");
            prop_assert!(holds(&lenient, &wanted, &[]));
            prop_assert_eq!(
                holds(&lenient, &wanted, &[found]),
                holds(operator, &wanted, &[found])
            );
        }
        // For keys of several values: any is not all the opposite.
        let several = [found, found];
        for (one, other) in [(yes, no), (no, yes)] {
            prop_assert_eq!(
                holds(&format!("ForAnyValue:{one}"), &wanted, &several),
                !holds(&format!("ForAllValues:{other}"), &wanted, &several)
            );
            let (every, any) = (format!("ForAllValues:{one}"), format!("ForAnyValue:{one}"));
            prop_assert!(holds(&every, &wanted, &[]));
            prop_assert!(!holds(&any, &wanted, &[]));
        }
    }

    /// Of values that are wanted one suffices: more of them never take away from a positive operator.
    #[test]
    fn more_values_are_more_ways((yes, _, wanted, found) in opposites()) {
        let alone = holds(yes, &wanted[..1], &[found]);
        prop_assert!(!alone || holds(yes, &wanted, &[found]));
    }

    /// IAM User Guide, "Multivalued context keys".
    #[test]
    fn quantifiers_are_those_of_logic(
        found in prop::collection::vec(select(vec!["a", "b", "c"]), 1..4),
        wanted in prop::collection::vec(select(vec!["a", "b"]), 1..3),
    ) {
        let texts: Vec<String> = wanted.iter().map(|it| (*it).to_owned()).collect();
        let is_in = |it: &&str| wanted.contains(it);
        let every = found.iter().all(is_in);
        let any = found.iter().any(is_in);
        prop_assert_eq!(holds("ForAllValues:StringEquals", &texts, &found), every);
        prop_assert_eq!(holds("ForAnyValue:StringEquals", &texts, &found), any);
        prop_assert_eq!(holds("Null", &["true".to_owned()], &found), false);
        prop_assert_eq!(holds("Null", &["false".to_owned()], &found), true);
        prop_assert_eq!(holds("Null", &["true".to_owned()], &[]), true);
    }

    /// The case of a key does not matter, that of a value does.
    #[test]
    fn keys_have_no_case(key in "[a-zA-Z]{1,8}", value in "[a-zA-Z]{1,8}") {
        let name = format!("aws:PrincipalTag/{key}");
        let condition = Condition::read(
            "StringEquals",
            &name.to_uppercase(),
            std::slice::from_ref(&value),
            true,
        )
        .unwrap();
        let lower = name.to_lowercase();
        prop_assert!(condition.holds(&context(&[(lower.as_str(), &[value.as_str()])])));
        let turned: String = value
            .chars()
            .map(|it| match it.is_uppercase() {
                true => it.to_ascii_lowercase(),
                false => it.to_ascii_uppercase(),
            })
            .collect();
        prop_assert!(!condition.holds(&context(&[(lower.as_str(), &[turned.as_str()])])));
    }

    /// Variables are filled in with what the request has, else with their default, else the statement
    /// is about nothing.
    #[test]
    fn variables_are_filled_in(name in "[a-z]{1,6}", other in "[A-Z]{1,6}") {
        let arn = |end: &str| format!("arn:aws:ec2:eu-west-1:1:volume/{end}");
        let on = |pattern: &str, end: &str, context: &Context| {
            let policy = one(&json!({"Effect": "Allow", "Action": "ec2:X", "Resource": arn(pattern)}));
            let word = document(&policy).says("ec2:X", &arn(end), context);
            word == super::super::document::Word::Allowed
        };
        let known = context(&[("aws:username", &[name.as_str()])]);
        let unknown = context(&[]);
        let plain = "${aws:username}";
        prop_assert!(on(plain, &name, &known));
        prop_assert!(!on(plain, &other, &known));
        prop_assert!(!on(plain, &name, &unknown));
        let default = format!("${{aws:username, '{other}'}}");
        prop_assert!(on(&default, &name, &known) && !on(&default, &other, &known));
        prop_assert!(on(&default, &other, &unknown));
    }
}
