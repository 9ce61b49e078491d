//! Differences that are known, each with why the twin is right.

/// A difference: operation, what the twin says, what the peer says (`*` for anything), and AWS's word
/// for it. Sources: the EC2 API reference, its list of error codes
/// (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>), and refusals of
/// AWS as users report them.
type Row = (&'static str, &'static str, &'static str, &'static str);

const KNOWN: &[Row] = &[
    (
        "DetachVolume",
        "IncorrectState",
        "ok",
        "error codes, IncorrectState: the volume is not attached",
    ),
    (
        "CreateNatGateway",
        "ok",
        "*",
        "NatGateway.FailureCode: what is wrong with the address is told by a gateway that fails",
    ),
    (
        "DeleteSubnet",
        "DependencyViolation",
        "ok",
        "DeleteSubnet: everything in it must be gone first, interfaces of gateways too",
    ),
    (
        "DeleteVpc",
        "DependencyViolation",
        "ok",
        "DeleteVpc: everything but the default resources must be gone first",
    ),
    (
        "DeleteTags",
        "InvalidVolume.NotFound",
        "ok",
        "error codes, InvalidVolume.NotFound: the volume does not exist",
    ),
    (
        "CreateRoute",
        "InvalidGatewayID.NotFound",
        "InvalidInternetGatewayID.NotFound",
        "error codes, InvalidGatewayID.NotFound: the gateway does not exist; \
         terraform-provider-aws matches it for routes",
    ),
    (
        "CreateRoute",
        "InvalidParameterValue",
        "ok",
        "route table and gateway belong to different networks, as AWS words it",
    ),
    (
        "AssociateAddress",
        "Gateway.NotAttached",
        "ok",
        "error codes, Gateway.NotAttached: an internet gateway is not attached to the VPC",
    ),
    (
        "StartInstances",
        "IncorrectInstanceState",
        "ok",
        "error codes, IncorrectInstanceState: a terminated instance cannot be started",
    ),
    (
        "StopInstances",
        "IncorrectInstanceState",
        "ok",
        "error codes, IncorrectInstanceState: a terminated instance cannot be stopped",
    ),
    (
        "DetachInternetGateway",
        "InvalidVpcID.NotFound",
        "Gateway.NotAttached",
        "ids are looked up before states are looked at",
    ),
    (
        "DetachInternetGateway",
        "DependencyViolation",
        "ok",
        "the network has some mapped public addresses, as AWS words it",
    ),
    (
        "DeleteNatGateway",
        "NatGatewayNotFound",
        "ok",
        "VPC guide, NAT gateways: a deleted gateway is shown for about an hour, then gone",
    ),
    (
        "DeleteLaunchTemplate",
        "InvalidLaunchTemplateId.NotFound",
        "InvalidLaunchTemplateName.NotFoundException",
        "error codes: the template was named by its id",
    ),
    (
        "AttachVolume",
        "VolumeInUse",
        "ok",
        "error codes, VolumeInUse: the volume is attached already",
    ),
    (
        "AttachVolume",
        "InvalidVolume.ZoneMismatch",
        "ok",
        "error codes, InvalidVolume.ZoneMismatch: volume and instance are in different zones",
    ),
    (
        "DeleteNetworkAclEntry",
        "InvalidNetworkAclEntry.NotFound",
        "ok",
        "error codes, InvalidNetworkAclEntry.NotFound: the entry does not exist",
    ),
    (
        "AttachVolume",
        "InvalidParameterValue",
        "ok",
        "the attachment point is already in use, as AWS words it",
    ),
    (
        "CreateSecurityGroup",
        "InvalidVpcID.NotFound",
        "ok",
        "error codes, InvalidVpcID.NotFound: the VPC does not exist",
    ),
    (
        "ReleaseAddress",
        "InvalidIPAddress.InUse",
        "ok",
        "ReleaseAddress: an address outside the default VPC must be disassociated first",
    ),
    (
        "*",
        "InvalidInstanceID.NotFound",
        "ok",
        "TerminateInstances: terminated instances are shown for usually less than one hour",
    ),
    (
        "DeleteRouteTable",
        "ok",
        "DependencyViolation",
        "a subnet that is deleted takes its association with it",
    ),
    (
        "CreateVpc",
        "VpcLimitExceeded",
        "ok",
        "VPC guide, quotas: five VPCs in a Region",
    ),
    (
        "AttachInternetGateway",
        "InvalidParameterValue",
        "ok",
        "VPC guide, internet gateways: a VPC has one at most",
    ),
    (
        "AssociateRouteTable",
        "InvalidParameterValue",
        "ok",
        "route table and subnet belong to different networks, as AWS words it",
    ),
    (
        "AssociateAddress",
        "ok",
        "Resource.AlreadyAssociated",
        "AssociateAddress, AllowReassociation: reassociation is automatic",
    ),
    (
        "AssociateAddress",
        "*",
        "*",
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
    KNOWN
        .iter()
        .find(|(operation, ours, theirs, _)| {
            let both_refuse = twin != "ok" && peer != "ok";
            let is_row = fits(operation, action) && fits(ours, twin) && fits(theirs, peer);
            is_row && (both_refuse || (*ours, *theirs) != ("*", "*"))
        })
        .map(|(operation, ..)| {
            // A peer that lets a call without effect pass, or refuses it with another code.
            let both_refuse = twin != "ok" && peer != "ok";
            match both_refuse
                || matches!(
                    *operation,
                    "DetachVolume" | "DeleteTags" | "DeleteNetworkAclEntry"
                ) {
                true => Known::Harmless,
                false => Known::Parts,
            }
        })
}
