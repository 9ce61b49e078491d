//! Network interfaces: facts: ec2-semantics.md, section 3, ENI.

use sandtable_model::{Kind, Resource};
use serde_json::{Value, json};

use super::{Net, World, group, interface, subnet, text, vpc};

const INSTANCE: &str = "i-0123456789abcdef0";

/// An instance whose primary interface is a new one in `subnet`; gives that.
fn instance(world: &mut World, subnet: &str) -> String {
    let primary = interface(world, subnet);
    let value = json!({"InstanceId": INSTANCE, "InstanceType": "t3.nano",
        "State": {"Code": 16, "Name": "running"}, "SubnetId": subnet,
        "Placement": {"AvailabilityZone": "eu-central-1a"}});
    let instance = Resource::deserialize_as(Kind::Instance, value).unwrap();
    let region = world.ctx.region.clone();
    world.twin.state.insert(&region, instance);
    attach(world, &primary, 0);
    primary
}

fn attach(world: &mut World, interface: &str, index: i64) -> String {
    let input = json!({"NetworkInterfaceId": interface, "InstanceId": INSTANCE,
                       "DeviceIndex": index});
    let id = world.make("AttachNetworkInterface", input, "/AttachmentId");
    world.wait(10);
    id
}

fn see(world: &mut World, interface: &str) -> Value {
    world.one(
        "DescribeNetworkInterfaces",
        json!({"NetworkInterfaceIds": [interface]}),
    )
}

#[test]
fn an_interface_has_the_defaults() {
    let mut world = World::new();
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let subnet = subnet(&mut world, &vpc, "10.0.0.0/24");
    let id = interface(&mut world, &subnet);
    let seen = see(&mut world, &id);
    for (path, expected) in [
        ("/Status", "available"),
        ("/PrivateIpAddress", "10.0.0.4"),
        (
            "/PrivateDnsName",
            "ip-10-0-0-4.eu-central-1.compute.internal",
        ),
        ("/Groups/0/GroupName", "default"),
        ("/InterfaceType", "interface"),
        ("/RequesterManaged", "false"),
        ("/VpcId", &vpc),
    ] {
        assert_eq!(text(&seen, path), expected, "{path}");
    }
    for (input, code, message) in [
        (
            json!({"SubnetId": subnet, "PrivateIpAddress": "10.0.0.4"}),
            "InvalidIPAddress.InUse",
            "10.0.0.4",
        ),
        (
            json!({"SubnetId": subnet, "PrivateIpAddress": "10.0.0.1"}),
            "InvalidParameterValue",
            "range",
        ),
        (
            json!({"SubnetId": subnet, "PrivateIpAddress": "10.0.0.255"}),
            "InvalidParameterValue",
            "range",
        ),
        // facts: ec2-semantics.md, section 2: in ENI calls InvalidSecurityGroupID.NotFound
        (
            json!({"SubnetId": subnet, "Groups": ["sg-0123456789abcdef0"]}),
            "InvalidSecurityGroupID.NotFound",
            "sg-0123456789abcdef0",
        ),
        (
            json!({"SubnetId": "subnet-0123456789abcdef0"}),
            "InvalidSubnetID.NotFound",
            "",
        ),
    ] {
        world.refused("CreateNetworkInterface", input, code, message);
    }
}

#[test]
fn interfaces_attach_and_detach() {
    let mut net = Net::new();
    let private = net.private.clone();
    let world = &mut net.world;
    let primary = instance(world, &private);
    let id = interface(world, &private);
    let attachment = attach(world, &id, 1);
    let seen = see(world, &id);
    assert_eq!(text(&seen, "/Status"), "in-use");
    assert_eq!(text(&seen, "/Attachment/Status"), "attached");
    assert_eq!(text(&seen, "/Attachment/InstanceId"), INSTANCE);
    let delete = json!({"NetworkInterfaceId": id});
    let message = format!("Network interface '{id}' is currently in use.");
    world.refused(
        "DeleteNetworkInterface",
        delete.clone(),
        "InvalidParameterValue",
        &message,
    );
    let again = json!({"NetworkInterfaceId": id, "InstanceId": INSTANCE, "DeviceIndex": 2});
    world.refused(
        "AttachNetworkInterface",
        again,
        "InvalidNetworkInterface.InUse",
        &id,
    );
    let free = interface(world, &private);
    let taken = json!({"NetworkInterfaceId": free, "InstanceId": INSTANCE, "DeviceIndex": 1});
    world.refused(
        "AttachNetworkInterface",
        taken,
        "InvalidParameterValue",
        "device index '1'",
    );

    // The primary interface stays.
    let own = text(&see(world, &primary), "/Attachment/AttachmentId");
    let detach = json!({"AttachmentId": own});
    let message = "The network interface at device index 0 cannot be detached.";
    world.refused(
        "DetachNetworkInterface",
        detach,
        "OperationNotPermitted",
        message,
    );

    world.ok(
        "DetachNetworkInterface",
        json!({"AttachmentId": attachment}),
    );
    assert_eq!(text(&see(world, &id), "/Status"), "detaching");
    let again = json!({"AttachmentId": attachment});
    world.refused(
        "DetachNetworkInterface",
        again.clone(),
        "IncorrectState",
        "",
    );
    world.wait(10);
    assert_eq!(text(&see(world, &id), "/Status"), "available");
    world.refused(
        "DetachNetworkInterface",
        again,
        "InvalidAttachmentID.NotFound",
        &attachment,
    );
    let malformed = json!({"AttachmentId": "nonsense"});
    let code = "InvalidNetworkInterfaceAttachmentId.Malformed";
    world.refused("DetachNetworkInterface", malformed, code, "nonsense");
    world.ok("DeleteNetworkInterface", delete);
}

// facts: ec2-semantics.md, section 3, ENI: requester-managed interfaces
#[test]
fn interfaces_of_services_are_theirs() {
    let mut net = Net::new();
    let nat = net.world.one("DescribeNatGateways", json!({}));
    let id = text(&nat, "/NatGatewayAddresses/0/NetworkInterfaceId");
    let attachment = text(&see(&mut net.world, &id), "/Attachment/AttachmentId");
    assert!(attachment.starts_with("ela-attach-"), "{attachment}");
    let detach = json!({"AttachmentId": attachment});
    let message = "You are not allowed to manage 'ela-attach' attachments.";
    net.world.refused(
        "DetachNetworkInterface",
        detach,
        "OperationNotPermitted",
        message,
    );
    let modify = json!({"NetworkInterfaceId": id, "Description": {"Value": "mine"}});
    let code = "OperationNotPermitted";
    net.world.refused(
        "ModifyNetworkInterfaceAttribute",
        modify,
        code,
        "managed by a service",
    );
    let address = net
        .world
        .make("AllocateAddress", json!({}), "/AllocationId");
    let associate = json!({"AllocationId": address, "NetworkInterfaceId": id});
    net.world
        .refused("AssociateAddress", associate, "AuthFailure", "permission");
}

#[test]
fn an_address_follows_its_instance() {
    let mut net = Net::new();
    let private = net.private.clone();
    let primary = instance(&mut net.world, &private);
    let made = net.world.ok("AllocateAddress", json!({}));
    let (address, ip) = (text(&made, "/AllocationId"), text(&made, "/PublicIp"));
    let input = json!({"AllocationId": address, "InstanceId": INSTANCE});
    let association = net.world.make("AssociateAddress", input, "/AssociationId");
    let seen = net
        .world
        .one("DescribeAddresses", json!({"AllocationIds": [address]}));
    assert_eq!(text(&seen, "/InstanceId"), INSTANCE);
    assert_eq!(text(&seen, "/NetworkInterfaceId"), primary);
    let id = sandtable_model::InstanceId::new(INSTANCE).unwrap();
    let public = |world: &World| {
        let instance = world
            .twin
            .state
            .one::<sandtable_model::resource::Instance>(&id);
        instance.unwrap().public_ip_address.clone()
    };
    assert_eq!(public(&net.world).as_deref(), Some(ip.as_str()));
    net.world
        .ok("DisassociateAddress", json!({"AssociationId": association}));
    assert_eq!(public(&net.world), None);
    // With two interfaces one must be named.
    let second = interface(&mut net.world, &private);
    attach(&mut net.world, &second, 1);
    let input = json!({"AllocationId": address, "InstanceId": INSTANCE});
    net.world.refused(
        "AssociateAddress",
        input,
        "InvalidInstanceID",
        "multiple interfaces",
    );
}

#[test]
fn routes_follow_an_interface() {
    let mut net = Net::new();
    let private = net.private.clone();
    instance(&mut net.world, &private);
    let id = net.interface(&private);
    let attachment = attach(&mut net.world, &id, 1);
    let input = json!({"RouteTableId": net.private_table, "DestinationCidrBlock": "10.8.0.0/16",
                       "NetworkInterfaceId": id});
    net.world.ok("CreateRoute", input);
    let seen = net.private_route("10.8.0.0/16");
    assert_eq!(
        (text(&seen, "/State"), text(&seen, "/InstanceId")),
        ("active".into(), INSTANCE.into())
    );
    net.world.ok(
        "DetachNetworkInterface",
        json!({"AttachmentId": attachment}),
    );
    net.world.wait(10);
    assert_eq!(
        text(&net.private_route("10.8.0.0/16"), "/State"),
        "blackhole"
    );
    attach(&mut net.world, &id, 1);
    assert_eq!(text(&net.private_route("10.8.0.0/16"), "/State"), "active");
}

#[test]
fn attributes_change_one_at_a_time() {
    let mut net = Net::new();
    let (private, vpc) = (net.private.clone(), net.vpc.clone());
    let web = group(&mut net.world, &vpc, "web");
    let id = net.interface(&private);
    let modify = |member: &str, value: Value| json!({"NetworkInterfaceId": id, member: value});
    let name = "ModifyNetworkInterfaceAttribute";
    net.world
        .ok(name, modify("Description", json!({"Value": "mine"})));
    net.world
        .ok(name, modify("SourceDestCheck", json!({"Value": false})));
    net.world.ok(name, modify("Groups", json!([web])));
    let seen = see(&mut net.world, &id);
    assert_eq!(text(&seen, "/Description"), "mine");
    assert_eq!(text(&seen, "/SourceDestCheck"), "false");
    assert_eq!(text(&seen, "/Groups/0/GroupId"), web);
    net.world.refused(
        name,
        json!({"NetworkInterfaceId": id}),
        "MissingParameter",
        "",
    );
    let mut both = modify("Groups", json!([web]));
    both["Description"] = json!({"Value": "x"});
    net.world
        .refused(name, both, "InvalidParameterCombination", "one attribute");
    instance(&mut net.world, &private);
    let attachment = attach(&mut net.world, &id, 1);
    let change = json!({"AttachmentId": attachment, "DeleteOnTermination": true});
    net.world.ok(name, modify("Attachment", change));
    let seen = see(&mut net.world, &id);
    assert_eq!(text(&seen, "/Attachment/DeleteOnTermination"), "true");
    let wrong = modify(
        "Attachment",
        json!({"AttachmentId": "eni-attach-0123456789abcdef0"}),
    );
    net.world
        .refused(name, wrong, "InvalidAttachmentID.NotFound", "");
}

#[test]
fn secondary_addresses_come_and_go() {
    let mut net = Net::new();
    let private = net.private.clone();
    let id = net.interface(&private);
    let count = |net: &mut Net| {
        let seen = net
            .world
            .one("DescribeSubnets", json!({"SubnetIds": [net.private]}));
        text(&seen, "/AvailableIpAddressCount")
    };
    assert_eq!(count(&mut net), "250");
    let more = json!({"NetworkInterfaceId": id, "SecondaryPrivateIpAddressCount": 2});
    let answer = net.world.ok("AssignPrivateIpAddresses", more);
    let ip = text(&answer, "/AssignedPrivateIpAddresses/1/PrivateIpAddress");
    assert_eq!(ip, "10.0.1.6");
    assert_eq!(count(&mut net), "248");
    let address = net
        .world
        .make("AllocateAddress", json!({}), "/AllocationId");
    let associate = json!({"AllocationId": address, "NetworkInterfaceId": id,
                           "PrivateIpAddress": ip});
    net.world.ok("AssociateAddress", associate);
    let primary = json!({"NetworkInterfaceId": id, "PrivateIpAddresses": ["10.0.1.4"]});
    let name = "UnassignPrivateIpAddresses";
    net.world
        .refused(name, primary, "InvalidParameterValue", "10.0.1.4");
    net.world.ok(
        name,
        json!({"NetworkInterfaceId": id, "PrivateIpAddresses": [ip]}),
    );
    assert_eq!(count(&mut net), "249");
    let seen = net
        .world
        .one("DescribeAddresses", json!({"AllocationIds": [address]}));
    assert_eq!(seen.get("AssociationId"), None);
}
