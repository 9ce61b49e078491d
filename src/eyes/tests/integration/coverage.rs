//! What may not be seen is unknown, not absent.

use crate::refusal::{Counting, counted};
use crate::support::{clients, region, served};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::error::ErrorMetadata;
use aws_sdk_ec2::operation::describe_addresses::DescribeAddressesOutput;
use aws_sdk_ec2::operation::describe_capacity_reservations::DescribeCapacityReservationsOutput;
use aws_sdk_ec2::operation::describe_customer_gateways::DescribeCustomerGatewaysOutput;
use aws_sdk_ec2::operation::describe_dhcp_options::DescribeDhcpOptionsOutput;
use aws_sdk_ec2::operation::describe_egress_only_internet_gateways::DescribeEgressOnlyInternetGatewaysOutput;
use aws_sdk_ec2::operation::describe_flow_logs::DescribeFlowLogsOutput;
use aws_sdk_ec2::operation::describe_hosts::DescribeHostsOutput;
use aws_sdk_ec2::operation::describe_images::DescribeImagesOutput;
use aws_sdk_ec2::operation::describe_instances::DescribeInstancesOutput;
use aws_sdk_ec2::operation::describe_internet_gateways::DescribeInternetGatewaysOutput;
use aws_sdk_ec2::operation::describe_key_pairs::DescribeKeyPairsOutput;
use aws_sdk_ec2::operation::describe_launch_templates::DescribeLaunchTemplatesOutput;
use aws_sdk_ec2::operation::describe_managed_prefix_lists::DescribeManagedPrefixListsOutput;
use aws_sdk_ec2::operation::describe_nat_gateways::DescribeNatGatewaysOutput;
use aws_sdk_ec2::operation::describe_network_acls::DescribeNetworkAclsOutput;
use aws_sdk_ec2::operation::describe_network_interfaces::DescribeNetworkInterfacesError;
use aws_sdk_ec2::operation::describe_placement_groups::DescribePlacementGroupsOutput;
use aws_sdk_ec2::operation::describe_route_tables::DescribeRouteTablesOutput;
use aws_sdk_ec2::operation::describe_security_groups::DescribeSecurityGroupsOutput;
use aws_sdk_ec2::operation::describe_snapshots::DescribeSnapshotsOutput;
use aws_sdk_ec2::operation::describe_subnets::DescribeSubnetsOutput;
use aws_sdk_ec2::operation::describe_transit_gateway_attachments::DescribeTransitGatewayAttachmentsOutput;
use aws_sdk_ec2::operation::describe_transit_gateway_route_tables::DescribeTransitGatewayRouteTablesOutput;
use aws_sdk_ec2::operation::describe_transit_gateways::DescribeTransitGatewaysOutput;
use aws_sdk_ec2::operation::describe_volumes::DescribeVolumesOutput;
use aws_sdk_ec2::operation::describe_vpc_endpoint_service_configurations::DescribeVpcEndpointServiceConfigurationsOutput;
use aws_sdk_ec2::operation::describe_vpc_endpoints::DescribeVpcEndpointsOutput;
use aws_sdk_ec2::operation::describe_vpc_peering_connections::DescribeVpcPeeringConnectionsOutput;
use aws_sdk_ec2::operation::describe_vpcs::DescribeVpcsOutput;
use aws_sdk_ec2::operation::describe_vpn_connections::DescribeVpnConnectionsOutput;
use aws_sdk_ec2::operation::describe_vpn_gateways::DescribeVpnGatewaysOutput;
use aws_sdk_ec2::types;
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use sandtable_describe::Clients;
use sandtable_eyes::{Progress, Request, Scan, ScanError, scan};
use sandtable_model::{AccountId, Coverage, Kind, ResourceId, Snapshot, Timestamp};
use sandtable_simulator::wire::connector::TwinClient;

fn metadata(code: &str) -> ErrorMetadata {
    ErrorMetadata::builder()
        .code(code)
        .message("You are not authorized.")
        .build()
}

fn denied_interfaces() -> Rule {
    mock!(Client::describe_network_interfaces)
        .then_error(|| DescribeNetworkInterfacesError::generic(metadata("UnauthorizedOperation")))
}

fn one_vpc(owner: Option<&'static str>) -> Rule {
    mock!(Client::describe_vpcs).then_output(move || {
        let vpc = types::Vpc::builder()
            .vpc_id("vpc-1")
            .cidr_block("10.0.0.0/16");
        let vpc = vpc.set_owner_id(owner.map(str::to_owned)).build();
        DescribeVpcsOutput::builder().vpcs(vpc).build()
    })
}

fn empty_rest() -> Vec<Rule> {
    macro_rules! empty {
        ($($call:ident => $output:ident),+ $(,)?) => {
            vec![$(mock!(Client::$call).then_output(|| $output::builder().build())),+]
        };
    }
    empty![
        describe_subnets => DescribeSubnetsOutput,
        describe_route_tables => DescribeRouteTablesOutput,
        describe_internet_gateways => DescribeInternetGatewaysOutput,
        describe_nat_gateways => DescribeNatGatewaysOutput,
        describe_addresses => DescribeAddressesOutput,
        describe_security_groups => DescribeSecurityGroupsOutput,
        describe_instances => DescribeInstancesOutput,
        describe_volumes => DescribeVolumesOutput,
        describe_snapshots => DescribeSnapshotsOutput,
        describe_images => DescribeImagesOutput,
        describe_vpc_endpoints => DescribeVpcEndpointsOutput,
        describe_network_acls => DescribeNetworkAclsOutput,
        describe_dhcp_options => DescribeDhcpOptionsOutput,
        describe_egress_only_internet_gateways => DescribeEgressOnlyInternetGatewaysOutput,
        describe_managed_prefix_lists => DescribeManagedPrefixListsOutput,
        describe_flow_logs => DescribeFlowLogsOutput,
        describe_vpc_endpoint_service_configurations => DescribeVpcEndpointServiceConfigurationsOutput,
        describe_vpc_peering_connections => DescribeVpcPeeringConnectionsOutput,
        describe_transit_gateways => DescribeTransitGatewaysOutput,
        describe_transit_gateway_attachments => DescribeTransitGatewayAttachmentsOutput,
        describe_transit_gateway_route_tables => DescribeTransitGatewayRouteTablesOutput,
        describe_vpn_gateways => DescribeVpnGatewaysOutput,
        describe_customer_gateways => DescribeCustomerGatewaysOutput,
        describe_vpn_connections => DescribeVpnConnectionsOutput,
        describe_key_pairs => DescribeKeyPairsOutput,
        describe_placement_groups => DescribePlacementGroupsOutput,
        describe_capacity_reservations => DescribeCapacityReservationsOutput,
        describe_hosts => DescribeHostsOutput,
        describe_launch_templates => DescribeLaunchTemplatesOutput,
    ]
}

async fn look(rules: &[Rule], account: Option<&str>) -> Result<Scan, ScanError> {
    let rules: Vec<&Rule> = rules.iter().collect();
    // The services beside EC2 are those of an empty twin.
    let at = Timestamp::from_millis(0);
    let empty = Snapshot::new(AccountId::new("123456789012").unwrap(), at, "nothing");
    let beside = clients(TwinClient::new(served(&empty)), &region(), 1);
    let ec2 = mock_client!(aws_sdk_ec2, RuleMode::MatchAny, rules);
    let request = Request {
        clients: vec![Clients { ec2, ..beside }],
        account: account.map(|it| AccountId::new(it).unwrap()),
        identity: None,
        emulated: false,
        taken_at: Timestamp::from_millis(0),
        origin: "a test".to_owned(),
        attributes: false,
    };
    scan(request, &Progress::Silent).await
}

fn with(first: [Rule; 2]) -> Vec<Rule> {
    first.into_iter().chain(empty_rest()).collect()
}

#[tokio::test]
async fn a_kind_that_may_not_be_listed_is_unknown() {
    let rules = with([denied_interfaces(), one_vpc(Some("123456789012"))]);
    let seen = look(&rules, None).await.unwrap();
    let coverage = seen.snapshot.coverage(&region(), Kind::NetworkInterface);
    let Coverage::Unknown { reason } = coverage else {
        panic!("{coverage:?}");
    };
    assert!(
        reason.contains("not permitted to call DescribeNetworkInterfaces"),
        "{reason}"
    );
    assert_eq!(
        seen.snapshot.coverage(&region(), Kind::Vpc),
        Coverage::Complete
    );
    assert!(
        seen.snapshot
            .get(&ResourceId::new("vpc-1").unwrap())
            .is_some()
    );
    assert_eq!(seen.incomplete.len(), 1);
    assert_eq!(seen.incomplete[0].kind, Kind::NetworkInterface);
}

#[tokio::test]
async fn the_account_is_told_by_owners_or_must_be_named() {
    let anonymous = || with([denied_interfaces(), one_vpc(None)]);
    let error = look(&anonymous(), None).await.unwrap_err();
    assert!(matches!(error, ScanError::Account(_)), "{error}");
    let seen = look(&anonymous(), Some("111122223333")).await.unwrap();
    assert_eq!(seen.snapshot.account.as_str(), "111122223333");

    let owned = with([denied_interfaces(), one_vpc(Some("123456789012"))]);
    let seen = look(&owned, None).await.unwrap();
    assert_eq!(seen.snapshot.account.as_str(), "123456789012");
    let error = look(&owned, Some("111122223333")).await.unwrap_err();
    assert!(matches!(error, ScanError::OtherAccount { .. }), "{error}");
}

#[tokio::test]
async fn when_nothing_can_be_read_there_is_no_snapshot() {
    let wire = Counting::default();
    let request = Request {
        clients: vec![counted(&wire)],
        account: None,
        identity: None,
        emulated: false,
        taken_at: Timestamp::from_millis(0),
        origin: "a test".to_owned(),
        attributes: false,
    };
    let error = scan(request, &Progress::Silent).await.unwrap_err();
    assert!(
        matches!(error, ScanError::Nothing { attempts, .. } if attempts == Kind::ALL.len()),
        "{error}"
    );
    assert_eq!(wire.count(), Kind::ALL.len());
}
