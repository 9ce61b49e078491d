//! Faults at a virtual time, at reads, and at calls that name an association.

use sandtable_model::{Duration, Effect, Fault, ResourceId, Span};
use serde_json::json;

use crate::testing::{Account, text};

#[test]
fn a_time_is_counted_from_the_begin_of_the_run() {
    let mut account = Account::new();
    account.pass(1000);
    let mut fault = Fault::new("*", Effect::Throttle);
    fault.at = Some(Span(Duration::from_secs(30)));
    fault.occurrence = 2;
    account.twin.set_faults(vec![fault]);
    let mut outcome = |seconds| {
        account.pass(seconds);
        account.call("DescribeVolumes", json!({})).is_ok()
    };
    // At 29 s the call does not match yet, at 30 s it is the first, at 31 s the second.
    let seen = [outcome(29), outcome(1), outcome(1), outcome(1)];
    assert_eq!(seen, [true, true, false, true]);
}

#[test]
fn what_someone_else_does_at_a_time_comes_before_the_next_call_even_a_read() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let resource = ResourceId::new(&volume).unwrap();
    let mut fault = Fault::new("*", Effect::DriftTagged { resource });
    fault.at = Some(Span(Duration::from_secs(30)));
    account.twin.set_faults(vec![fault]);
    account.ok("DescribeVolumes", json!({}));
    account.pass(30);
    assert_eq!(account.see(&volume)["Tags"], json!([]));
    let seen = account.ok("DescribeVolumes", json!({"VolumeIds": [volume]}));
    let tags = &seen["Volumes"][0]["Tags"];
    assert_eq!(
        tags,
        &json!([{"Key": "claimed-by", "Value": "someone else"}])
    );
    let struck = account.twin.struck();
    assert_eq!(struck.len(), 1);
    assert_eq!(struck[0].action, "DescribeVolumes");
    assert!(
        struck[0]
            .touched
            .contains(&ResourceId::new(&volume).unwrap())
    );
}

#[test]
fn a_call_that_names_an_association_speaks_of_what_is_associated() {
    let mut account = Account::new();
    let address = account.ok("AllocateAddress", json!({}));
    let address = text(&address, "AllocationId");
    let subnet = account.ok("DescribeSubnets", json!({}));
    let subnet = text(&subnet["Subnets"][0], "SubnetId");
    let interface = account.ok("CreateNetworkInterface", json!({"SubnetId": subnet}));
    let interface = text(&interface["NetworkInterface"], "NetworkInterfaceId");
    let input = json!({"AllocationId": address, "NetworkInterfaceId": interface});
    let association = text(&account.ok("AssociateAddress", input), "AssociationId");
    let on = ResourceId::new(&address).unwrap();
    let fault = Fault::new("DisassociateAddress", Effect::Throttle).on(on);
    account.twin.set_faults(vec![fault]);
    let input = json!({"AssociationId": association});
    assert_eq!(
        account.code("DisassociateAddress", input.clone()),
        "RequestLimitExceeded"
    );
    account.ok("DisassociateAddress", input);
}
