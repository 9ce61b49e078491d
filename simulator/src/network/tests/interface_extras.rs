//! Attributes of interfaces, permissions on them, and addresses that move between them: EC2 API
//! reference, ModifyNetworkInterfaceAttribute and its siblings, CreateNetworkInterfacePermission,
//! AssignPrivateIpAddresses.

use serde_json::{Value, json};

use super::{Net, text};
use crate::testing::Account;

fn attribute(net: &mut Net, id: &str, name: &str) -> Value {
    let input = json!({"NetworkInterfaceId": id, "Attribute": name});
    net.world.ok("DescribeNetworkInterfaceAttribute", input)
}

#[test]
fn attributes_are_told_one_at_a_time() {
    let mut net = Net::new();
    let private = net.private.clone();
    let id = net.interface(&private);
    let name = "ModifyNetworkInterfaceAttribute";
    for (change, attribute_name, path, expected) in [
        (
            json!({"Description": {"Value": "mine"}}),
            "description",
            "/Description/Value",
            "mine",
        ),
        (
            json!({"SourceDestCheck": {"Value": false}}),
            "sourceDestCheck",
            "/SourceDestCheck/Value",
            "false",
        ),
        (
            json!({"AssociatePublicIpAddress": true}),
            "associatePublicIpAddress",
            "/AssociatePublicIpAddress",
            "true",
        ),
    ] {
        let mut input = change;
        input["NetworkInterfaceId"] = json!(id);
        net.world.ok(name, input);
        let answer = attribute(&mut net, &id, attribute_name);
        assert_eq!(text(&answer, path), expected);
        assert_eq!(answer.as_object().unwrap().len(), 2, "{answer}");
    }
    let groups = attribute(&mut net, &id, "groupSet");
    assert_eq!(text(&groups, "/Groups/0/GroupName"), "default");
    let attachment = attribute(&mut net, &id, "attachment");
    assert_eq!(attachment["Attachment"], Value::Null);
    let describe = "DescribeNetworkInterfaceAttribute";
    let missing = json!({"NetworkInterfaceId": id});
    net.world
        .refused(describe, missing.clone(), "MissingParameter", "attribute");
    let unknown = json!({"NetworkInterfaceId": id, "Attribute": "colour"});
    net.world
        .refused(describe, unknown, "InvalidParameterValue", "colour");
    // "Resets the value to true"
    let reset = "ResetNetworkInterfaceAttribute";
    net.world
        .refused(reset, missing, "MissingParameter", "sourceDestCheck");
    net.world.ok(
        reset,
        json!({"NetworkInterfaceId": id, "SourceDestCheck": "true"}),
    );
    let answer = attribute(&mut net, &id, "sourceDestCheck");
    assert_eq!(text(&answer, "/SourceDestCheck/Value"), "true");
}

// facts: ec2-semantics.md, section 3, ENI: requester-managed interfaces
#[test]
fn what_a_service_manages_is_left_alone() {
    let mut net = Net::new();
    let nat = net.world.one("DescribeNatGateways", json!({}));
    let id = text(&nat, "/NatGatewayAddresses/0/NetworkInterfaceId");
    let by_id = json!({"NetworkInterfaceIds": [id]});
    let interface = net.world.one("DescribeNetworkInterfaces", by_id);
    let attachment = text(&interface, "/Attachment/AttachmentId");
    let not_permitted = "OperationNotPermitted";
    for (name, more, message) in [
        (
            "ResetNetworkInterfaceAttribute",
            json!({"SourceDestCheck": "true"}),
            "managed",
        ),
        (
            "ModifyNetworkInterfaceAttribute",
            json!({"Description": {"Value": "x"}}),
            "managed",
        ),
        (
            "AssignPrivateIpAddresses",
            json!({"SecondaryPrivateIpAddressCount": 1}),
            "permission",
        ),
        (
            "UnassignPrivateIpAddresses",
            json!({"PrivateIpAddresses": ["10.0.0.4"]}),
            "permission",
        ),
        (
            "CreateNetworkInterfacePermission",
            json!({"AwsAccountId": "210987654321", "Permission": "INSTANCE-ATTACH"}),
            "managed",
        ),
    ] {
        let mut input = more;
        input["NetworkInterfaceId"] = json!(id);
        net.world.refused(name, input, not_permitted, message);
    }
    let detach = json!({"AttachmentId": attachment});
    let message = "You are not allowed to manage 'ela-attach' attachments.";
    net.world
        .refused("DetachNetworkInterface", detach, not_permitted, message);
}

// "can be enabled for any network interface but will only apply to the primary network interface"
#[test]
fn a_public_address_comes_and_goes_with_the_attribute() {
    let mut account = Account::new();
    let subnet = account.ok("DescribeSubnets", json!({}))["Subnets"][0]["SubnetId"].clone();
    let specification = json!([{"DeviceIndex": 0, "SubnetId": subnet,
                                "AssociatePublicIpAddress": false}]);
    let instance = account.instance(json!({"NetworkInterfaces": specification}));
    let by_id = json!({"InstanceIds": [instance]});
    let ip = |account: &mut Account| {
        let answer = account.ok("DescribeInstances", by_id.clone());
        answer["Reservations"][0]["Instances"][0]["PublicIpAddress"].clone()
    };
    assert_eq!(ip(&mut account), Value::Null);
    // What was said at launch holds for the next start, whatever the subnet does.
    account.ok("StopInstances", by_id.clone());
    account.pass(100);
    account.ok("StartInstances", by_id.clone());
    account.pass(100);
    assert_eq!(ip(&mut account), Value::Null);
    let interfaces = account.ok("DescribeNetworkInterfaces", json!({}));
    let id = interfaces["NetworkInterfaces"][0]["NetworkInterfaceId"].clone();
    let wants =
        |wanted: bool| json!({"NetworkInterfaceId": id, "AssociatePublicIpAddress": wanted});
    account.ok("ModifyNetworkInterfaceAttribute", wants(true));
    assert!(ip(&mut account).is_string());
    account.ok("ModifyNetworkInterfaceAttribute", wants(false));
    assert_eq!(ip(&mut account), Value::Null);
}

#[test]
fn permissions_are_for_one_account() {
    let mut net = Net::new();
    let private = net.private.clone();
    let id = net.interface(&private);
    let grant = |account: &str, permission: &str| json!({"NetworkInterfaceId": id, "AwsAccountId": account, "Permission": permission});
    let name = "CreateNetworkInterfacePermission";
    let world = &mut net.world;
    let answer = world.ok(name, grant("210987654321", "INSTANCE-ATTACH"));
    assert_eq!(
        text(&answer, "/InterfacePermission/PermissionState/State"),
        "granted"
    );
    let permission = text(&answer, "/InterfacePermission/NetworkInterfacePermissionId");
    for (input, code) in [
        (
            grant("210987654321", "INSTANCE-ATTACH"),
            "InvalidPermission.Duplicate",
        ),
        (
            grant("310987654321", "EIP-ASSOCIATE"),
            "OperationNotPermitted",
        ),
        (
            grant("21098765432", "EIP-ASSOCIATE"),
            "InvalidParameterValue",
        ),
        (grant("210987654321", "ALL"), "InvalidParameterValue"),
        (
            json!({"NetworkInterfaceId": id, "Permission": "EIP-ASSOCIATE"}),
            "MissingParameter",
        ),
    ] {
        world.refused(name, input, code, "");
    }
    let service =
        json!({"NetworkInterfaceId": id, "AwsService": "x", "Permission": "EIP-ASSOCIATE"});
    world.refused(name, service, "UnsupportedOperation", "AwsService");
    world.ok(name, grant("210987654321", "EIP-ASSOCIATE"));
    let describe = "DescribeNetworkInterfacePermissions";
    let filter = "network-interface-permission.permission";
    let filtered = json!({"Filters": [{"Name": filter, "Values": ["INSTANCE-ATTACH"]}]});
    let found = world.one(describe, filtered);
    assert_eq!(text(&found, "/NetworkInterfacePermissionId"), permission);
    assert_eq!(world.all(describe, json!({})).len(), 2);
    let delete = json!({"NetworkInterfacePermissionId": permission});
    world.ok("DeleteNetworkInterfacePermission", delete.clone());
    let code = "InvalidNetworkInterfacePermissionID.NotFound";
    world.refused(
        "DeleteNetworkInterfacePermission",
        delete,
        code,
        &permission,
    );
    world.refused(
        describe,
        json!({"NetworkInterfacePermissionIds": [permission]}),
        code,
        "",
    );
    // They go with the interface.
    world.ok("DeleteNetworkInterface", json!({"NetworkInterfaceId": id}));
    assert_eq!(world.all(describe, json!({})).len(), 0);
}

// "When you move a secondary private IP address to another network interface, any Elastic IP address
// that is associated with the IP address is also moved."
#[test]
fn a_secondary_address_moves_with_its_elastic_address() {
    let mut net = Net::new();
    let public = net.public.clone();
    let (one, other) = (net.interface(&public), net.interface(&public));
    let world = &mut net.world;
    let name = "AssignPrivateIpAddresses";
    world.ok(
        name,
        json!({"NetworkInterfaceId": one, "PrivateIpAddresses": ["10.0.0.77"]}),
    );
    let address = world.make("AllocateAddress", json!({}), "/AllocationId");
    world.ok(
        "AssociateAddress",
        json!({"AllocationId": address, "NetworkInterfaceId": one,
               "PrivateIpAddress": "10.0.0.77"}),
    );
    let mut input = json!({"NetworkInterfaceId": other, "PrivateIpAddresses": ["10.0.0.77"]});
    world.refused(name, input.clone(), "InvalidIPAddress.InUse", "10.0.0.77");
    input["AllowReassignment"] = json!(true);
    world.ok(name, input);
    let seen = world.one("DescribeAddresses", json!({"AllocationIds": [address]}));
    assert_eq!(text(&seen, "/NetworkInterfaceId"), other);
    assert_eq!(text(&seen, "/PrivateIpAddress"), "10.0.0.77");
    let left = world.one(
        "DescribeNetworkInterfaces",
        json!({"NetworkInterfaceIds": [one]}),
    );
    assert_eq!(left["PrivateIpAddresses"].as_array().unwrap().len(), 1);
    // A primary address stays.
    let primary = text(&left, "/PrivateIpAddress");
    let input = json!({"NetworkInterfaceId": other, "PrivateIpAddresses": [primary],
                       "AllowReassignment": true});
    world.refused(name, input, "InvalidIPAddress.InUse", &primary);
}

// What instances leave behind (facts: ec2-semantics.md, section 3, Instance): an interface that is not
// deleted becomes available, its Elastic IP address stays on it, and routes to it lead nowhere.
#[test]
fn an_interface_outlives_its_instance() {
    let mut account = Account::new();
    let subnets = account.ok("DescribeSubnets", json!({}));
    let subnet = subnets["Subnets"][0].clone();
    let made = account.ok(
        "CreateNetworkInterface",
        json!({"SubnetId": subnet["SubnetId"]}),
    );
    let id = text(&made, "/NetworkInterface/NetworkInterfaceId");
    let address = text(&account.ok("AllocateAddress", json!({})), "/AllocationId");
    account.ok(
        "AssociateAddress",
        json!({"AllocationId": address, "NetworkInterfaceId": id}),
    );
    let specification = json!([{"DeviceIndex": 0, "NetworkInterfaceId": id}]);
    let instance = account.instance(json!({"NetworkInterfaces": specification}));
    assert_eq!(text(&account.see(&address), "/InstanceId"), instance);
    let made = account.ok("CreateRouteTable", json!({"VpcId": subnet["VpcId"]}));
    let table = text(&made, "/RouteTable/RouteTableId");
    account.ok(
        "CreateRoute",
        json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0",
               "InstanceId": instance}),
    );
    let route = |account: &Account| text(&account.see(&table), "/Routes/1/State");
    assert_eq!(route(&account), "active");
    account.ok("TerminateInstances", json!({"InstanceIds": [instance]}));
    account.pass(100);
    assert_eq!(text(&account.see(&id), "/Status"), "available");
    assert_eq!(account.see(&id)["Attachment"], Value::Null);
    let left = account.see(&address);
    assert_eq!(left["InstanceId"], Value::Null);
    assert_eq!(text(&left, "/NetworkInterfaceId"), id);
    assert_eq!(route(&account), "blackhole");
}

// VPC user guide, "DNS attributes for your VPC": without DNS hostnames there is no public name.
#[test]
fn a_public_name_needs_dns_hostnames() {
    let mut account = Account::new();
    let subnets = account.ok("DescribeSubnets", json!({}));
    let vpc = subnets["Subnets"][0]["VpcId"].clone();
    let name = |account: &mut Account| {
        let id = account.instance(json!({}));
        let seen = account.see(&id);
        assert!(seen["PublicIpAddress"].is_string(), "{seen}");
        seen["PublicDnsName"].clone()
    };
    assert!(name(&mut account).is_string());
    let off = json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": false}});
    account.ok("ModifyVpcAttribute", off);
    assert_eq!(name(&mut account), Value::Null);
}
