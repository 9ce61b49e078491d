//! What the reads make of answers and refusals.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::error::ErrorMetadata;
use aws_sdk_ec2::operation::describe_images::DescribeImagesOutput;
use aws_sdk_ec2::operation::describe_instances::DescribeInstancesOutput;
use aws_sdk_ec2::operation::describe_nat_gateways::{
    DescribeNatGatewaysError, DescribeNatGatewaysOutput,
};
use aws_sdk_ec2::operation::describe_network_interfaces::DescribeNetworkInterfacesOutput;
use aws_sdk_ec2::operation::describe_volumes::{DescribeVolumesError, DescribeVolumesOutput};
use aws_sdk_ec2::types;
use aws_smithy_mocks::{RuleMode, mock, mock_client};
use sandtable_describe::{CallFailure, ReadError, by_id, images_of, interfaces_within, list};
use sandtable_model::{Kind, Resource, ResourceId, SnapshotId};

fn id(text: &str) -> ResourceId {
    ResourceId::new(text).unwrap()
}

fn refused(code: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).message("no").build()
}

fn volume(id: &str) -> types::builders::VolumeBuilder {
    types::Volume::builder()
        .volume_id(id)
        .size(8)
        .state(types::VolumeState::Available)
        .availability_zone("eu-west-1a")
}

#[tokio::test]
async fn what_does_not_exist_is_no_error() {
    let gone = mock!(Client::describe_nat_gateways)
        .then_error(|| DescribeNatGatewaysError::generic(refused("NatGatewayNotFound")));
    let client = mock_client!(aws_sdk_ec2, [&gone]);
    assert_eq!(by_id(&client, &id("nat-1")).await, Ok(None));
}

#[tokio::test]
async fn a_refusal_is_not_taken_for_absence() {
    let denied = mock!(Client::describe_volumes)
        .then_error(|| DescribeVolumesError::generic(refused("UnauthorizedOperation")));
    let client = mock_client!(aws_sdk_ec2, [&denied]);
    let Err(ReadError::Call { operation, failure }) = by_id(&client, &id("vol-1")).await else {
        panic!("a denied look must fail");
    };
    assert_eq!(operation, "DescribeVolumes");
    assert!(failure.is_denied(), "{failure}");
}

#[tokio::test]
async fn an_answer_about_something_else_is_not_believed() {
    let other = mock!(Client::describe_volumes).then_output(|| {
        DescribeVolumesOutput::builder()
            .volumes(volume("vol-2").build())
            .build()
    });
    let client = mock_client!(aws_sdk_ec2, [&other]);
    assert_eq!(by_id(&client, &id("vol-1")).await, Ok(None));
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_named() {
    let odd = mock!(Client::describe_volumes).then_output(|| {
        let stateless = types::Volume::builder().volume_id("vol-1").size(8);
        DescribeVolumesOutput::builder()
            .volumes(volume("vol-2").build())
            .volumes(stateless.availability_zone("eu-west-1a").build())
            .build()
    });
    let client = mock_client!(aws_sdk_ec2, RuleMode::MatchAny, [&odd]);
    let listing = list(&client, Kind::Volume).await.unwrap();
    assert_eq!(listing.resources.len(), 1);
    let left_out: Vec<String> = listing.left_out.iter().map(ToString::to_string).collect();
    assert_eq!(left_out, ["`State` of EBS volume vol-1 is missing"]);
    // One resource that was asked for by its id must not vanish like that.
    assert!(matches!(
        by_id(&client, &id("vol-1")).await,
        Err(ReadError::Entry { .. })
    ));
}

#[tokio::test]
async fn listings_follow_every_page_and_ask_for_a_page_size() {
    let first = mock!(Client::describe_volumes)
        .match_requests(|it| it.max_results() == Some(1000) && it.next_token().is_none())
        .then_output(|| {
            let page = DescribeVolumesOutput::builder().next_token("more");
            page.volumes(volume("vol-1").build()).build()
        });
    let second = mock!(Client::describe_volumes)
        .match_requests(|it| it.next_token() == Some("more"))
        .then_output(|| {
            let page = DescribeVolumesOutput::builder().next_token("");
            page.volumes(volume("vol-2").build()).build()
        });
    let client = mock_client!(aws_sdk_ec2, [&first, &second]);
    let listing = list(&client, Kind::Volume).await.unwrap();
    let ids: Vec<ResourceId> = listing.resources.iter().map(Resource::id).collect();
    assert_eq!(ids, [id("vol-1"), id("vol-2")]);
}

#[tokio::test]
async fn instances_keep_what_their_reservation_says() {
    let answer = mock!(Client::describe_instances).then_output(|| {
        let state = types::InstanceState::builder()
            .code(48)
            .name(types::InstanceStateName::Terminated);
        let instance = types::Instance::builder()
            .instance_id("i-1")
            .instance_type(types::InstanceType::T3Nano)
            .state(state.build());
        let reservation = types::Reservation::builder()
            .reservation_id("r-1")
            .owner_id("123456789012")
            .instances(instance.build());
        DescribeInstancesOutput::builder()
            .reservations(reservation.build())
            .build()
    });
    let client = mock_client!(aws_sdk_ec2, [&answer]);
    let listing = list(&client, Kind::Instance).await.unwrap();
    let [Resource::Instance(instance)] = listing.resources.as_slice() else {
        panic!("one instance, terminated ones included: {listing:?}");
    };
    assert_eq!(instance.reservation_id.as_deref(), Some("r-1"));
    assert_eq!(instance.owner_id.as_deref(), Some("123456789012"));
    assert_eq!(instance.disable_api_termination, None);
}

#[tokio::test]
async fn a_filter_that_was_passed_over_does_no_harm() {
    let all = mock!(Client::describe_network_interfaces)
        .match_requests(|it| it.filters().first().and_then(|it| it.name()) == Some("vpc-id"))
        .then_output(|| {
            let of = |id: &str, vpc: &str| {
                types::NetworkInterface::builder()
                    .network_interface_id(id)
                    .vpc_id(vpc)
                    .subnet_id("subnet-1")
                    .status(types::NetworkInterfaceStatus::InUse)
                    .build()
            };
            let page = DescribeNetworkInterfacesOutput::builder();
            let page = page.network_interfaces(of("eni-1", "vpc-1"));
            page.network_interfaces(of("eni-2", "vpc-2")).build()
        });
    let client = mock_client!(aws_sdk_ec2, [&all]);
    let within = interfaces_within(&client, &id("vpc-1")).await.unwrap();
    let ids: Vec<ResourceId> = within.iter().map(Resource::id).collect();
    assert_eq!(ids, [id("eni-1")]);
}

#[tokio::test]
async fn images_of_a_snapshot_are_found_among_the_accounts_own_disabled_ones_included() {
    let own = mock!(Client::describe_images)
        .match_requests(|it| it.owners() == ["self"] && it.include_disabled() == Some(true))
        .then_output(|| {
            let ebs = types::EbsBlockDevice::builder()
                .snapshot_id("snap-1")
                .build();
            let device = types::BlockDeviceMapping::builder()
                .device_name("/dev/xvda")
                .ebs(ebs);
            let made = types::Image::builder().image_id("ami-1");
            let made = made.state(types::ImageState::Disabled);
            let made = made.block_device_mappings(device.build()).build();
            let other = types::Image::builder().image_id("ami-2").build();
            DescribeImagesOutput::builder()
                .images(made)
                .images(other)
                .build()
        });
    let client = mock_client!(aws_sdk_ec2, [&own]);
    let images = images_of(&client, &SnapshotId::new("snap-1").unwrap())
        .await
        .unwrap();
    let ids: Vec<ResourceId> = images.iter().map(Resource::id).collect();
    assert_eq!(ids, [id("ami-1")]);
}

#[tokio::test]
async fn an_empty_answer_to_an_unknown_id_means_that_there_is_none() {
    // LocalStack answers so for NAT gateways.
    let empty = mock!(Client::describe_nat_gateways)
        .then_output(|| DescribeNatGatewaysOutput::builder().build());
    let client = mock_client!(aws_sdk_ec2, [&empty]);
    assert_eq!(by_id(&client, &id("nat-1")).await, Ok(None));
}

#[tokio::test]
async fn an_answer_without_a_code_is_told_by_its_status() {
    let proxy = mock!(Client::describe_volumes)
        .sequence()
        .http_status(502, Some("<html>bad gateway</html>".to_owned()))
        .repeatedly()
        .build();
    let client = mock_client!(aws_sdk_ec2, RuleMode::Sequential, [&proxy], |conf| {
        conf.retry_config(aws_sdk_ec2::config::retry::RetryConfig::disabled())
    });
    let error = by_id(&client, &id("vol-1")).await.unwrap_err();
    let ReadError::Call { failure, .. } = &error else {
        panic!("{error}");
    };
    let answered = matches!(
        failure,
        CallFailure::NoAnswer(_) | CallFailure::Refused { status: 502, .. }
    );
    assert!(answered, "{failure:?}");
}

#[tokio::test]
async fn what_another_api_lists_is_said_not_to_be_listed() {
    let client = mock_client!(aws_sdk_ec2, []);
    let error = list(&client, Kind::AutoScalingGroup).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Auto Scaling group is not a kind that this API lists"
    );
}
