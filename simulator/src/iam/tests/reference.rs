//! AWS's reference covers what the twin models, and the twin what the reference names.

use std::collections::BTreeSet;

use super::super::keys;
use super::super::table::Table;
use crate::dispatch;
use crate::wire::Api;

#[test]
fn the_reference_covers_every_operation() {
    let operations = dispatch::modelled_operations();
    assert!(operations.len() > 400, "only {}", operations.len());
    for (api, action) in operations {
        let row = Table::of(api).action(action);
        assert!(row.is_some(), "{api} {action} is not in the reference");
    }
}

/// Keys of modelled operations whose values nothing in the twin shows; a policy that asks for them is
/// refused by name.
#[test]
fn keys_that_nobody_knows() {
    let mut unknown = BTreeSet::new();
    for (api, action) in dispatch::modelled_operations() {
        let table = Table::of(api);
        let Some(row) = table.action(action) else {
            continue;
        };
        let types = row.types.iter().map(Some);
        for of in std::iter::once(None).chain(types) {
            for key in table.keys(row, of) {
                let whole = key
                    .replace("${AttributeName}", "x")
                    .replace("${ContextKey}", "x");
                let whole = match whole.ends_with('/') {
                    true => format!("{whole}x"),
                    false => whole,
                };
                if !keys::is_known(&whole) {
                    unknown.insert(key);
                }
            }
        }
    }
    insta::assert_debug_snapshot!(unknown);
}

#[test]
fn every_key_that_is_shown_is_one_of_the_reference() {
    for name in keys::names() {
        let is_named = Api::ALL
            .into_iter()
            .any(|api| Table::of(api).names_key(name));
        assert!(is_named, "the reference has no key {name}");
    }
}

/// What the reference says that modelled operations can need besides: handled by `call` and `needs`, or
/// named here with the reason why no call of the twin comes to it.
#[test]
fn dependent_actions_are_asked_or_out_of_reach() {
    const ASKED: &[&str] = &[
        "cloudformation:ListStacks",
        "ec2:CreateTags",
        "elasticloadbalancing:AddTags",
        "iam:CreateServiceLinkedRole",
        "iam:PassRole",
        "rds:AddTagsToResource",
        "rds:CreateDBSnapshot",
    ];
    const OUT_OF_REACH: &[(&str, &str)] = &[
        (
            "ec2:DescribeSecurityGroups",
            "what the console does for an endpoint",
        ),
        (
            "ec2:DescribeSubnets",
            "what the console does for an endpoint",
        ),
        ("ec2:DescribeVpcs", "what the console does for an endpoint"),
        (
            "ecs:",
            "flow logs with fields of ECS, which are not modelled",
        ),
        ("kms:", "keys of KMS, which are taken by name"),
        (
            "rds:CopyCustomDBEngineVersion",
            "custom engines, which are not modelled",
        ),
        (
            "rds:CreateTenantDatabase",
            "tenant databases, which are not modelled",
        ),
        (
            "rds:DeleteTenantDatabase",
            "tenant databases, which are not modelled",
        ),
        (
            "route53:AssociateVPCWithHostedZone",
            "hosted zones, which are not modelled",
        ),
        ("secretsmanager:", "managed passwords, which are refused"),
        (
            "ssm:GetParameters",
            "images by parameter, which are refused",
        ),
    ];
    for (api, action) in dispatch::modelled_operations() {
        let row = Table::of(api).action(action);
        for need in row.into_iter().flat_map(|it| &it.needs) {
            let is_out = OUT_OF_REACH.iter().any(|(it, _)| need.starts_with(it));
            assert!(ASKED.contains(need) || is_out, "{action} can need {need}");
        }
    }
}

#[test]
fn an_arn_tells_its_type() {
    for (arn, expected) in [
        ("loadbalancer/old", "loadbalancer"),
        ("loadbalancer/app/web/1", "loadbalancer/app/"),
        ("loadbalancer/net/web/1", "loadbalancer/net/"),
        ("listener/app/web/1/2", "listener/app"),
        ("listener-rule/app/web/1/2/3", "listener-rule/app"),
        ("targetgroup/web/1", "targetgroup"),
    ] {
        let arn = format!("arn:aws:elasticloadbalancing:eu-west-1:1:{arn}");
        assert_eq!(Table::of(Api::ElbV2).type_of(&arn), Some(expected), "{arn}");
    }
    assert_eq!(
        Table::of(Api::ElbV2).type_of("arn:aws:ec2:a:1:volume/vol-1"),
        None
    );
}
