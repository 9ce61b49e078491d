//! AWS's managed policies, and references to managed policies.

use serde_json::json;

use super::super::context::Context;
use super::{Permissions, permissions, statement};
use crate::iam::managed_policies;

fn allows(arn: &str, action: &str) -> bool {
    let permissions = permissions(&json!({"identity": [arn]}));
    permissions
        .evaluate(action, "*", &Context::default())
        .is_none()
}

#[test]
fn every_policy_of_aws_is_read() {
    let arns: Vec<&str> = managed_policies().collect();
    assert_eq!(arns.len(), 20, "{arns:?}");
    for arn in arns {
        permissions(&json!({"identity": [arn], "boundary": arn}));
    }
}

/// Facts, iam, "Read-only sets": `ec2:Get*` of `ReadOnlyAccess` reads what is in an instance, which the
/// two others leave out.
#[test]
fn what_the_read_only_policies_read() {
    let arn = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
    let read_only = [
        arn("AmazonEC2ReadOnlyAccess"),
        arn("job-function/ViewOnlyAccess"),
        arn("SecurityAudit"),
        arn("ReadOnlyAccess"),
    ];
    for policy in &read_only {
        for action in [
            "ec2:DescribeVolumes",
            "ec2:DescribeInstances",
            "ec2:DescribeVpcs",
        ] {
            assert!(allows(policy, action), "{policy} {action}");
        }
        for action in [
            "ec2:DeleteVolume",
            "ec2:CreateTags",
            "ec2:RunInstances",
            "iam:PassRole",
        ] {
            assert!(!allows(policy, action), "{policy} {action}");
        }
        let reads_data = policy.ends_with("policy/ReadOnlyAccess");
        for action in ["ec2:GetConsoleOutput", "ec2:GetPasswordData"] {
            assert_eq!(allows(policy, action), reads_data, "{policy} {action}");
        }
    }
    let vpc = arn("AmazonVPCReadOnlyAccess");
    assert!(allows(&vpc, "ec2:DescribeNatGateways") && !allows(&vpc, "ec2:DescribeVolumes"));
    assert!(allows(&arn("AdministratorAccess"), "iam:PassRole"));
    let power = arn("PowerUserAccess");
    assert!(allows(&power, "ec2:RunInstances") && !allows(&power, "iam:PassRole"));
    // The same policies in other partitions.
    assert!(allows(
        "arn:aws-cn:iam::aws:policy/ReadOnlyAccess",
        "ec2:DescribeVolumes"
    ));
}

#[test]
fn a_policy_that_nobody_has_is_refused_by_name() {
    let own = "arn:aws:iam::123456789012:policy/own";
    let mut told = json!({"identity": [own]});
    let error = Permissions::from_json(&told.to_string()).unwrap_err();
    assert!(
        error.contains(own) && error.contains("`policies`"),
        "{error}"
    );
    told["policies"] = json!({own: statement(json!({"Action": "ec2:DeleteVolume"}))});
    permissions(&told);
    for (name, value) in [
        ("identity", json!(["ReadOnlyAccess"])),
        ("policies", json!({"own": statement(json!({}))})),
        ("roles", json!({"cleaner": {"trust": {"Statement": []}}})),
        (
            "instance_profiles",
            json!({"web": "arn:aws:iam::123456789012:role/web"}),
        ),
    ] {
        let error = Permissions::from_json(&json!({name: value}).to_string()).unwrap_err();
        assert!(
            error.contains("ARN") || error.contains("needs a statement"),
            "{name}: {error}"
        );
    }
}

/// IAM User Guide, "IAM and AWS STS quotas"; white space does not count.
#[test]
fn policies_have_sizes() {
    let policy = |letters: usize| {
        statement(json!({"Resource": format!("arn:aws:s3:::{}", "x".repeat(letters))}))
    };
    let size = super::document(&policy(0)).size();
    for (name, most) in [
        ("boundary", 6_144),
        ("service_control", 10_240),
        ("identity", 10_240),
    ] {
        let value = |letters: usize| match name {
            "boundary" => json!({name: policy(letters)}),
            _ => json!({name: [policy(letters)]}),
        };
        permissions(&value(most - size));
        let error = Permissions::from_json(&value(most - size + 1).to_string()).unwrap_err();
        assert!(error.contains(&most.to_string()), "{name}: {error}");
    }
}
