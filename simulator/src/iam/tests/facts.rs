//! The least-privilege sets of facts, iam, allow what they say on the twin and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::table::Table;
use super::{ask, only, set, statement};
use crate::dispatch;
use crate::testing::Account;
use crate::wire::Api;

/// Facts, iam, "Minimum named list for this project's kinds".
const LOOK: &str = "DescribeRegions DescribeAvailabilityZones DescribeAccountAttributes \
    DescribeInstances DescribeInstanceStatus DescribeInstanceTypes DescribeInstanceAttribute \
    DescribeVolumes DescribeVolumeStatus DescribeVolumesModifications DescribeSnapshots \
    DescribeSnapshotTierStatus DescribeImages DescribeAddresses DescribeNatGateways \
    DescribeNetworkInterfaces DescribeSecurityGroups DescribeSecurityGroupRules \
    DescribeNetworkAcls DescribeRouteTables DescribeSubnets DescribeVpcs DescribeVpcAttribute \
    DescribeInternetGateways DescribeEgressOnlyInternetGateways DescribeVpcEndpoints \
    DescribeVpcPeeringConnections DescribeTransitGateways DescribeTransitGatewayAttachments \
    DescribeTransitGatewayVpcAttachments DescribeVpnGateways DescribeVpnConnections \
    DescribeCustomerGateways DescribeLaunchTemplates DescribeLaunchTemplateVersions \
    DescribeKeyPairs DescribeFlowLogs DescribePlacementGroups DescribeDhcpOptions DescribeTags \
    DescribeManagedPrefixLists DescribeReservedInstances DescribeCapacityReservations \
    DescribeHosts DescribeSpotInstanceRequests";

/// Facts, iam, "Resource-level support of destructive actions": required types, then optional ones.
const ACT: &[(&str, &str, &str)] = &[
    ("TerminateInstances", "instance", ""),
    ("StopInstances", "instance", ""),
    (
        "ModifyInstanceAttribute",
        "instance",
        "security-group volume",
    ),
    ("DeleteVolume", "volume", ""),
    ("DetachVolume", "volume", "instance"),
    ("ModifyVolume", "volume", ""),
    ("DeleteSnapshot", "snapshot", ""),
    ("ModifySnapshotTier", "snapshot", ""),
    ("DeregisterImage", "image", ""),
    ("DisableImage", "image", ""),
    ("ReleaseAddress", "", "elastic-ip"),
    ("DisassociateAddress", "", "elastic-ip network-interface"),
    ("DeleteNatGateway", "natgateway", ""),
    (
        "DisassociateNatGatewayAddress",
        "elastic-ip natgateway",
        "network-interface",
    ),
    ("DeleteNetworkInterface", "network-interface", ""),
    ("DetachNetworkInterface", "instance network-interface", ""),
    ("DeleteVpcEndpoints", "vpc-endpoint", ""),
    ("DeleteVpcPeeringConnection", "vpc-peering-connection", ""),
    ("DeleteTransitGateway", "transit-gateway", ""),
    (
        "DeleteTransitGatewayVpcAttachment",
        "transit-gateway-attachment",
        "",
    ),
    ("DeleteVpnConnection", "vpn-connection", ""),
    ("DeleteVpnGateway", "vpn-gateway", ""),
    ("DetachVpnGateway", "vpc vpn-gateway", ""),
    ("DeleteCustomerGateway", "customer-gateway", ""),
    ("DeleteInternetGateway", "internet-gateway", ""),
    ("DetachInternetGateway", "internet-gateway vpc", ""),
    (
        "DeleteEgressOnlyInternetGateway",
        "egress-only-internet-gateway",
        "",
    ),
    ("DeleteRoute", "route-table", ""),
    ("DeleteRouteTable", "route-table", ""),
    (
        "DisassociateRouteTable",
        "",
        "internet-gateway ipv4pool-ec2 ipv6pool-ec2 route-table subnet vpn-gateway",
    ),
    ("DeleteSubnet", "subnet", ""),
    ("DeleteNetworkAcl", "network-acl", ""),
    ("DeleteNetworkAclEntry", "network-acl", ""),
    ("ReplaceNetworkAclAssociation", "network-acl subnet", ""),
    ("DeleteSecurityGroup", "security-group", ""),
    ("RevokeSecurityGroupIngress", "security-group", ""),
    ("RevokeSecurityGroupEgress", "security-group", ""),
    ("DeleteVpc", "vpc", ""),
    ("AssociateDhcpOptions", "dhcp-options vpc", ""),
    ("DeleteDhcpOptions", "dhcp-options", ""),
    ("DeleteFlowLogs", "vpc-flow-log", ""),
    ("DeleteLaunchTemplate", "launch-template", ""),
    ("DeleteLaunchTemplateVersions", "launch-template", ""),
    ("DeleteKeyPair", "", "key-pair"),
    ("DeletePlacementGroup", "placement-group", ""),
    ("CreateSnapshot", "snapshot volume", ""),
];

fn is_denied(account: &mut Account, api: Api, action: &str) -> bool {
    match ask(account, api, action, json!({})) {
        Ok(_) => false,
        Err(error) => matches!(
            error.code.as_ref(),
            "UnauthorizedOperation" | "AccessDenied"
        ),
    }
}

/// Every operation of the twin, called empty-handed: the list allows what it names.
#[test]
fn the_minimum_to_look_allows_what_it_names_and_nothing_else() {
    let mut account = Account::new();
    let named: BTreeSet<&str> = LOOK.split(' ').filter(|it| !it.is_empty()).collect();
    let actions: Vec<String> = named.iter().map(|it| format!("ec2:{it}")).collect();
    only(&mut account, json!({"Action": actions}));
    let mut allowed = 0;
    for (api, action) in dispatch::modelled_operations() {
        let expected = match api {
            Api::Ec2 => !named.contains(action),
            Api::Sts => !matches!(action, "GetCallerIdentity" | "GetSessionToken"),
            _ => true,
        };
        let mut fork = account.clone();
        assert_eq!(
            is_denied(&mut fork, api, action),
            expected,
            "{api} {action}"
        );
        allowed += usize::from(!expected);
    }
    assert!(allowed > 35, "only {allowed} of the list are modelled");
}

/// Facts, iam, "Related reads outside ec2".
#[test]
fn the_related_reads_are_those_of_the_other_services() {
    let mut account = Account::new();
    let actions = [
        "elasticloadbalancing:Describe*",
        "autoscaling:Describe*",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "rds:Describe*",
    ];
    only(&mut account, json!({"Action": actions}));
    for (api, action) in dispatch::modelled_operations() {
        let is_read = match api {
            Api::Elb | Api::ElbV2 | Api::AutoScaling | Api::Rds => action.starts_with("Describe"),
            Api::CloudWatch => matches!(action, "GetMetricData" | "ListMetrics"),
            Api::Sts => matches!(action, "GetCallerIdentity" | "GetSessionToken"),
            _ => false,
        };
        let mut fork = account.clone();
        assert_eq!(
            is_denied(&mut fork, api, action),
            !is_read,
            "{api} {action}"
        );
    }
}

/// The table of the facts page is the reference's, type by type.
#[test]
fn destructive_actions_are_authorised_on_the_types_of_the_facts() {
    let table = Table::of(Api::Ec2);
    for (action, required, optional) in ACT {
        let row = table.action(action).unwrap_or_else(|| panic!("{action}"));
        let of = |is_required: bool| {
            let types = row.types.iter().filter(|it| it.is_required == is_required);
            types.map(|it| it.name).collect::<BTreeSet<_>>()
        };
        let told = |text: &'static str| text.split(' ').filter(|it| !it.is_empty()).collect();
        assert_eq!(of(true), told(required), "{action}");
        assert_eq!(of(false), told(optional), "{action}");
    }
}

/// Each of them is denied by what allows everything but it, and allowed by what allows it alone.
#[test]
fn a_permission_is_worth_its_action() {
    let mut account = Account::new();
    for (action, ..) in ACT {
        let name = format!("ec2:{action}");
        only(&mut account, json!({"NotAction": name}));
        assert!(
            is_denied(&mut account.clone(), Api::Ec2, action),
            "{action}"
        );
        only(&mut account, json!({"Action": name}));
        assert!(
            !is_denied(&mut account.clone(), Api::Ec2, action),
            "{action}"
        );
    }
}

/// Facts, iam, "ARN formats": `${Account}` is empty for snapshots and images.
#[test]
fn arns_are_written_as_the_reference_writes_them() {
    let account = sandtable_model::AccountId::new("123456789012").unwrap();
    let region = sandtable_model::Region::new("eu-west-1").unwrap();
    let arns = super::super::arn::Arns {
        account: &account,
        region: &region,
    };
    let table = Table::of(Api::Ec2);
    let mut compared = 0;
    for (kind, format) in table.arns().iter().filter(|(_, it)| it.contains(":ec2:")) {
        let arn = arns.named(kind, "x");
        if table.type_of(&arn) == Some(*kind) {
            compared += 1;
            continue;
        }
        // Types whose ARNs are formed otherwise, none of which the twin has.
        let is_ours = sandtable_model::Kind::ALL
            .iter()
            .any(|it| it.as_str() == *kind);
        assert!(!is_ours, "{kind}: {arn} is not {format}");
    }
    assert!(compared > 60, "only {compared}");
}

/// A session policy for one plan (facts, iam, "Assumed role + session policy"): about 25 ARNs fit.
#[test]
fn a_session_policy_has_room_for_some_arns() {
    let mut account = Account::new();
    set(&mut account, &json!({"identity": [statement(json!({}))]}));
    let policy = |count: usize| {
        let arn = |at: usize| format!("arn:aws:ec2:us-east-1:123456789012:volume/vol-{at:017x}");
        let arns: Vec<String> = (0..count).map(arn).collect();
        statement(json!({"Action": "ec2:DeleteVolume", "Resource": arns})).to_string()
    };
    let mut assume = |policy: String| {
        let input: Value = json!({"RoleArn": "arn:aws:iam::123456789012:role/cleaner",
            "RoleSessionName": "plan", "Policy": policy});
        ask(&mut account, Api::Sts, "AssumeRole", input)
    };
    assume(policy(25)).unwrap();
    assert_eq!(assume(policy(40)).unwrap_err().code, "PackedPolicyTooLarge");
}
