//! Kinds that take several calls, or another service than EC2: what is made of refusals and of what
//! the model has no place for.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::error::ErrorMetadata;
use aws_sdk_ec2::operation::describe_launch_template_versions::DescribeLaunchTemplateVersionsError;
use aws_sdk_ec2::operation::describe_launch_templates::DescribeLaunchTemplatesOutput;
use aws_sdk_ec2::operation::describe_managed_prefix_lists::DescribeManagedPrefixListsOutput;
use aws_sdk_ec2::operation::describe_network_acls::DescribeNetworkAclsOutput;
use aws_sdk_ec2::operation::describe_subnets::DescribeSubnetsOutput;
use aws_sdk_ec2::operation::describe_transit_gateway_route_tables::DescribeTransitGatewayRouteTablesOutput;
use aws_sdk_ec2::operation::get_managed_prefix_list_entries::GetManagedPrefixListEntriesOutput;
use aws_sdk_ec2::operation::get_subnet_cidr_reservations::GetSubnetCidrReservationsOutput;
use aws_sdk_ec2::operation::get_transit_gateway_route_table_propagations::GetTransitGatewayRouteTablePropagationsOutput;
use aws_sdk_ec2::operation::search_transit_gateway_routes::SearchTransitGatewayRoutesOutput;
use aws_sdk_ec2::types;
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use aws_types::SdkConfig;
use sandtable_describe::{CallFailure, Clients, ReadError, list};
use sandtable_model::resource::AutoScalingGroup;
use sandtable_model::{Kind, Region, Resource};

fn one_template() -> Rule {
    mock!(Client::describe_launch_templates).then_output(|| {
        let template = types::LaunchTemplate::builder()
            .launch_template_id("lt-1")
            .launch_template_name("web");
        DescribeLaunchTemplatesOutput::builder()
            .launch_templates(template.build())
            .build()
    })
}

fn refused_versions(code: &'static str) -> Rule {
    mock!(Client::describe_launch_template_versions).then_error(move || {
        let metadata = ErrorMetadata::builder().code(code).message("no").build();
        DescribeLaunchTemplateVersionsError::generic(metadata)
    })
}

#[tokio::test]
async fn a_resource_whose_parts_may_not_be_read_is_not_told_without_them() {
    let (templates, denied) = (one_template(), refused_versions("UnauthorizedOperation"));
    let client = mock_client!(aws_sdk_ec2, RuleMode::MatchAny, [&templates, &denied]);
    let Err(ReadError::Call { operation, failure }) = list(&client, Kind::LaunchTemplate).await
    else {
        panic!("the versions are not known, so neither is the template");
    };
    assert_eq!(operation, "DescribeLaunchTemplateVersions");
    assert!(failure.is_denied(), "{failure}");
}

#[tokio::test]
async fn what_goes_away_between_two_calls_is_no_failure() {
    let gone = refused_versions("InvalidLaunchTemplateId.NotFound");
    let templates = one_template();
    let client = mock_client!(aws_sdk_ec2, RuleMode::MatchAny, [&templates, &gone]);
    let listing = list(&client, Kind::LaunchTemplate).await.unwrap();
    assert!(listing.resources.is_empty() && listing.left_out.is_empty());
}

#[tokio::test]
async fn a_page_that_names_itself_as_the_next_is_an_error_and_no_endless_loop() {
    let acls = mock!(Client::describe_network_acls).then_output(|| {
        let acl = types::NetworkAcl::builder()
            .network_acl_id("acl-1")
            .vpc_id("vpc-1");
        DescribeNetworkAclsOutput::builder()
            .network_acls(acl.build())
            .next_token("again")
            .build()
    });
    let subnets = mock!(Client::describe_subnets).then_output(|| {
        DescribeSubnetsOutput::builder()
            .subnets(types::Subnet::builder().subnet_id("subnet-1").build())
            .build()
    });
    let reservations = mock!(Client::get_subnet_cidr_reservations).then_output(|| {
        GetSubnetCidrReservationsOutput::builder()
            .next_token("again")
            .build()
    });
    let rules = [&acls, &subnets, &reservations];
    let client = mock_client!(aws_sdk_ec2, RuleMode::MatchAny, rules);
    for (kind, operation) in [
        (Kind::NetworkAcl, "DescribeNetworkAcls"),
        (Kind::SubnetCidrReservation, "GetSubnetCidrReservations"),
    ] {
        let error = list(&client, kind).await.unwrap_err();
        let told = error.to_string();
        assert!(told.starts_with(operation), "{told}");
    }
}

#[tokio::test]
async fn awss_own_prefix_lists_are_passed_over() {
    let lists = mock!(Client::describe_managed_prefix_lists).then_output(|| {
        let of = |id: &str, owner: &str| {
            types::ManagedPrefixList::builder()
                .prefix_list_id(id)
                .owner_id(owner)
                .build()
        };
        DescribeManagedPrefixListsOutput::builder()
            .prefix_lists(of("pl-1", "AWS"))
            .prefix_lists(of("pl-2", "123456789012"))
            .build()
    });
    let entries = mock!(Client::get_managed_prefix_list_entries)
        .match_requests(|it| it.prefix_list_id() == Some("pl-2"))
        .then_output(|| {
            let entry = types::PrefixListEntry::builder().cidr("192.0.2.0/24");
            GetManagedPrefixListEntriesOutput::builder()
                .entries(entry.build())
                .build()
        });
    let client = mock_client!(aws_sdk_ec2, RuleMode::MatchAny, [&lists, &entries]);
    let listing = list(&client, Kind::ManagedPrefixList).await.unwrap();
    let [Resource::ManagedPrefixList(own)] = listing.resources.as_slice() else {
        panic!("{listing:?}");
    };
    assert_eq!(own.prefix_list_id.as_str(), "pl-2");
    assert_eq!(own.entries[0].cidr, "192.0.2.0/24");
}

#[tokio::test]
async fn a_table_with_more_routes_than_aws_shows_is_left_out_with_the_reason() {
    let tables = mock!(Client::describe_transit_gateway_route_tables).then_output(|| {
        let table = types::TransitGatewayRouteTable::builder()
            .transit_gateway_route_table_id("tgw-rtb-1")
            .transit_gateway_id("tgw-1");
        DescribeTransitGatewayRouteTablesOutput::builder()
            .transit_gateway_route_tables(table.build())
            .build()
    });
    let none = mock!(Client::get_transit_gateway_route_table_propagations)
        .then_output(|| GetTransitGatewayRouteTablePropagationsOutput::builder().build());
    let some = mock!(Client::search_transit_gateway_routes).then_output(|| {
        SearchTransitGatewayRoutesOutput::builder()
            .additional_routes_available(true)
            .build()
    });
    let rules = [&tables, &none, &some];
    let client = mock_client!(aws_sdk_ec2, RuleMode::MatchAny, rules);
    let listing = list(&client, Kind::TransitGatewayRouteTable).await.unwrap();
    assert!(listing.resources.is_empty());
    assert_eq!(
        listing.left_out[0].to_string(),
        "transit gateway route table tgw-rtb-1 cannot be used: it has more routes than AWS shows"
    );
}

/// Clients of which only Auto Scaling's answers, with these groups.
fn groups(groups: Vec<aws_sdk_autoscaling::types::AutoScalingGroup>) -> Clients {
    let answer = mock!(aws_sdk_autoscaling::Client::describe_auto_scaling_groups).then_output(
        move || {
            let output = aws_sdk_autoscaling::operation::describe_auto_scaling_groups::DescribeAutoScalingGroupsOutput::builder();
            output.set_auto_scaling_groups(Some(groups.clone())).build()
        },
    );
    let config = SdkConfig::builder()
        .behavior_version(aws_sdk_ec2::config::BehaviorVersion::v2026_01_12())
        .build();
    let region = Region::new("eu-central-1").unwrap();
    Clients {
        autoscaling: mock_client!(aws_sdk_autoscaling, RuleMode::MatchAny, [&answer]),
        ..Clients::new(&config, region)
    }
}

#[tokio::test]
async fn a_group_of_several_instance_types_has_the_template_of_its_policy() {
    use aws_sdk_autoscaling::types;
    let template = |id: &str| {
        types::LaunchTemplateSpecification::builder()
            .launch_template_id(id)
            .build()
    };
    let group = |name: &str, other: Option<types::LaunchTemplateSpecification>| {
        let one = types::LaunchTemplateOverrides::builder().instance_type("m5.large");
        let launches = types::LaunchTemplate::builder()
            .launch_template_specification(template("lt-1"))
            .overrides(one.set_launch_template_specification(other).build());
        let policy = types::MixedInstancesPolicy::builder().launch_template(launches.build());
        types::AutoScalingGroup::builder()
            .auto_scaling_group_name(name)
            .mixed_instances_policy(policy.build())
            .build()
    };
    let clients = groups(vec![
        group("one", None),
        group("two", Some(template("lt-2"))),
    ]);
    let listing = clients.list(Kind::AutoScalingGroup).await.unwrap();
    let [one] = listing.resources.as_slice() else {
        panic!("{listing:?}");
    };
    let one = one.get::<AutoScalingGroup>().unwrap();
    assert_eq!(one.auto_scaling_group_id.as_str(), "asg-eu-central-1/one");
    let launches = one.launch_template.as_ref().unwrap();
    assert_eq!(launches.launch_template_id.as_deref(), Some("lt-1"));
    assert_eq!(
        listing.left_out[0].to_string(),
        "Auto Scaling group two cannot be used: it launches from several launch templates"
    );
}

#[tokio::test]
async fn a_moment_that_is_none_is_told_and_not_guessed() {
    let at = aws_smithy_types::DateTime::from_secs(i64::MAX);
    let group = aws_sdk_autoscaling::types::AutoScalingGroup::builder()
        .auto_scaling_group_name("odd")
        .created_time(at)
        .build();
    let listing = groups(vec![group]).list(Kind::AutoScalingGroup).await;
    let listing = listing.unwrap();
    assert!(listing.resources.is_empty());
    let told = listing.left_out[0].to_string();
    assert!(
        told.starts_with("Auto Scaling group odd cannot be used:"),
        "{told}"
    );
}

#[tokio::test]
async fn a_client_refuses_what_is_no_read_of_its_service() {
    let region = Region::new("eu-central-1").unwrap();
    let config = SdkConfig::builder()
        .behavior_version(aws_sdk_ec2::config::BehaviorVersion::v2026_01_12())
        .build();
    let clients = Clients::new(&config, region);
    let asked = clients.rds.describe_db_clusters().send().await;
    let failure = sandtable_describe::failure_of(&asked.unwrap_err());
    assert!(matches!(failure, CallFailure::NotSent(_)), "{failure:?}");
}
