//! Condition operators (IAM User Guide, "IAM JSON policy elements: Condition operators").

use proptest::prelude::*;

use super::super::condition::Condition;
use super::context;

fn holds(operator: &str, wanted: &[&str], values: Option<&[&str]>) -> bool {
    let wanted: Vec<String> = wanted.iter().map(|it| (*it).to_owned()).collect();
    let condition = Condition::read(operator, "test:Key", &wanted, true).unwrap();
    let context = match values {
        Some(values) => context(&[("TEST:key", values), ("test:other", &["b"])]),
        None => context(&[("test:other", &["b"])]),
    };
    condition.holds(&context)
}

#[test]
fn each_operator_by_its_table() {
    for (operator, wanted, value, expected) in [
        ("StringEquals", "a*", "a*", true),
        ("StringEquals", "a*", "ab", false),
        ("StringEquals", "${test:other}", "b", true),
        ("StringEquals", "A", "a", false),
        ("StringNotEquals", "a", "b", true),
        ("StringEqualsIgnoreCase", "A", "a", true),
        ("StringNotEqualsIgnoreCase", "A", "a", false),
        ("StringLike", "a*c?", "abbcd", true),
        ("StringLike", "a*c?", "abbc", false),
        ("StringLike", "${test:other}*", "bc", true),
        ("StringNotLike", "a*", "bc", true),
        ("NumericEquals", "10", "10.0", true),
        ("NumericNotEquals", "10", "11", true),
        ("NumericLessThan", "10", "9", true),
        ("NumericLessThan", "10", "10", false),
        ("NumericLessThanEquals", "10", "10", true),
        ("NumericGreaterThan", "9", "10", true),
        ("NumericGreaterThanEquals", "10", "9", false),
        ("NumericEquals", "10", "ten", false),
        (
            "DateEquals",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
            true,
        ),
        ("DateNotEquals", "2026-01-01", "2026-01-02T00:00:00Z", true),
        ("DateLessThan", "2026-01-02", "2026-01-01T23:59:59Z", true),
        (
            "DateLessThanEquals",
            "1767225600",
            "2026-01-01T00:00:00Z",
            true,
        ),
        (
            "DateGreaterThan",
            "2026-01-01",
            "2026-01-01T00:00:00Z",
            false,
        ),
        (
            "DateGreaterThanEquals",
            "2026-01-01T00:00:00Z",
            "1767225600",
            true,
        ),
        ("Bool", "true", "True", true),
        ("Bool", "false", "true", false),
        ("IpAddress", "203.0.113.0/24", "203.0.113.7", true),
        ("IpAddress", "203.0.113.7", "203.0.113.8", false),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", true),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", true),
        (
            "ArnLike",
            "arn:aws:ec2:*:*:vpc/*",
            "arn:aws:ec2:r:1:vpc/vpc-1",
            true,
        ),
        (
            "ArnEquals",
            "arn:aws:ec2:*:*:vpc/*",
            "arn:aws:ec2:r:1:vpc/vpc-1",
            true,
        ),
        // Each part by itself: the wildcard does not reach over a colon.
        (
            "ArnLike",
            "arn:aws:ec2:*:vpc/*:",
            "arn:aws:ec2:r:1:vpc/vpc-1",
            false,
        ),
        (
            "ArnNotLike",
            "arn:aws:ec2:*:*:vpc/*",
            "arn:aws:ec2:r:1:subnet/s",
            true,
        ),
        (
            "ArnNotEquals",
            "arn:aws:ec2:*:*:vpc/*",
            "arn:aws:ec2:r:1:vpc/v",
            false,
        ),
    ] {
        let found = holds(operator, &[wanted], Some(&[value]));
        assert_eq!(found, expected, "{operator} {wanted} of {value}");
        let exists = format!("{operator}IfExists");
        assert_eq!(
            holds(&exists, &[wanted], Some(&[value])),
            expected,
            "{exists}"
        );
        assert!(holds(&exists, &[wanted], None), "{exists} of nothing");
        // "If the key that you specify in a policy condition is not present in the request context,
        // the values do not match and the condition is false" - but for those that say no.
        let says_no = operator.contains("Not");
        assert_eq!(
            holds(operator, &[wanted], None),
            says_no,
            "{operator} of nothing"
        );
    }
}

/// "Null condition operator": `"true"` when the key does not exist, `"false"` when it does.
#[test]
fn null_asks_for_absence() {
    assert!(holds("Null", &["true"], None));
    assert!(!holds("Null", &["false"], None));
    assert!(holds("Null", &["false"], Some(&["x"])));
    assert!(!holds("Null", &["true"], Some(&["x"])));
    // An empty set of values is none.
    assert!(holds("Null", &["true"], Some(&[])));
}

/// IAM User Guide, "Multivalued context keys", with its example of `aws:TagKeys`.
#[test]
fn quantifiers_look_at_all_values_or_any() {
    let all = |values: Option<&[&str]>| holds("ForAllValues:StringEquals", &["a", "b"], values);
    assert!(all(Some(&["a", "b"])) && all(Some(&["a"])) && all(None));
    assert!(!all(Some(&["a", "c"])));
    let any = |values: Option<&[&str]>| holds("ForAnyValue:StringEquals", &["a", "b"], values);
    assert!(any(Some(&["c", "a"])));
    assert!(!any(Some(&["c"])) && !any(None));
    assert!(holds("ForAnyValue:StringEqualsIfExists", &["a"], None));
    assert!(holds(
        "ForAllValues:StringNotLike",
        &["x*"],
        Some(&["a", "b"])
    ));
    assert!(!holds(
        "ForAllValues:StringNotLike",
        &["x*"],
        Some(&["a", "xb"])
    ));
    assert!(holds(
        "ForAnyValue:StringNotEquals",
        &["a"],
        Some(&["a", "b"])
    ));
    assert!(!holds(
        "ForAnyValue:StringNotEquals",
        &["a", "b"],
        Some(&["a", "b"])
    ));
}

/// "Evaluation logic for multiple context keys or values": values of one operator are alternatives,
/// and for those that say no, none may match.
#[test]
fn several_wanted_values() {
    assert!(holds("StringEquals", &["a", "b"], Some(&["b"])));
    assert!(!holds("StringNotEquals", &["a", "b"], Some(&["b"])));
    assert!(holds("StringNotEquals", &["a", "b"], Some(&["c"])));
}

proptest! {
    /// An operator and its opposite never agree on a value that is there.
    #[test]
    fn opposites_are_opposites(wanted in "[a-c*?]{0,4}", value in "[a-c]{0,4}") {
        for (yes, no) in [
            ("StringEquals", "StringNotEquals"),
            ("StringLike", "StringNotLike"),
            ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        ] {
            let values = [value.as_str()];
            let is = holds(yes, &[&wanted], Some(&values));
            prop_assert_ne!(is, holds(no, &[&wanted], Some(&values)));
        }
    }
}
