//! Which of several wrong ids a call tells first: AWS reads all ids before it looks any of them up
//! (facts, ec2-semantics, section 1, "Order of checks").
//!
//! Operations look their ids up one after the other, so that what they say of an unknown one gives
//! way to a malformed one behind it.

use sandtable_model::Kind;
use serde_json::Value;

use super::parse;
use crate::{ApiError, State};

/// The kind of the ids of a parameter, where its name means the same in every operation of EC2.
fn kind_of(parameter: &str) -> Option<Kind> {
    Some(match parameter {
        "InstanceId" | "InstanceIds" => Kind::Instance,
        "VolumeId" | "VolumeIds" => Kind::Volume,
        "SnapshotId" | "SnapshotIds" => Kind::EbsSnapshot,
        "ImageId" | "ImageIds" => Kind::Image,
        "NetworkInterfaceId" | "NetworkInterfaceIds" => Kind::NetworkInterface,
        "VpcId" | "VpcIds" => Kind::Vpc,
        "SubnetId" | "SubnetIds" => Kind::Subnet,
        "RouteTableId" | "RouteTableIds" => Kind::RouteTable,
        "InternetGatewayId" | "InternetGatewayIds" => Kind::InternetGateway,
        "NatGatewayId" | "NatGatewayIds" => Kind::NatGateway,
        "NetworkAclId" | "NetworkAclIds" => Kind::NetworkAcl,
        "TransitGatewayId" | "TransitGatewayIds" => Kind::TransitGateway,
        "VpnGatewayId" | "VpnGatewayIds" => Kind::VpnGateway,
        "CustomerGatewayId" | "CustomerGatewayIds" => Kind::CustomerGateway,
        _ => return None,
    })
}

/// The refusal of the first malformed id among the parameters of a request, if there is one.
pub(crate) fn first_malformed(state: &State, input: &Value) -> Option<ApiError> {
    let members = input.as_object()?.iter();
    let mut ids = members.filter_map(|(name, value)| Some((kind_of(name)?, value)));
    ids.find_map(|(kind, value)| match value {
        Value::Array(all) => all.iter().find_map(|it| malformed(state, kind, it)),
        one => malformed(state, kind, one),
    })
}

fn malformed(state: &State, kind: Kind, value: &Value) -> Option<ApiError> {
    let text = value.as_str().filter(|it| !it.is_empty())?;
    parse(state, kind, text).err()
}

/// Whether a refusal says that something does not exist, in EC2's way of writing codes.
pub(crate) fn tells_unknown(error: &ApiError) -> bool {
    error.code.ends_with(".NotFound") || error.code == "NatGatewayNotFound"
}
