//! What someone else does by itself: each kind of resource that plans touch can be deleted, put to use
//! and tagged, where AWS would accept that.

use std::collections::BTreeSet;

use sandtable_model::{Effect, Fault, Kind, ResourceId};
use serde_json::json;

use crate::testing::{Account, text};
use crate::{ApiError, Twin, TwinOptions, estate};

const KINDS: [Kind; 11] = [
    Kind::Volume,
    Kind::EbsSnapshot,
    Kind::Address,
    Kind::NetworkInterface,
    Kind::NatGateway,
    Kind::VpcEndpoint,
    Kind::InternetGateway,
    Kind::RouteTable,
    Kind::Subnet,
    Kind::SecurityGroup,
    Kind::Vpc,
];

type Drift = fn(ResourceId) -> Effect;

/// The kinds of which somebody can do it to one at least, in a realistic estate.
fn possible(drift: Drift) -> BTreeSet<Kind> {
    let snapshot = estate::generate(11, 600);
    let twin = Twin::from_snapshot(&snapshot, TwinOptions::default());
    let mut kinds = BTreeSet::new();
    for kind in KINDS {
        let all: Vec<_> = twin.state().of_kind(kind).map(|it| it.id()).collect();
        for id in all {
            let mut fork = twin.fork();
            let region = fork.state().region_of(&id).unwrap().clone();
            fork.set_faults(vec![Fault::new("*", drift(id.clone()))]);
            let ctx = fork.context(&region);
            let before = fork.diff();
            crate::dispatch::call(&mut fork, &ctx, "DescribeVpcs", json!({})).unwrap();
            match fork.struck() {
                [it] => {
                    assert!(it.touched.contains(&id), "{id}");
                    assert_ne!(fork.diff(), before, "{id}");
                    kinds.insert(kind);
                }
                _ => {
                    let why = fork.missed(0).unwrap();
                    assert!(why.contains(id.as_str()), "{why}");
                    assert_eq!(fork.diff(), before, "what is not possible changes nothing");
                }
            }
        }
    }
    kinds
}

#[test]
fn every_kind_that_plans_touch_can_be_changed_by_others() {
    let all = BTreeSet::from(KINDS);
    assert_eq!(possible(|resource| Effect::DriftTagged { resource }), all);
    // No VPC of an estate is empty, and nobody else takes one apart.
    let deleted = possible(|resource| Effect::DriftDeleted { resource });
    assert_eq!(all.difference(&deleted).collect::<Vec<_>>(), [&Kind::Vpc]);
    let used = possible(|resource| Effect::DriftInUse { resource });
    // An endpoint is used by whoever sends packets to it, which no call shows.
    let missing: Vec<&Kind> = all.difference(&used).collect();
    assert_eq!(missing, [&Kind::VpcEndpoint]);
}

#[test]
fn an_empty_vpc_can_be_deleted_by_others() {
    let mut account = Account::new();
    let vpc = account.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let vpc = text(&vpc["Vpc"], "VpcId");
    let resource = ResourceId::new(&vpc).unwrap();
    let fault = Fault::new("DescribeVpcs", Effect::DriftDeleted { resource });
    account.twin.set_faults(vec![fault]);
    assert_eq!(
        account.code("DescribeVpcs", json!({"VpcIds": [vpc]})),
        "InvalidVpcID.NotFound"
    );
}

#[test]
fn others_do_not_disturb_the_numbers_of_the_run() {
    let made = |drift: bool| {
        let mut account = Account::new();
        let address = text(&account.ok("AllocateAddress", json!({})), "AllocationId");
        let subnet = account.ok("DescribeSubnets", json!({}));
        let subnet = text(&subnet["Subnets"][0], "SubnetId");
        if drift {
            let resource = ResourceId::new(&address).unwrap();
            let fault = Fault::new("*", Effect::DriftInUse { resource });
            account.twin.set_faults(vec![fault]);
        }
        let made = account.ok("CreateNetworkInterface", json!({"SubnetId": subnet}));
        let struck = account.twin.struck().len();
        (
            text(&made["NetworkInterface"], "NetworkInterfaceId"),
            struck,
        )
    };
    let ((alone, none), (beside, one)) = (made(false), made(true));
    assert_eq!((none, one), (0, 1));
    assert_eq!(alone, beside);
}

#[test]
fn what_is_told_and_refused_is_the_authors_mistake_and_what_is_chosen_is_not() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let code = |account: &mut Account, effect: &serde_json::Value| -> Result<(), ApiError> {
        let effect = serde_json::from_value(effect.clone()).unwrap();
        account.twin.set_faults(vec![Fault::new("*", effect)]);
        account.call("DescribeVolumes", json!({})).map(|_| ())
    };
    let call = json!({"action": "DeleteVolume", "parameters": {"VolumeId": "vol-01234567"}});
    let told = code(&mut account, &json!({"drift": {"calls": [call]}}));
    assert_eq!(told.unwrap_err().code, "InvalidFault");
    // There is no instance to attach it to.
    code(&mut account, &json!({"drift-in-use": {"resource": volume}})).unwrap();
    assert!(account.twin.struck().is_empty());
    let why = account.twin.missed(0).unwrap();
    assert!(why.contains("nobody else can put to use vol-"), "{why}");
}
