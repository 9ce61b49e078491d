//! ClassicLink, tenancy and default subnets.

use sandtable_model::Region;
use serde_json::{Value, json};

use super::{World, text, vpc};

const OPERATIONS: &[&str] = &[
    "EnableVpcClassicLink",
    "EnableVpcClassicLinkDnsSupport",
    "DisableVpcClassicLink",
    "DisableVpcClassicLinkDnsSupport",
];

// <https://github.com/aws/aws-sdk-java/issues/754>
#[test]
fn regions_without_classic_refuse_its_operations() {
    let mut world = World::new();
    let id = vpc(&mut world, "10.0.0.0/16");
    let message = "The functionality you requested is not available in this region.";
    for operation in OPERATIONS {
        let input = json!({"VpcId": id});
        world.refused(operation, input, "UnsupportedOperation", message);
    }
    for operation in ["DescribeVpcClassicLink", "DescribeVpcClassicLinkDnsSupport"] {
        world.refused(operation, json!({}), "UnsupportedOperation", message);
    }
}

// <https://github.com/terraform-aws-modules/terraform-aws-vpc/pull/164>: the call passes, nothing
// happens.
#[test]
fn regions_with_classic_never_enable_it() {
    let mut world = World::new();
    world.ctx.region = Region::new("eu-west-1").unwrap();
    let id = vpc(&mut world, "10.0.0.0/16");
    for operation in OPERATIONS {
        let done = world.ok(operation, json!({"VpcId": id}));
        assert_eq!(done["Return"], true);
        world.refused(operation, json!({}), "MissingParameter", "vpcId");
        let nobody = json!({"VpcId": "vpc-0123456789abcdef0"});
        world.refused(operation, nobody, "InvalidVpcID.NotFound", "");
    }
    let seen = world.one("DescribeVpcClassicLink", json!({"VpcIds": [id]}));
    assert_eq!(seen["ClassicLinkEnabled"], false);
    let filter = json!({"Filters": [{"Name": "is-classic-link-enabled", "Values": ["true"]}]});
    assert!(world.all("DescribeVpcClassicLink", filter).is_empty());
    let seen = world.one("DescribeVpcClassicLinkDnsSupport", json!({}));
    assert_eq!(seen, json!({"ClassicLinkDnsSupported": false, "VpcId": id}));
}

#[test]
fn names_over_classic_link_come_in_pages() {
    let mut world = World::new();
    world.ctx.region = Region::new("us-east-1").unwrap();
    let mut choices = crate::network::Choices::default();
    choices.quotas.vpcs = 10;
    world.twin.set_network_choices(choices);
    (0..7).for_each(|n| drop(vpc(&mut world, &format!("10.{n}.0.0/16"))));
    let page = |token: Value| json!({"MaxResults": 5, "NextToken": token});
    let first = world.ok("DescribeVpcClassicLinkDnsSupport", page(Value::Null));
    let rest = page(first["NextToken"].clone());
    let second = world.ok("DescribeVpcClassicLinkDnsSupport", rest);
    assert_eq!(first["Vpcs"].as_array().unwrap().len(), 5);
    assert_eq!(second["Vpcs"].as_array().unwrap().len(), 2);
}

// EC2 API reference, ModifyVpcTenancy: to `default` only.
#[test]
fn tenancy_goes_one_way() {
    let mut world = World::new();
    let input = json!({"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "dedicated"});
    let id = world.make("CreateVpc", input, "/Vpc/VpcId");
    let to = |tenancy: &str| json!({"VpcId": id, "InstanceTenancy": tenancy});
    world.refused(
        "ModifyVpcTenancy",
        to("dedicated"),
        "InvalidParameterValue",
        "dedicated",
    );
    world.refused(
        "ModifyVpcTenancy",
        to(""),
        "MissingParameter",
        "instanceTenancy",
    );
    let done = world.ok("ModifyVpcTenancy", to("default"));
    assert_eq!(done["ReturnValue"], true);
    let seen = world.one("DescribeVpcs", json!({"VpcIds": [id]}));
    assert_eq!(text(&seen, "/InstanceTenancy"), "default");
}

// EC2 API reference, CreateDefaultSubnet; VPC user guide, "Create a default subnet".
#[test]
fn a_default_subnet_can_be_made_again() {
    let mut world = World::new();
    let zone = json!({"AvailabilityZone": "eu-central-1b"});
    let operation = "CreateDefaultSubnet";
    world.refused(operation, zone.clone(), "DefaultVpcDoesNotExist", "");
    world.ok("CreateDefaultVpc", json!({}));
    let filter = json!({"Filters": [{"Name": "availability-zone", "Values": ["eu-central-1b"]}]});
    let old = world.one("DescribeSubnets", filter);
    let id = text(&old, "/SubnetId");
    let message = format!("'{id}' is already the default subnet in eu-central-1b.");
    let code = "DefaultSubnetAlreadyExistsInAvailabilityZone";
    world.refused(operation, zone.clone(), code, &message);
    world.ok("DeleteSubnet", json!({"SubnetId": id}));
    let made = world.ok(operation, zone);
    for (path, value) in [
        ("/Subnet/CidrBlock", "172.31.16.0/20"),
        ("/Subnet/DefaultForAz", "true"),
        ("/Subnet/MapPublicIpOnLaunch", "true"),
    ] {
        assert_eq!(text(&made, path), value, "{path}");
    }
    let filter = json!({"Filters": [
        {"Name": "association.subnet-id", "Values": [made["Subnet"]["SubnetId"]]}]});
    world.one("DescribeNetworkAcls", filter);
    world.refused(operation, json!({}), "MissingParameter", "availabilityZone");
    let nowhere = json!({"AvailabilityZone": "eu-central-1z"});
    world.refused(operation, nowhere, "InvalidParameterValue", "eu-central-1z");
    let native = json!({"AvailabilityZone": "eu-central-1b", "Ipv6Native": true});
    world.refused(operation, native, "UnsupportedOperation", "Ipv6Native");
}
