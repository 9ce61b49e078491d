//! Looking at one resource, or at what stands in relation to one.
//!
//! Emulators pass over filters that they do not know, or ids; what they answer is therefore checked
//! against what was asked before it is believed.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::describe_network_interfaces::DescribeNetworkInterfacesOutput;
use aws_sdk_ec2::operation::describe_snapshots::DescribeSnapshotsOutput;
use aws_sdk_ec2::types::{Filter, InstanceAttributeName};
use sandtable_model::resource::{AsResource, EbsSnapshot, Image, NetworkInterface, RouteTable};
use sandtable_model::{InstanceId, Kind, Resource, ResourceId, SnapshotId, VolumeId};

use crate::entry::Unreadable;
use crate::error::{CallFailure, ReadError, is_not_found};
use crate::list::{Listing, PAGE, call, list, listed};
use crate::read;

/// The operations that looking at one resource, or around one, calls: what the hands must be allowed.
pub const LOOKS: &[&str] = &[
    "DescribeAddresses",
    "DescribeImages",
    "DescribeInstanceAttribute",
    "DescribeInstances",
    "DescribeInternetGateways",
    "DescribeNatGateways",
    "DescribeNetworkInterfaces",
    "DescribeRouteTables",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeSubnets",
    "DescribeVolumes",
    "DescribeVpcEndpoints",
    "DescribeVpcs",
];

/// The resource with this id, as it is now; `None` when there is none.
///
/// # Errors
/// [`ReadError::NotRead`] for a kind that no step of a plan is for.
pub async fn by_id(client: &Client, id: &ResourceId) -> Result<Option<Resource>, ReadError> {
    let (operation, answer) = described(client, id).await?;
    let listing = match answer {
        Err(ReadError::Call {
            failure: CallFailure::Refused { code, .. },
            ..
        }) if is_not_found(&code) => return Ok(None),
        other => other?,
    };
    let resources = listing.complete(operation)?;
    Ok(resources.into_iter().find(|it| it.id() == *id))
}

/// One describe call for one id. Without a page size, which several operations refuse beside ids.
async fn described(
    client: &Client,
    id: &ResourceId,
) -> Result<(&'static str, Result<Listing, ReadError>), ReadError> {
    macro_rules! ask {
        ($operation:literal, $call:ident, $ids:ident, $many:ident, $take:expr) => {{
            let answer = client.$call().$ids(id.as_str()).send().await;
            let answer = answer.map_err(|error| call($operation, &error));
            let listing = answer.map(|answer| {
                let entries = answer.$many.unwrap_or_default().into_iter();
                entries.fold(Listing::default(), |mut listing, it| {
                    $take(&mut listing, it);
                    listing
                })
            });
            ($operation, listing)
        }};
    }
    let each_instance = |listing: &mut Listing, it| {
        read::reservation(it).for_each(|entry| listing.take(entry));
    };
    Ok(match id.kind() {
        Kind::Vpc => ask!("DescribeVpcs", describe_vpcs, vpc_ids, vpcs, one(read::vpc)),
        Kind::Subnet => {
            ask!(
                "DescribeSubnets",
                describe_subnets,
                subnet_ids,
                subnets,
                one(read::subnet)
            )
        }
        Kind::RouteTable => ask!(
            "DescribeRouteTables",
            describe_route_tables,
            route_table_ids,
            route_tables,
            one(read::route_table)
        ),
        Kind::InternetGateway => ask!(
            "DescribeInternetGateways",
            describe_internet_gateways,
            internet_gateway_ids,
            internet_gateways,
            one(read::internet_gateway)
        ),
        Kind::NatGateway => ask!(
            "DescribeNatGateways",
            describe_nat_gateways,
            nat_gateway_ids,
            nat_gateways,
            one(read::nat_gateway)
        ),
        Kind::Address => ask!(
            "DescribeAddresses",
            describe_addresses,
            allocation_ids,
            addresses,
            one(read::address)
        ),
        Kind::NetworkInterface => ask!(
            "DescribeNetworkInterfaces",
            describe_network_interfaces,
            network_interface_ids,
            network_interfaces,
            one(read::interface)
        ),
        Kind::SecurityGroup => ask!(
            "DescribeSecurityGroups",
            describe_security_groups,
            group_ids,
            security_groups,
            one(read::security_group)
        ),
        Kind::Instance => ask!(
            "DescribeInstances",
            describe_instances,
            instance_ids,
            reservations,
            each_instance
        ),
        Kind::Volume => {
            ask!(
                "DescribeVolumes",
                describe_volumes,
                volume_ids,
                volumes,
                one(read::volume)
            )
        }
        Kind::EbsSnapshot => ask!(
            "DescribeSnapshots",
            describe_snapshots,
            snapshot_ids,
            snapshots,
            one(read::snapshot)
        ),
        Kind::Image => {
            ask!(
                "DescribeImages",
                describe_images,
                image_ids,
                images,
                one(read::image)
            )
        }
        Kind::VpcEndpoint => ask!(
            "DescribeVpcEndpoints",
            describe_vpc_endpoints,
            vpc_endpoint_ids,
            vpc_endpoints,
            one(read::endpoint)
        ),
        kind => return Err(ReadError::NotRead(kind)),
    })
}

/// A reader of one entry as one that adds to a listing.
fn one<T, R: Into<Resource>>(
    read: impl Fn(T) -> Result<R, Unreadable>,
) -> impl FnMut(&mut Listing, T) {
    move |listing, it| listing.take(read(it))
}

/// The network interfaces within a VPC or subnet.
pub async fn interfaces_within(
    client: &Client,
    place: &ResourceId,
) -> Result<Vec<Resource>, ReadError> {
    const OPERATION: &str = "DescribeNetworkInterfaces";
    let name = if place.kind() == Kind::Subnet {
        "subnet-id"
    } else {
        "vpc-id"
    };
    let asked = client
        .describe_network_interfaces()
        .filters(filter(name, place.as_str()));
    let pages = asked.into_paginator().page_size(PAGE).send();
    let part = |it: DescribeNetworkInterfacesOutput| (it.network_interfaces, it.next_token);
    let listing = listed(OPERATION, pages, part, read::interface).await?;
    let within = |it: &NetworkInterface| {
        it.vpc_id.as_str() == place.as_str() || it.subnet_id.as_str() == place.as_str()
    };
    Ok(only(listing.complete(OPERATION)?, within))
}

/// The route tables with a route to a NAT gateway or internet gateway. Every table is read: not all
/// emulators know the filter `route.nat-gateway-id`, and a VPC must not be taken for unused because
/// a filter was passed over.
pub async fn route_tables_to(
    client: &Client,
    target: &ResourceId,
) -> Result<Vec<Resource>, ReadError> {
    let listing = list(client, Kind::RouteTable).await?;
    let leads = |it: &RouteTable| it.routes.iter().any(|it| it.target() == target.as_str());
    Ok(only(listing.complete("DescribeRouteTables")?, leads))
}

/// The account's registered images that are made of a snapshot, disabled ones among them. Only its
/// owner can register an image of a snapshot, so other accounts' images need no look; every own
/// image is read, for the same reason as in [`route_tables_to`].
pub async fn images_of(client: &Client, snapshot: &SnapshotId) -> Result<Vec<Resource>, ReadError> {
    let listing = list(client, Kind::Image).await?;
    let made_of = |it: &Image| it.snapshot_ids().any(|id| id == snapshot);
    Ok(only(listing.complete("DescribeImages")?, made_of))
}

/// The account's snapshots of a volume.
pub async fn snapshots_of(client: &Client, volume: &VolumeId) -> Result<Vec<Resource>, ReadError> {
    const OPERATION: &str = "DescribeSnapshots";
    let asked = client.describe_snapshots().owner_ids("self");
    let asked = asked.filters(filter("volume-id", volume.as_str()));
    let pages = asked.into_paginator().page_size(PAGE).send();
    let part = |it: DescribeSnapshotsOutput| (it.snapshots, it.next_token);
    let listing = listed(OPERATION, pages, part, read::snapshot).await?;
    let of = |it: &EbsSnapshot| it.volume_id.as_ref() == Some(volume);
    Ok(only(listing.complete(OPERATION)?, of))
}

/// From what an instance is protected. `None` when the answer does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// Whether it cannot be terminated by API.
    pub termination: Option<bool>,
    /// Whether it cannot be stopped by API.
    pub stop: Option<bool>,
}

/// From what an instance is protected: attributes that describe answers do not carry and that take a
/// call each.
pub async fn protection(client: &Client, instance: &InstanceId) -> Result<Protection, ReadError> {
    let ask = |attribute| {
        let asked = client.describe_instance_attribute();
        let asked = asked.instance_id(instance.as_str()).attribute(attribute);
        async move {
            let answer = asked.send().await;
            answer.map_err(|error| call("DescribeInstanceAttribute", &error))
        }
    };
    let termination = ask(InstanceAttributeName::DisableApiTermination).await?;
    let stop = ask(InstanceAttributeName::DisableApiStop).await?;
    Ok(Protection {
        termination: termination.disable_api_termination.and_then(|it| it.value),
        stop: stop.disable_api_stop.and_then(|it| it.value),
    })
}

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The resources of a kind that answer the question.
fn only<T: AsResource>(resources: Vec<Resource>, test: impl Fn(&T) -> bool) -> Vec<Resource> {
    let wanted = |it: &Resource| it.get::<T>().is_some_and(&test);
    resources.into_iter().filter(wanted).collect()
}
