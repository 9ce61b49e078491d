//! Differences that are known, each with why the twin is right.

use Known::{Harmless, Parts};

/// A difference: operation, what the twin says, what the peer says, what it does to the worlds, and
/// AWS's word for it. Each names one answer of each: nothing stands for several. Sources: the EC2 API reference, its list of error codes
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
        "`Volume 'vol-…' is in the 'available' state.`: an answer of AWS, aws-ebs-csi-driver issue 1801",
    ),
    (
        "DetachVolume",
        "IncorrectState",
        "InvalidAttachment.NotFound",
        Harmless,
        "the same answer of AWS, to a call that names an instance",
    ),
    (
        "DetachVolume",
        "IncorrectState",
        "InternalError",
        Harmless,
        "`Volume 'vol-…' is in the 'available' state.`: an answer of AWS, aws-ebs-csi-driver issue 1801",
    ),
    (
        "DetachVolume",
        "ok",
        "InternalError",
        Parts,
        "DetachVolume, InstanceId: only a Multi-Attach volume needs it",
    ),
    (
        "CreateNatGateway",
        "ok",
        "InvalidAllocationID.NotFound",
        Parts,
        "facts, ec2-semantics 3, NAT gateway: create failures come as a gateway that fails, with this failure code",
    ),
    (
        "CreateNatGateway",
        "ok",
        "Resource.AlreadyAssociated",
        Parts,
        "facts, ec2-semantics 3, NAT gateway: create failures come as a gateway that fails, with this failure code",
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
        Harmless,
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
        Harmless,
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
        Harmless,
        "error codes: the template was named by its id",
    ),
    (
        "AttachVolume",
        "IncorrectState",
        "ok",
        Parts,
        "`Instance 'i-…' is not 'running'.`: an answer of AWS, ansible-collections/amazon.aws pull 497",
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
        "InternalError",
        Harmless,
        "error codes, InvalidNetworkAclEntry.NotFound: the entry does not exist",
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
        "AttachVolume",
        "InvalidInstanceID.NotFound",
        "ok",
        Parts,
        "TerminateInstances: terminated instances are shown for usually less than one hour",
    ),
    (
        "StartInstances",
        "InvalidInstanceID.NotFound",
        "ok",
        Parts,
        "TerminateInstances: terminated instances are shown for usually less than one hour",
    ),
    (
        "StopInstances",
        "InvalidInstanceID.NotFound",
        "ok",
        Parts,
        "TerminateInstances: terminated instances are shown for usually less than one hour",
    ),
    (
        "TerminateInstances",
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
        "Gateway.NotAttached",
        "Resource.AlreadyAssociated",
        Harmless,
        "AssociateAddress, AllowReassociation: reassociation is automatic, so that this is no reason to refuse",
    ),
    (
        "AssociateAddress",
        "AuthFailure",
        "Resource.AlreadyAssociated",
        Harmless,
        "AssociateAddress, AllowReassociation: reassociation is automatic, so that this is no reason to refuse; that of a NAT gateway's is facts, ec2-semantics 3, Elastic IP",
    ),
    (
        "AssociateAddress",
        "InvalidAllocationID.NotFound",
        "InvalidNetworkInterfaceID.NotFound",
        Harmless,
        "both ids are unknown, and AWS does not say which it looks up first",
    ),
    (
        "AssociateRouteTable",
        "Resource.AlreadyAssociated",
        "ok",
        Parts,
        "the specified association conflicts with an existing association: terraform-provider-aws issue 38960",
    ),
    (
        "AssociateRouteTable",
        "InvalidSubnetID.NotFound",
        "ok",
        Parts,
        "error codes, InvalidSubnetID.NotFound: the subnet does not exist",
    ),
    (
        "DisassociateRouteTable",
        "InvalidAssociationID.NotFound",
        "ok",
        Parts,
        "a subnet that is deleted takes its association with it",
    ),
    (
        "AttachInternetGateway",
        "InvalidVpcID.NotFound",
        "Resource.AlreadyAssociated",
        Harmless,
        "ids are looked up before states are looked at",
    ),
    (
        "CreateInternetGateway",
        "InternetGatewayLimitExceeded",
        "ok",
        Parts,
        "VPC guide, quotas: as many internet gateways as VPCs in a Region",
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
    let is = |it: &&Row| (it.0, it.1, it.2) == (action, twin, peer);
    KNOWN.iter().find(is).map(|it| it.3)
}

#[test]
fn each_difference_is_listed_once_and_says_why() {
    for (at, row) in KNOWN.iter().enumerate() {
        let key = |it: &Row| (it.0, it.1, it.2);
        let again = KNOWN[..at].iter().any(|it| key(it) == key(row));
        assert!(
            !again && row.1 != row.2 && !row.4.is_empty(),
            "{:?}",
            key(row)
        );
        // What neither does leaves the worlds alike, and only that.
        let refused = row.1 != "ok" && row.2 != "ok";
        assert!(!refused || row.3 == Harmless, "{:?}", key(row));
    }
}
