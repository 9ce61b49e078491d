//! The buckets of each action (facts, ec2-throttling;
//! <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>).
//!
//! Deliberately absent: the bucket of reads that the console makes, which nothing tells apart here.

use super::is_read;

/// The size of a bucket, and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens at most.
    pub burst: u32,
    /// Thousandths of a token a second.
    pub refill_milli: u32,
}

const fn rate(burst: u32, refill_milli: u32) -> Rate {
    Rate {
        burst,
        refill_milli,
    }
}

/// "Non-mutating actions".
const READS: Rate = rate(100, 20_000);
/// "Unfiltered and unpaginated non-mutating actions".
const BROAD: Rate = rate(50, 10_000);
/// "Mutating actions".
const WRITES: Rate = rate(50, 5000);

/// The actions whose buckets are not those of their category, by bucket: "Resource-intensive actions"
/// and the exceptions.
const EXCEPTIONS: &[(Rate, &[&str])] = &[
    (
        rate(50, 5000),
        &[
            "AcceptVpcPeeringConnection",
            "AuthorizeSecurityGroupIngress",
            "CancelSpotInstanceRequests",
            "CreateKeyPair",
            "CreateVpcPeeringConnection",
            "DeleteVpcPeeringConnection",
            "RejectVpcPeeringConnection",
            "RequestSpotInstances",
            "RevokeSecurityGroupIngress",
        ],
    ),
    (rate(5, 2000), &["RunInstances", "StartInstances"]),
    (
        rate(100, 5000),
        &[
            "AssignIpv6Addresses",
            "AssignPrivateIpAddresses",
            "AssociateIamInstanceProfile",
            "CreateLaunchTemplateVersion",
            "CreateNetworkInterface",
            "CreateSnapshot",
            "CreateSnapshots",
            "CreateVolume",
            "DeleteNetworkInterface",
            "DeleteSnapshot",
            "DeleteVolume",
            "DeregisterImage",
            "DescribeSpotFleetInstances",
            "DescribeSpotFleetRequestHistory",
            "DisassociateIamInstanceProfile",
            "ModifyImageAttribute",
            "ModifyInstanceMetadataOptions",
            "ModifyLaunchTemplate",
            "ModifyNetworkInterfaceAttribute",
            "ModifySnapshotAttribute",
            "TerminateInstances",
            "UnassignPrivateIpAddresses",
        ],
    ),
    (rate(100, 10_000), &["CreateTags", "DeleteTags"]),
    (rate(100, 1000), &["CopyImage"]),
    (
        rate(10, 1000),
        &[
            "AcceptVpcEndpointConnections",
            "AssignPrivateNatGatewayAddress",
            "AssociateEnclaveCertificateIamRole",
            "AssociateNatGatewayAddress",
            "CreateNatGateway",
            "CreateVpcEndpointServiceConfiguration",
            "DeleteNatGateway",
            "DeleteVpcEndpointServiceConfigurations",
            "DisassociateEnclaveCertificateIamRole",
            "DisassociateNatGatewayAddress",
            "GetAssociatedEnclaveCertificateIamRoles",
            "ModifyVpcEndpointServiceConfiguration",
            "RejectVpcEndpointConnections",
            "UnassignPrivateNatGatewayAddress",
        ],
    ),
    (
        rate(4, 300),
        &[
            "CreateVpcEndpoint",
            "DeleteVpcEndpoints",
            "ModifyVpcEndpoint",
        ],
    ),
    (
        rate(1, 1000),
        &[
            "CancelDeclarativePoliciesReport",
            "CreateDefaultSubnet",
            "CreateDefaultVpc",
            "DescribeInstanceTopology",
            "DescribeMovingAddresses",
            "MoveAddressToVpc",
            "RestoreAddressToClassic",
            "StartDeclarativePoliciesReport",
        ],
    ),
    (
        rate(5, 1000),
        &[
            "CreateCoipCidr",
            "CreateCoipPool",
            "CreateSubnetCidrReservation",
            "DeleteCoipCidr",
            "DeleteCoipPool",
            "DeleteSubnetCidrReservation",
        ],
    ),
    (
        rate(20, 5000),
        &[
            "DescribeSecurityGroupReferences",
            "DescribeStaleSecurityGroups",
        ],
    ),
    (
        rate(10, 10_000),
        &[
            "DescribeAggregateIdFormat",
            "DescribeIdFormat",
            "DescribeIdentityIdFormat",
            "DescribePrincipalIdFormat",
            "DescribeReservedInstancesOfferings",
        ],
    ),
    (
        rate(50, 3000),
        &[
            "CreateSpotDatafeedSubscription",
            "DeleteSpotDatafeedSubscription",
            "DescribeSpotFleetRequests",
        ],
    ),
    (rate(100, 13_000), &["DescribeSpotDatafeedSubscription"]),
    (
        rate(50, 100),
        &["CreateRestoreImageTask", "CreateStoreImageTask"],
    ),
    (rate(50, 500), &["DescribeStoreImageTasks"]),
    (
        rate(1, 100),
        &[
            "AdvertiseByoipCidr",
            "DeprovisionByoipCidr",
            "DisableImageBlockPublicAccess",
            "DisableSnapshotBlockPublicAccess",
            "EnableImageBlockPublicAccess",
            "EnableSnapshotBlockPublicAccess",
            "ProvisionByoipCidr",
            "WithdrawByoipCidr",
        ],
    ),
    (
        rate(1, 500),
        &[
            "AssociateCapacityReservationBillingOwner",
            "DescribeByoipCidrs",
            "DisassociateCapacityReservationBillingOwner",
        ],
    ),
    (
        rate(10, 150),
        &[
            "DescribeCapacityBlockExtensionOfferings",
            "DescribeCapacityBlockOfferings",
            "PurchaseCapacityBlock",
            "PurchaseCapacityBlockExtension",
        ],
    ),
    (
        rate(5, 2000),
        &[
            "AuthorizeClientVpnIngress",
            "CreateClientVpnRoute",
            "DeleteClientVpnRoute",
            "DescribeHostReservationOfferings",
            "DescribeHostReservations",
            "DisableFastLaunch",
            "EnableFastLaunch",
            "GetHostReservationPurchasePreview",
            "PurchaseHostReservation",
            "RevokeClientVpnIngress",
        ],
    ),
    (
        rate(5, 5000),
        &[
            "DeleteQueuedReservedInstances",
            "DescribeDeclarativePoliciesReports",
            "GetDeclarativePoliciesReportSummary",
            "PurchaseReservedInstancesOffering",
        ],
    ),
    (rate(2, 2000), &["ModifyInstanceMetadataDefaults"]),
    (
        rate(20, 4000),
        &[
            "CreateVerifiedAccessEndpoint",
            "DeleteVerifiedAccessEndpoint",
            "ModifyVerifiedAccessEndpoint",
            "ModifyVerifiedAccessEndpointPolicy",
        ],
    ),
    (
        rate(10, 2000),
        &[
            "AttachVerifiedAccessTrustProvider",
            "CreateVerifiedAccessGroup",
            "CreateVerifiedAccessInstance",
            "CreateVerifiedAccessTrustProvider",
            "DeleteVerifiedAccessGroup",
            "DeleteVerifiedAccessInstance",
            "DeleteVerifiedAccessTrustProvider",
            "DetachVerifiedAccessTrustProvider",
            "ModifyVerifiedAccessGroup",
            "ModifyVerifiedAccessGroupPolicy",
            "ModifyVerifiedAccessInstance",
            "ModifyVerifiedAccessInstanceLoggingConfiguration",
            "ModifyVerifiedAccessTrustProvider",
        ],
    ),
];

/// The second bucket of an action, charged by instances ("Resource token bucket sizes and refill
/// rates").
const BY_INSTANCE: &[(Rate, &[&str])] = &[
    (rate(1000, 2000), &["RunInstances", "StartInstances"]),
    (rate(1000, 20_000), &["StopInstances", "TerminateInstances"]),
];

/// The bucket of an action.
pub fn rate_of(action: &str, is_broad_read: bool) -> Rate {
    match find(EXCEPTIONS, action) {
        Some(rate) => rate,
        None if is_broad_read => BROAD,
        None if is_read(action) => READS,
        None => WRITES,
    }
}

/// The second bucket of an action, charged by instances.
pub fn instance_rate_of(action: &str) -> Option<Rate> {
    find(BY_INSTANCE, action)
}

fn find(table: &[(Rate, &[&str])], action: &str) -> Option<Rate> {
    let row = table.iter().find(|(_, actions)| actions.contains(&action));
    row.map(|(rate, _)| *rate)
}

#[cfg(test)]
pub(super) fn exceptions() -> impl Iterator<Item = &'static str> {
    let all = EXCEPTIONS.iter().chain(BY_INSTANCE);
    all.flat_map(|(_, actions)| actions.iter().copied())
}
