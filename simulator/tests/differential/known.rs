//! Differences that are known, each with why the twin is right.

use Known::{Harmless, Parts};

/// A difference: operation, what the twin says, what the peer says (`*` for anything), what it does to
/// the worlds, and AWS's word for it. Sources: the EC2 API reference, its list of error codes
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>), and refusals of
/// AWS as users report them.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    Known,
    &'static str,
);

const KNOWN: &[Row] = &[
    (
        "DetachVolume",
        "IncorrectState",
        "ok",
        Harmless,
        "error codes, IncorrectState: the volume is not attached",
    ),
    (
        "CreateNatGateway",
        "ok",
        "*",
        Parts,
        "NatGateway.FailureCode: what is wrong with the address is told by a gateway that fails",
    ),
    (
        "DeleteSubnet",
        "DependencyViolation",
        "ok",
        Parts,
        "DeleteSubnet: everything in it must be gone first, interfaces of gateways too",
    ),
    (
        "DeleteVpc",
        "DependencyViolation",
        "ok",
        Parts,
        "DeleteVpc: everything but the default resources must be gone first",
    ),
    (
        "DeleteTags",
        "InvalidVolume.NotFound",
        "ok",
        Harmless,
        "error codes, InvalidVolume.NotFound: the volume does not exist",
    ),
    (
        "CreateRoute",
        "InvalidGatewayID.NotFound",
        "InvalidInternetGatewayID.NotFound",
        Parts,
        "error codes, InvalidGatewayID.NotFound: the gateway does not exist; \
         terraform-provider-aws matches it for routes",
    ),
    (
        "CreateRoute",
        "InvalidParameterValue",
        "ok",
        Parts,
        "route table and gateway belong to different networks, as AWS words it",
    ),
    (
        "AssociateAddress",
        "Gateway.NotAttached",
        "ok",
        Parts,
        "error codes, Gateway.NotAttached: an internet gateway is not attached to the VPC",
    ),
    (
        "StartInstances",
        "IncorrectInstanceState",
        "ok",
        Parts,
        "error codes, IncorrectInstanceState: a terminated instance cannot be started",
    ),
    (
        "StopInstances",
        "IncorrectInstanceState",
        "ok",
        Parts,
        "error codes, IncorrectInstanceState: a terminated instance cannot be stopped",
    ),
    (
        "DetachInternetGateway",
        "InvalidVpcID.NotFound",
        "Gateway.NotAttached",
        Parts,
        "ids are looked up before states are looked at",
    ),
    (
        "DetachInternetGateway",
        "DependencyViolation",
        "ok",
        Parts,
        "the network has some mapped public addresses, as AWS words it",
    ),
    (
        "DeleteNatGateway",
        "NatGatewayNotFound",
        "ok",
        Parts,
        "VPC guide, NAT gateways: a deleted gateway is shown for about an hour, then gone",
    ),
    (
        "DeleteLaunchTemplate",
        "InvalidLaunchTemplateId.NotFound",
        "InvalidLaunchTemplateName.NotFoundException",
        Parts,
        "error codes: the template was named by its id",
    ),
    (
        "AttachVolume",
        "VolumeInUse",
        "ok",
        Parts,
        "error codes, VolumeInUse: the volume is attached already",
    ),
    (
        "AttachVolume",
        "InvalidVolume.ZoneMismatch",
        "ok",
        Parts,
        "error codes, InvalidVolume.ZoneMismatch: volume and instance are in different zones",
    ),
    (
        "DeleteNetworkAclEntry",
        "InvalidNetworkAclEntry.NotFound",
        "ok",
        Harmless,
        "error codes, InvalidNetworkAclEntry.NotFound: the entry does not exist",
    ),
    (
        "AttachVolume",
        "InvalidParameterValue",
        "ok",
        Parts,
        "the attachment point is already in use, as AWS words it",
    ),
    (
        "CreateSecurityGroup",
        "InvalidVpcID.NotFound",
        "ok",
        Parts,
        "error codes, InvalidVpcID.NotFound: the VPC does not exist",
    ),
    (
        "ReleaseAddress",
        "InvalidIPAddress.InUse",
        "ok",
        Parts,
        "ReleaseAddress: an address outside the default VPC must be disassociated first",
    ),
    (
        "*",
        "InvalidInstanceID.NotFound",
        "ok",
        Parts,
        "TerminateInstances: terminated instances are shown for usually less than one hour",
    ),
    (
        "DeleteRouteTable",
        "ok",
        "DependencyViolation",
        Parts,
        "a subnet that is deleted takes its association with it",
    ),
    (
        "CreateVpc",
        "VpcLimitExceeded",
        "ok",
        Parts,
        "VPC guide, quotas: five VPCs in a Region",
    ),
    (
        "AttachInternetGateway",
        "InvalidParameterValue",
        "ok",
        Parts,
        "VPC guide, internet gateways: a VPC has one at most",
    ),
    (
        "AssociateRouteTable",
        "InvalidParameterValue",
        "ok",
        Parts,
        "route table and subnet belong to different networks, as AWS words it",
    ),
    (
        "AssociateAddress",
        "ok",
        "Resource.AlreadyAssociated",
        Parts,
        "AssociateAddress, AllowReassociation: reassociation is automatic",
    ),
    (
        "AssociateAddress",
        "*",
        "*",
        Parts,
        "several things are wrong at once, and AWS does not say which it tells first",
    ),
];

/// What a known difference does to the worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// One did something that the other did not: there is nothing to compare any more.
    Parts,
    /// Neither did anything: on it goes.
    Harmless,
}

/// Whether the twin is known to be right to differ in this way.
pub(crate) fn known(action: &str, twin: &str, peer: &str) -> Option<Known> {
    let fits = |pattern: &str, text: &str| pattern == "*" || pattern == text;
    let both_refuse = twin != "ok" && peer != "ok";
    let row = KNOWN.iter().find(|(operation, ours, theirs, _, _)| {
        let is_any = (*ours, *theirs) == ("*", "*");
        fits(operation, action)
            && fits(ours, twin)
            && fits(theirs, peer)
            && (both_refuse || !is_any)
    });
    // What neither does, whatever each of them says about it, leaves the worlds alike.
    row.map(|(_, _, _, effect, _)| if both_refuse { Harmless } else { *effect })
}
