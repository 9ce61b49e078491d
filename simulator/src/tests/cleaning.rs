//! Whatever the twin models can be cleaned up: each operation of AWS that takes something away is
//! modelled, or belongs to something that the twin does not model and that is named here.

use std::collections::BTreeSet;

use crate::dispatch::modelled_operations;
use crate::wire::Api;

/// How the names of operations begin that take something away, or away from something.
const VERBS: &[&str] = &[
    "Cancel",
    "Delete",
    "Deprovision",
    "Deregister",
    "Detach",
    "Disable",
    "Disassociate",
    "Reject",
    "Release",
    "Remove",
    "Reset",
    "Revoke",
    "Terminate",
    "Unassign",
    "Unlock",
    "Unmonitor",
    "Withdraw",
];

/// What the twin does not model, by a part of the operations' names, each with why that is nothing
/// that stays behind of what it does model.
const NOT_MODELLED: &[(Api, &str, &str)] = &[
    (
        Api::Ec2,
        "AllowedImagesSettings",
        "a setting of the account about images of others",
    ),
    (
        Api::Ec2,
        "ApplicationStatusCheck",
        "checks inside instances, which run nothing",
    ),
    (
        Api::Ec2,
        "AwsNetworkPerformanceMetric",
        "measurements of AWS's own network",
    ),
    (Api::Ec2, "BundleTask", "instance-store AMIs are made in S3"),
    (Api::Ec2, "Byoip", "address pools other than Amazon's"),
    (Api::Ec2, "CapacityManager", "reports about capacity"),
    (
        Api::Ec2,
        "CapacityReservationBillingOwner",
        "shared bills of other accounts",
    ),
    (
        Api::Ec2,
        "CapacityReservationFleets",
        "fleets of reservations",
    ),
    (
        Api::Ec2,
        "CarrierGateway",
        "carrier gateways of Wavelength Zones",
    ),
    (
        Api::Ec2,
        "ClassicLinkVpc",
        "EC2-Classic, which is gone: nothing can be linked",
    ),
    (Api::Ec2, "ClientVpn", "Client VPN"),
    (Api::Ec2, "Coip", "Outposts"),
    (
        Api::Ec2,
        "ConversionTask",
        "imports and exports of virtual machines",
    ),
    (
        Api::Ec2,
        "DeclarativePoliciesReport",
        "reports about policies",
    ),
    (Api::Ec2, "EnclaveCertificateIamRole", "certificates of ACM"),
    (
        Api::Ec2,
        "ExportTask",
        "imports and exports of virtual machines",
    ),
    (Api::Ec2, "FastLaunch", "Windows images"),
    (Api::Ec2, "Fleet", "fleets of instances"),
    (Api::Ec2, "FpgaImage", "images of FPGAs"),
    (Api::Ec2, "ImageUsageReport", "reports about images"),
    (Api::Ec2, "ImageWatermark", "watermarks of images"),
    (
        Api::Ec2,
        "ImportTask",
        "imports and exports of virtual machines",
    ),
    (Api::Ec2, "InstanceConnectEndpoint", "EC2 Instance Connect"),
    (
        Api::Ec2,
        "InstanceEventWindow",
        "windows for scheduled events",
    ),
    (Api::Ec2, "InstanceSqlHaStandby", "licences of SQL Server"),
    (Api::Ec2, "Ipam", "IP address management"),
    (Api::Ec2, "LocalGateway", "Outposts"),
    (Api::Ec2, "NetworkInsights", "analyses of reachability"),
    (
        Api::Ec2,
        "PublicIpv4Pool",
        "address pools other than Amazon's",
    ),
    (
        Api::Ec2,
        "QueuedReservedInstances",
        "Reserved Instances cannot be bought here",
    ),
    (
        Api::Ec2,
        "ReservedInstancesListing",
        "the marketplace of Reserved Instances",
    ),
    (Api::Ec2, "RouteServer", "VPC Route Server"),
    (Api::Ec2, "SecondaryNetwork", "secondary networks"),
    (Api::Ec2, "SecondarySubnet", "secondary networks"),
    (Api::Ec2, "SerialConsoleAccess", "a setting of the account"),
    (Api::Ec2, "SpotDatafeed", "files about Spot Instances in S3"),
    (Api::Ec2, "SpotFleet", "fleets of instances"),
    (Api::Ec2, "TrafficMirror", "traffic mirroring"),
    (
        Api::Ec2,
        "TransitGatewayConnect",
        "attachments other than of VPCs, VPNs and peerings",
    ),
    (
        Api::Ec2,
        "TransitGatewayMeteringPolicy",
        "metering of transit gateways",
    ),
    (Api::Ec2, "TransitGatewayMulticast", "multicast"),
    (
        Api::Ec2,
        "TransitGatewayPolicyTable",
        "policy tables of Cloud WAN",
    ),
    (
        Api::Ec2,
        "TransitGatewayPrefixListReference",
        "none can be made here",
    ),
    (
        Api::Ec2,
        "TransitGatewayRouteTableAnnouncement",
        "announcements of Cloud WAN",
    ),
    (Api::Ec2, "TrunkInterface", "interfaces of containers"),
    (Api::Ec2, "VerifiedAccess", "Verified Access"),
    (
        Api::Ec2,
        "VpcBlockPublicAccess",
        "exclusions from blocking, which is not modelled",
    ),
    (Api::Ec2, "VpcEncryptionControl", "encryption controls"),
    (Api::Ec2, "VpnConcentrator", "VPN concentrators"),
];

/// Services of which remediation leans on some kinds only: for them each modelled creation has its
/// clean-up, which is asked of them below.
const OF_CREATIONS: &[Api] = &[Api::AutoScaling, Api::Elb, Api::ElbV2, Api::Rds];

fn all_of(api: Api) -> BTreeSet<&'static str> {
    let table = api.table();
    let others = table.others().iter().copied();
    table.actions().into_iter().chain(others).collect()
}

fn modelled(api: Api) -> BTreeSet<&'static str> {
    let all = modelled_operations().into_iter();
    all.filter(|(it, _)| *it == api)
        .map(|(_, name)| name)
        .collect()
}

#[test]
fn every_clean_up_of_what_is_modelled_is_modelled() {
    let modelled = modelled(Api::Ec2);
    let missing: Vec<&str> = all_of(Api::Ec2)
        .into_iter()
        .filter(|action| VERBS.iter().any(|verb| action.starts_with(verb)))
        .filter(|action| !modelled.contains(action))
        .filter(|action| {
            !NOT_MODELLED
                .iter()
                .any(|(_, part, _)| action.contains(part))
        })
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// A reason for something that is modelled, or that AWS does not have, is no reason.
#[test]
fn what_is_left_out_is_there_and_is_not_modelled() {
    for (api, part, why) in NOT_MODELLED {
        let all = all_of(*api);
        let named: Vec<&&str> = all.iter().filter(|it| it.contains(part)).collect();
        assert!(
            !named.is_empty(),
            "AWS has no operation with {part} ({why})"
        );
        let makes = |it: &&&str| {
            ["Create", "Request", "Run", "Provision"]
                .iter()
                .any(|verb| it.starts_with(verb))
        };
        let made: Vec<_> = named.iter().copied().filter(makes).collect();
        let modelled = modelled(*api);
        let both: Vec<_> = made.iter().filter(|it| modelled.contains(**it)).collect();
        assert!(
            both.is_empty(),
            "{both:?} can be made and not be taken away"
        );
    }
}

#[test]
fn what_is_made_in_the_services_beside_ec2_can_be_deleted() {
    for api in OF_CREATIONS {
        let (all, modelled) = (all_of(*api), modelled(*api));
        for action in &modelled {
            for (make, take) in [
                ("Create", "Delete"),
                ("Attach", "Detach"),
                ("Register", "Deregister"),
                ("Add", "Remove"),
                ("Enable", "Disable"),
            ] {
                let Some(rest) = action.strip_prefix(make) else {
                    continue;
                };
                let undo = format!("{take}{rest}");
                let is_known = all.contains(undo.as_str());
                assert!(
                    !is_known || modelled.contains(undo.as_str()),
                    "{api}: {action} without {undo}"
                );
            }
        }
    }
}
