use sandtable_model::{Condition, Kind, Resource, ResourceId};
use serde_json::{Value, json};

use super::{Standing, judge};

const NAT: &str = "nat-0123456789abcdef0";
const SUBNET: &str = "subnet-0123456789abcdef0";
const TABLE: &str = "rtb-0123456789abcdef0";
const VOLUME: &str = "vol-0123456789abcdef0";

fn id(text: &str) -> ResourceId {
    text.parse().unwrap()
}

fn read(kind: Kind, value: Value) -> Resource {
    Resource::deserialize_as(kind, value).unwrap()
}

fn nat(state: &str) -> Resource {
    let value = json!({"NatGatewayId": NAT, "VpcId": "vpc-1", "SubnetId": SUBNET, "State": state});
    read(Kind::NatGateway, value)
}

fn standing(condition: &Condition, answer: &[Resource]) -> Standing {
    judge(condition, answer).standing
}

#[test]
fn what_is_over_is_gone_and_what_is_going_is_under_way() {
    let (exists, gone) = (
        Condition::Exists { resource: id(NAT) },
        Condition::Gone { resource: id(NAT) },
    );
    for (answer, is_there, is_gone) in [
        (vec![], Standing::Fails, Standing::Holds),
        (vec![nat("deleted")], Standing::Fails, Standing::Holds),
        (vec![nat("deleting")], Standing::Holds, Standing::UnderWay),
        (vec![nat("available")], Standing::Holds, Standing::Fails),
    ] {
        assert_eq!(standing(&exists, &answer), is_there, "{answer:?}");
        assert_eq!(standing(&gone, &answer), is_gone, "{answer:?}");
    }
    let seen = judge(&gone, &[nat("deleting")]).seen;
    assert_eq!(seen, "nat-0123456789abcdef0 is there and `deleting`");
}

fn table() -> Resource {
    let routes = json!([{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": NAT}]);
    let value = json!({"RouteTableId": TABLE, "VpcId": "vpc-1", "Routes": routes});
    read(Kind::RouteTable, value)
}

#[test]
fn facts_are_compared_and_absent_ones_looked_for_below_their_name() {
    let fact = |name: &str, value: &str| Condition::Fact {
        resource: id(TABLE),
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let none = |name: &str| Condition::NoFact {
        resource: id(TABLE),
        name: name.to_owned(),
    };
    for (condition, expected) in [
        (fact("Routes[0.0.0.0/0].NatGatewayId", NAT), Standing::Holds),
        (
            fact("Routes[0.0.0.0/0].NatGatewayId", "nat-1"),
            Standing::Fails,
        ),
        (fact("Routes[::/0].NatGatewayId", NAT), Standing::Fails),
        (none("Routes[0.0.0.0/0]"), Standing::Fails),
        (none("Routes"), Standing::Fails),
        (none("Route"), Standing::Holds),
        (none("Routes[0.0.0.0/0].NatGateway"), Standing::Holds),
        (none("Routes[10.0.0.0/8]"), Standing::Holds),
    ] {
        assert_eq!(standing(&condition, &[table()]), expected, "{condition}");
        // Nothing can be said of the facts of what is not there.
        assert_eq!(standing(&condition, &[]), Standing::Fails, "{condition}");
    }
}

#[test]
fn plumbing_and_idle_interfaces_are_no_clients() {
    let interface = |kind: &str, status: &str| {
        read(
            Kind::NetworkInterface,
            json!({"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": SUBNET,
                   "InterfaceType": kind, "Status": status}),
        )
    };
    let none = Condition::NoClients { within: id(SUBNET) };
    for (kind, status, expected) in [
        ("interface", "in-use", Standing::Fails),
        ("lambda", "in-use", Standing::Fails),
        ("interface", "attaching", Standing::Fails),
        ("interface", "available", Standing::Holds),
        ("nat_gateway", "in-use", Standing::Holds),
        ("vpc_endpoint", "in-use", Standing::Holds),
    ] {
        assert_eq!(
            standing(&none, &[interface(kind, status)]),
            expected,
            "{kind} {status}"
        );
    }
    assert_eq!(standing(&none, &[]), Standing::Holds);
}

#[test]
fn routes_and_images_are_counted_when_they_really_refer() {
    let routes = |target: &str| Condition::NoRoutesTo { target: id(target) };
    assert_eq!(standing(&routes(NAT), &[table()]), Standing::Fails);
    assert_eq!(standing(&routes("nat-1"), &[table()]), Standing::Holds);

    let snapshot = Condition::Unreferenced {
        resource: id("snap-1"),
    };
    let image = |state: &str| read(Kind::Image, json!({"ImageId": "ami-1", "State": state}));
    assert_eq!(standing(&snapshot, &[image("available")]), Standing::Fails);
    assert_eq!(standing(&snapshot, &[image("disabled")]), Standing::Fails);
    assert_eq!(
        standing(&snapshot, &[image("deregistered")]),
        Standing::Holds
    );
    let volume = Condition::Unreferenced {
        resource: id(VOLUME),
    };
    assert_eq!(
        standing(&volume, &[]),
        Standing::Fails,
        "it cannot be looked up"
    );
}

#[test]
fn a_snapshot_counts_once_it_is_completed() {
    let snapshotted = Condition::Snapshotted {
        volume: VOLUME.parse().unwrap(),
        description: "ours".to_owned(),
    };
    let made = |state: &str, description: &str| {
        read(
            Kind::EbsSnapshot,
            json!({"SnapshotId": "snap-1", "State": state, "Description": description}),
        )
    };
    for (answer, expected) in [
        (vec![], Standing::Fails),
        (vec![made("completed", "another")], Standing::Fails),
        (vec![made("error", "ours")], Standing::Fails),
        (vec![made("recoverable", "ours")], Standing::Fails),
        (vec![made("pending", "ours")], Standing::UnderWay),
        (vec![made("completed", "ours")], Standing::Holds),
        (
            vec![made("error", "ours"), made("completed", "ours")],
            Standing::Holds,
        ),
    ] {
        assert_eq!(standing(&snapshotted, &answer), expected, "{answer:?}");
    }
}
