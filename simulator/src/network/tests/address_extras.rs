//! Reverse DNS records and offers of addresses: EC2 API reference, ModifyAddressAttribute,
//! EnableAddressTransfer and their siblings.

use serde_json::{Value, json};

use super::{Net, World, text};
use crate::network::{Choices, Refusal};

fn elastic(world: &mut World) -> String {
    world.make("AllocateAddress", json!({}), "/AllocationId")
}

fn name_of(world: &mut World, id: &str) -> Value {
    let input = json!({"AllocationIds": [id], "Attribute": "domain-name"});
    world.one("DescribeAddressesAttribute", input)
}

// EC2 error list, InvalidAddress.Locked: "A reverse DNS record may be associated"
#[test]
fn an_address_with_a_name_cannot_be_released() {
    let mut world = World::new();
    let id = elastic(&mut world);
    let set = json!({"AllocationId": id, "DomainName": "mail.example.com"});
    let answer = world.ok("ModifyAddressAttribute", set);
    assert_eq!(text(&answer, "/Address/PtrRecordUpdate/Status"), "PENDING");
    assert_eq!(answer["Address"]["PtrRecord"], Value::Null);
    let release = json!({"AllocationId": id});
    world.refused(
        "ReleaseAddress",
        release.clone(),
        "InvalidAddress.Locked",
        &id,
    );
    world.wait(200);
    let seen = name_of(&mut world, &id);
    assert_eq!(text(&seen, "/PtrRecord"), "mail.example.com.");
    assert_eq!(seen["PtrRecordUpdate"], Value::Null);
    world.refused(
        "ReleaseAddress",
        release.clone(),
        "InvalidAddress.Locked",
        &id,
    );
    // The other code that clients know.
    let choices = Choices {
        reverse_dns_refusal: Refusal::AddressPtrSet,
        ..Choices::default()
    };
    world.twin.set_network_choices(choices);
    world.refused(
        "ReleaseAddress",
        release.clone(),
        "InvalidAddress.PtrSet",
        &id,
    );
    world.ok(
        "ResetAddressAttribute",
        json!({"AllocationId": id, "Attribute": "domain-name"}),
    );
    world.wait(200);
    assert_eq!(name_of(&mut world, &id)["PtrRecord"], Value::Null);
    world.ok("ReleaseAddress", release);
}

#[test]
fn what_is_no_name() {
    let mut world = World::new();
    let id = elastic(&mut world);
    let set = |name: &str| json!({"AllocationId": id, "DomainName": name});
    let name = "ModifyAddressAttribute";
    let long = format!("{}.example.com", "x".repeat(64));
    for bad in ["nodots", "-a.example.com", "a..b", "a b.example.com", &long] {
        world.refused(name, set(bad), "InvalidParameterValue", "DomainName");
    }
    world.refused(
        name,
        json!({"AllocationId": id}),
        "MissingParameter",
        "DomainName",
    );
    let nobody = json!({"AllocationId": "eipalloc-0123456789abcdef0", "DomainName": "a.b"});
    world.refused(name, nobody, "InvalidAllocationID.NotFound", "");
    let wrong = json!({"AllocationId": id, "Attribute": "colour"});
    world.refused(
        "ResetAddressAttribute",
        wrong,
        "InvalidParameterValue",
        "colour",
    );
    // Nothing to take off is no error, and leaves nothing under way.
    let fine = json!({"AllocationId": id, "Attribute": "domain-name"});
    let answer = world.ok("ResetAddressAttribute", fine);
    assert_eq!(answer["Address"]["PtrRecordUpdate"], Value::Null);
    let all = world.all("DescribeAddressesAttribute", json!({}));
    assert_eq!(all.len(), 1);
}

// "the transfer account has seven days to accept the Elastic IP address transfer"
#[test]
fn an_offer_runs_out_after_seven_days() {
    let mut net = Net::new();
    let world = &mut net.world;
    let offer = json!({"AllocationId": net.address, "TransferAccountId": "210987654321"});
    let answer = world.ok("EnableAddressTransfer", offer.clone());
    assert_eq!(
        text(&answer, "/AddressTransfer/AddressTransferStatus"),
        "pending"
    );
    let describe = "DescribeAddressTransfers";
    let by_id = json!({"AllocationIds": [net.address]});
    let found = world.one(describe, by_id.clone());
    assert_eq!(text(&found, "/TransferAccountId"), "210987654321");
    world.wait(7 * 86_400 + 1);
    assert_eq!(world.all(describe, by_id.clone()).len(), 0);
    let none = "InvalidTransfer.AddressNotFound";
    let stop = json!({"AllocationId": net.address});
    world.refused("DisableAddressTransfer", stop.clone(), none, "");
    world.ok("EnableAddressTransfer", offer);
    let answer = world.ok("DisableAddressTransfer", stop);
    assert_eq!(
        text(&answer, "/AddressTransfer/AddressTransferStatus"),
        "disabled"
    );
    assert_eq!(world.all(describe, by_id).len(), 0);
    for account in ["123456789012", "12"] {
        let input = json!({"AllocationId": net.address, "TransferAccountId": account});
        world.refused(
            "EnableAddressTransfer",
            input,
            "InvalidParameterValue",
            account,
        );
    }
    // Nobody else is in the twin to offer anything.
    world.refused(
        "AcceptAddressTransfer",
        json!({"Address": "198.18.0.1"}),
        none,
        "",
    );
    let code = "InvalidAddress.Malformed";
    world.refused("AcceptAddressTransfer", json!({"Address": "x"}), code, "");
}

// "You cannot move an Elastic IP address that was originally allocated for use in the EC2-VPC"
#[test]
fn nothing_moves_between_platforms() {
    let mut world = World::new();
    let ip = world.make("AllocateAddress", json!({}), "/PublicIp");
    let moved = json!({"PublicIp": ip});
    world.refused("MoveAddressToVpc", moved, "InvalidParameterValue", &ip);
    let unknown = json!({"PublicIp": "192.0.2.1"});
    world.refused(
        "MoveAddressToVpc",
        unknown.clone(),
        "InvalidAddress.NotFound",
        "",
    );
    let describe = "DescribeMovingAddresses";
    assert_eq!(world.all(describe, json!({"PublicIps": [ip]})).len(), 0);
    let unknown = json!({"PublicIps": ["192.0.2.1"]});
    world.refused(describe, unknown, "InvalidAddress.NotFound", "");
}

// facts: ec2-semantics.md, section 3, Elastic IP: "Not yours / service-owned: AuthFailure"
#[test]
fn what_is_on_a_services_interface_is_not_ours() {
    use sandtable_model::resource::Address;
    let mut world = World::new();
    let id = elastic(&mut world);
    let allocation = sandtable_model::AllocationId::new(&id).unwrap();
    world.twin.state.update(&allocation, |it: &mut Address| {
        it.association_id = Some("eipassoc-0123456789abcdef0".parse().unwrap());
        it.network_interface_owner_id = Some("amazon-rds".into());
    });
    let words = "You do not have permission to access the specified resource.";
    world.refused(
        "ReleaseAddress",
        json!({"AllocationId": id}),
        "AuthFailure",
        words,
    );
    let input = json!({"AssociationId": "eipassoc-0123456789abcdef0"});
    world.refused("DisassociateAddress", input, "AuthFailure", words);
}
