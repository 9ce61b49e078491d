//! Ids in requests: missing, malformed, unknown.

use sandtable_model::resource::AsResource;
use sandtable_model::{Kind, ResourceId, is_well_formed};

use crate::{ApiError, Ctx, State};

/// The text of a parameter that must be there.
///
/// # Errors
/// `MissingParameter` when it is empty.
pub fn required<'a>(parameter: &str, text: &'a str) -> Result<&'a str, ApiError> {
    if text.is_empty() {
        return Err(ApiError::new(
            "MissingParameter",
            format!("The request must contain the parameter {parameter}"),
        ));
    }
    Ok(text)
}

/// The resource of the kind `T` that a required parameter names.
///
/// # Errors
/// `MissingParameter`, or the kind's codes for malformed and unknown ids.
pub fn require<'a, T: AsResource>(
    state: &'a State,
    ctx: &Ctx,
    parameter: &str,
    text: &str,
) -> Result<&'a T, ApiError> {
    required(parameter, text)?;
    let id = parse(state, T::KIND, text)?;
    let found = state.get_in(&ctx.region, &id).and_then(|it| it.get::<T>());
    found.ok_or_else(|| unknown(T::KIND, &[text]))
}

/// The resources of the kind `T` that a list of ids names, in its order. All malformed ids are
/// reported before unknown ones, and unknown ones together.
///
/// # Errors
/// The kind's codes for malformed and unknown ids.
pub fn require_all<'a, T: AsResource>(
    state: &'a State,
    ctx: &Ctx,
    texts: &[String],
) -> Result<Vec<&'a T>, ApiError> {
    let mut found = Vec::with_capacity(texts.len());
    let mut missing = Vec::new();
    for text in texts {
        let id = parse(state, T::KIND, text)?;
        match state.get_in(&ctx.region, &id).and_then(|it| it.get::<T>()) {
            Some(it) => found.push(it),
            None => missing.push(text.as_str()),
        }
    }
    if missing.is_empty() {
        Ok(found)
    } else {
        Err(unknown(T::KIND, &missing))
    }
}

/// An id of a kind. One that does not have AWS's form is taken if such a resource is there, since
/// recorded answers and hand-written scenarios carry odd ids.
///
/// # Errors
/// The kind's code for malformed ids; for kinds without one that for unknown ids.
pub fn parse(state: &State, kind: Kind, text: &str) -> Result<ResourceId, ApiError> {
    let words = words(kind);
    let id = ResourceId::new(text).ok().filter(|id| id.kind() == kind);
    if let Some(id) = id
        && (is_well_formed(text, kind.prefix()) || state.get(&id).is_some())
    {
        return Ok(id);
    }
    let Some(code) = words.malformed else {
        return Err(unknown(kind, &[text]));
    };
    let expected = kind.prefix();
    let message = match kind {
        // The only one that does not repeat the id (facts, ec2-semantics, section 2).
        Kind::TransitGatewayAttachment => "Invalid Transit Gateway Attachment id.".to_owned(),
        _ => format!("Invalid id: \"{text}\" (expecting \"{expected}-...\")"),
    };
    Err(ApiError::new(code, message))
}

/// The refusal of ids that do not exist.
pub fn unknown(kind: Kind, texts: &[&str]) -> ApiError {
    let words = words(kind);
    let message = match texts {
        [one] => (words.one)(one),
        many => (words.many)(&many.join(", ")),
    };
    ApiError::new(words.not_found, message)
}

/// The refusal of an id that does not exist.
pub fn not_found(id: &ResourceId) -> ApiError {
    unknown(id.kind(), &[id.as_str()])
}

/// A kind's codes and messages.
struct Words {
    malformed: Option<&'static str>,
    not_found: &'static str,
    one: fn(&str) -> String,
    many: fn(&str) -> String,
}

/// The table of facts, ec2-semantics, section 2. The capital of `ID` and `Id` is not systematic.
fn words(kind: Kind) -> Words {
    macro_rules! words {
        ($malformed:expr, $not_found:literal, $one:literal, $many:literal) => {
            Words {
                malformed: $malformed,
                not_found: $not_found,
                one: |id| format!($one, id),
                many: |ids| format!($many, ids),
            }
        };
    }
    match kind {
        Kind::Instance => words!(
            Some("InvalidInstanceID.Malformed"),
            "InvalidInstanceID.NotFound",
            "The instance ID '{}' does not exist",
            "The instance IDs '{}' do not exist"
        ),
        Kind::Volume => words!(
            Some("InvalidVolumeID.Malformed"),
            "InvalidVolume.NotFound",
            "The volume '{}' does not exist.",
            "The volumes '{}' do not exist."
        ),
        Kind::EbsSnapshot => words!(
            Some("InvalidSnapshotID.Malformed"),
            "InvalidSnapshot.NotFound",
            "The snapshot '{}' does not exist.",
            "The snapshots '{}' do not exist."
        ),
        Kind::Image => words!(
            Some("InvalidAMIID.Malformed"),
            "InvalidAMIID.NotFound",
            "The image id '[{}]' does not exist",
            "The image ids '[{}]' do not exist"
        ),
        Kind::Address => words!(
            None,
            "InvalidAllocationID.NotFound",
            "Allocation ID '{}' not found",
            "Allocation IDs '{}' not found"
        ),
        Kind::NetworkInterface => words!(
            Some("InvalidNetworkInterfaceId.Malformed"),
            "InvalidNetworkInterfaceID.NotFound",
            "The networkInterface ID '{}' does not exist",
            "The networkInterface IDs '{}' do not exist"
        ),
        Kind::NatGateway => words!(
            Some("NatGatewayMalformed"),
            "NatGatewayNotFound",
            "NAT gateway {} was not found",
            "NAT gateways {} were not found"
        ),
        Kind::Vpc => words!(
            Some("InvalidVpcID.Malformed"),
            "InvalidVpcID.NotFound",
            "The vpc ID '{}' does not exist",
            "The vpc IDs '{}' do not exist"
        ),
        Kind::Subnet => words!(
            Some("InvalidSubnetID.Malformed"),
            "InvalidSubnetID.NotFound",
            "The subnet ID '{}' does not exist",
            "The subnet IDs '{}' do not exist"
        ),
        Kind::RouteTable => words!(
            Some("InvalidRouteTableId.Malformed"),
            "InvalidRouteTableID.NotFound",
            "The routeTable ID '{}' does not exist",
            "The routeTable IDs '{}' do not exist"
        ),
        Kind::InternetGateway => words!(
            Some("InvalidInternetGatewayId.Malformed"),
            "InvalidInternetGatewayID.NotFound",
            "The internetGateway ID '{}' does not exist",
            "The internetGateway IDs '{}' do not exist"
        ),
        Kind::SecurityGroup => words!(
            Some("InvalidGroupId.Malformed"),
            "InvalidGroup.NotFound",
            "The security group '{}' does not exist",
            "The security groups '{}' do not exist"
        ),
        Kind::VpcEndpoint => words!(
            Some("InvalidVpcEndpointId.Malformed"),
            "InvalidVpcEndpointId.NotFound",
            "The Vpc Endpoint Id '{}' does not exist",
            "The Vpc Endpoint Ids '{}' do not exist"
        ),
        // Not a kind of EC2; Auto Scaling's own code for an unknown group.
        Kind::AutoScalingGroup => words!(
            None,
            "ValidationError",
            "AutoScalingGroup name not found - {}",
            "AutoScalingGroup names not found - {}"
        ),
        Kind::NetworkAcl => words!(
            Some("InvalidNetworkAclId.Malformed"),
            "InvalidNetworkAclID.NotFound",
            "The networkAcl ID '{}' does not exist",
            "The networkAcl IDs '{}' do not exist"
        ),
        Kind::DhcpOptions => words!(
            Some("InvalidDhcpOptionsId.Malformed"),
            "InvalidDhcpOptionID.NotFound",
            "The dhcpOption ID '{}' does not exist",
            "The dhcpOption IDs '{}' do not exist"
        ),
        Kind::EgressOnlyInternetGateway => words!(
            Some("InvalidEgressOnlyInternetGatewayId.Malformed"),
            "InvalidGatewayID.NotFound",
            "The egressOnlyInternetGateway ID '{}' does not exist",
            "The egressOnlyInternetGateway IDs '{}' do not exist"
        ),
        Kind::ManagedPrefixList => words!(
            Some("InvalidPrefixListID.Malformed"),
            "InvalidPrefixListID.NotFound",
            "The prefix list ID '{}' does not exist",
            "The prefix list IDs '{}' do not exist"
        ),
        Kind::FlowLog => words!(
            Some("InvalidParameterValue"),
            "InvalidFlowLogId.NotFound",
            "The flow log ID '{}' does not exist",
            "The flow log IDs '{}' do not exist"
        ),
        Kind::SubnetCidrReservation => words!(
            Some("InvalidSubnetCidrReservationId.Malformed"),
            "InvalidSubnetCidrReservationID.NotFound",
            "The subnet CIDR reservation ID '{}' does not exist",
            "The subnet CIDR reservation IDs '{}' do not exist"
        ),
        Kind::VpcPeeringConnection => words!(
            Some("InvalidVpcPeeringConnectionId.Malformed"),
            "InvalidVpcPeeringConnectionID.NotFound",
            "The vpcPeeringConnection ID '{}' does not exist",
            "The vpcPeeringConnection IDs '{}' do not exist"
        ),
        Kind::TransitGateway => words!(
            Some("InvalidTransitGatewayID.Malformed"),
            "InvalidTransitGatewayID.NotFound",
            "Transit Gateway {} was deleted or does not exist.",
            "Transit Gateways {} were deleted or do not exist."
        ),
        Kind::TransitGatewayAttachment => words!(
            Some("InvalidTransitGatewayAttachmentID.Malformed"),
            "InvalidTransitGatewayAttachmentID.NotFound",
            "Transit Gateway Attachment {} was deleted or does not exist.",
            "Transit Gateway Attachments {} were deleted or do not exist."
        ),
        Kind::TransitGatewayRouteTable => words!(
            Some("InvalidRouteTableId.Malformed"),
            "InvalidRouteTableID.NotFound",
            "Transit Gateway Route Table {} was deleted or does not exist.",
            "Transit Gateway Route Tables {} were deleted or do not exist."
        ),
        Kind::VpnGateway => words!(
            Some("InvalidVpnGatewayID.Malformed"),
            "InvalidVpnGatewayID.NotFound",
            "The vpnGateway ID '{}' does not exist",
            "The vpnGateway IDs '{}' do not exist"
        ),
        Kind::CustomerGateway => words!(
            Some("InvalidCustomerGatewayId.Malformed"),
            "InvalidCustomerGatewayID.NotFound",
            "The customerGateway ID '{}' does not exist",
            "The customerGateway IDs '{}' do not exist"
        ),
        Kind::VpnConnection => words!(
            Some("InvalidVpnConnectionID.Malformed"),
            "InvalidVpnConnectionID.NotFound",
            "The vpnConnection ID '{}' does not exist",
            "The vpnConnection IDs '{}' do not exist"
        ),
        Kind::VpcEndpointService => words!(
            Some("InvalidVpcEndpointServiceId.Malformed"),
            "InvalidVpcEndpointServiceId.NotFound",
            "The VpcEndpointService Id '{}' does not exist",
            "The VpcEndpointService Ids '{}' do not exist"
        ),
        Kind::LaunchTemplate => words!(
            Some("InvalidLaunchTemplateId.Malformed"),
            "InvalidLaunchTemplateId.NotFound",
            "The specified launch template, with template ID {}, does not exist.",
            "The specified launch templates, with template IDs {}, do not exist."
        ),
        Kind::KeyPair => words!(
            Some("InvalidKeyPair.Malformed"),
            "InvalidKeyPair.NotFound",
            "The key pair '{}' does not exist",
            "The key pairs '{}' do not exist"
        ),
        Kind::PlacementGroup => words!(
            None,
            "InvalidPlacementGroup.Unknown",
            "The Placement Group '{}' is unknown.",
            "The Placement Groups '{}' are unknown."
        ),
        Kind::CapacityReservation => words!(
            Some("InvalidCapacityReservationId.Malformed"),
            "InvalidCapacityReservationId.NotFound",
            "The capacity reservation '{}' does not exist.",
            "The capacity reservations '{}' do not exist."
        ),
        Kind::DedicatedHost => words!(
            Some("InvalidHostID.Malformed"),
            "InvalidHostID.NotFound",
            "The host ID '{}' does not exist",
            "The host IDs '{}' do not exist"
        ),
        // Not kinds of EC2: each service words its own refusals.
        Kind::LoadBalancer => words!(
            None,
            "LoadBalancerNotFound",
            "One or more load balancers not found: {}",
            "One or more load balancers not found: {}"
        ),
        Kind::ClassicLoadBalancer => words!(
            None,
            "LoadBalancerNotFound",
            "There is no ACTIVE Load Balancer named '{}'",
            "There are no ACTIVE Load Balancers named '{}'"
        ),
        Kind::TargetGroup => words!(
            None,
            "TargetGroupNotFound",
            "One or more target groups not found: {}",
            "One or more target groups not found: {}"
        ),
        Kind::DbInstance => words!(
            None,
            "DBInstanceNotFound",
            "DBInstance {} not found.",
            "DBInstances {} not found."
        ),
        Kind::DbSnapshot => words!(
            None,
            "DBSnapshotNotFound",
            "DBSnapshot {} not found.",
            "DBSnapshots {} not found."
        ),
        Kind::DbSubnetGroup => words!(
            None,
            "DBSubnetGroupNotFoundFault",
            "DB subnet group '{}' does not exist.",
            "DB subnet groups '{}' do not exist."
        ),
        Kind::Stack => words!(
            None,
            "ValidationError",
            "Stack with id {} does not exist",
            "Stacks with ids {} do not exist"
        ),
    }
}
