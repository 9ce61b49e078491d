//! Plans as people see them, and what must hold of them.

use sandtable_model::{Condition, Document, Kind, Plan, Reversibility};
use serde_json::{Value, json};

use crate::testing::{Estate, OLD, client, network};

/// A plan in lines: what an insta snapshot is reviewed by.
fn shown(plan: &Plan) -> String {
    let mut lines = Vec::new();
    for step in &plan.steps {
        let after: Vec<&str> = step.after.iter().map(|it| it.0.as_str()).collect();
        let (id, name, target) = (&step.id, step.action.name(), step.target());
        lines.push(format!("{id} {name} {target}"));
        lines.push(format!("    after [{}]", after.join(" ")));
        lines.extend(
            step.preconditions
                .iter()
                .map(|it| format!("    needs {it}")),
        );
        lines.extend(step.effects.iter().map(|it| format!("    leads to {it}")));
        let watch: Vec<&str> = step.watch.iter().map(|it| it.as_str()).collect();
        lines.push(format!("    watch [{}]", watch.join(" ")));
        let undo: Vec<&str> = step.undo.actions.iter().map(|it| it.name()).collect();
        let (undo, reversibility) = (undo.join(" "), step.undo.reversibility);
        lines.push(format!(
            "    {reversibility} [{undo}], risk {}, blast {}",
            step.risk, step.blast_radius.score
        ));
        lines.push(format!(
            "    saves {}: {}",
            step.saving_usd_month, step.reason
        ));
    }
    lines.push(format!(
        "saves {}, approvals {}",
        plan.saving_usd_month, plan.approvals_required
    ));
    lines.extend(
        plan.report
            .dropped
            .iter()
            .map(|it| format!("dropped {}: {}", it.finding, it.reason)),
    );
    lines.extend(
        plan.report
            .not_evaluated
            .iter()
            .map(|it| format!("not evaluated {it}")),
    );
    lines.extend(plan.report.notes.iter().map(|it| format!("note {it}")));
    lines.join("\n")
}

fn volume(id: &str, kind: &str) -> (Kind, Value) {
    let value = json!({"VolumeId": id, "Size": 100, "VolumeType": kind,
                       "AvailabilityZone": "us-east-1a", "CreateTime": OLD});
    (Kind::Volume, value)
}

fn group(id: &str, names: &[&str]) -> (Kind, Value) {
    let pairs: Vec<Value> = names.iter().map(|id| json!({"GroupId": id})).collect();
    let value = json!({"GroupId": id, "GroupName": id, "VpcId": "vpc-1",
        "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                           "UserIdGroupPairs": pairs}]});
    (Kind::SecurityGroup, value)
}

#[test]
fn an_empty_vpc_is_torn_down_in_order() {
    let mut estate = Estate::of(network());
    estate.add(Kind::SecurityGroup, group("sg-a", &["sg-b"]).1);
    estate.add(Kind::SecurityGroup, group("sg-b", &["sg-a"]).1);
    let endpoint = json!({"VpcEndpointId": "vpce-1", "VpcEndpointType": "Interface",
        "VpcId": "vpc-1", "ServiceName": "com.amazonaws.us-east-1.ssm", "SubnetIds": ["subnet-b"],
        "Groups": [{"GroupId": "sg-b"}], "NetworkInterfaceIds": ["eni-e"], "CreationTimestamp": OLD});
    estate.add(Kind::VpcEndpoint, endpoint);
    let interface = json!({"NetworkInterfaceId": "eni-e", "VpcId": "vpc-1", "Status": "in-use",
        "SubnetId": "subnet-b", "InterfaceType": "vpc_endpoint", "RequesterManaged": true,
        "Groups": [{"GroupId": "sg-b"}]});
    estate.add(Kind::NetworkInterface, interface);
    insta::assert_snapshot!(shown(&estate.plan()));
}

#[test]
fn volumes_snapshots_and_addresses() {
    let mut estate = Estate::of([
        volume("vol-1", "gp3"),
        volume("vol-2", "sc1"),
        (
            Kind::Address,
            json!({"AllocationId": "eipalloc-9", "PublicIp": "203.0.113.9"}),
        ),
        (
            Kind::Address,
            json!({"AllocationId": "eipalloc-8", "PublicIp": "203.0.113.8", "PrivateIpAddress": "10.0.0.8",
                   "AssociationId": "eipassoc-8", "NetworkInterfaceId": "eni-8"}),
        ),
        (
            Kind::NetworkInterface,
            json!({"NetworkInterfaceId": "eni-8", "VpcId": "vpc-1", "SubnetId": "subnet-a"}),
        ),
        (
            Kind::EbsSnapshot,
            json!({"SnapshotId": "snap-1", "VolumeId": "vol-0gone", "VolumeSize": 40, "StartTime": OLD}),
        ),
    ]);
    estate.unseen(Kind::AutoScalingGroup);
    let plan = estate.plan();
    // The description holds the snapshot's digest, which is not what this test is about.
    let digest = estate.snapshot.digest().unwrap().short();
    insta::assert_snapshot!(shown(&plan).replace(&digest, "DIGEST"));
}

#[test]
fn a_gateway_behind_dead_tables_goes_with_them() {
    let mut resources = network();
    resources.push(client("eni-web", "subnet-a"));
    let mut estate = Estate::of(resources);
    estate.set("rtb-b", json!({"Associations": []}));
    insta::assert_snapshot!(shown(&estate.plan()));
}

#[test]
fn the_saving_is_what_the_account_costs_less() {
    let mut estate = Estate::of(network());
    estate.add(Kind::Volume, volume("vol-1", "gp3").1);
    let plan = estate.plan();
    // NAT gateway 32.85, address 3.65, volume 8.00, its safety snapshot -5.00.
    assert_eq!(plan.saving_usd_month.to_string(), "39.50");
}

#[test]
fn nothing_is_left_to_do_without_findings() {
    let plan = Estate::new().plan();
    assert!(plan.steps.is_empty());
    assert_eq!(plan.approvals_required, 1);
    let bytes = plan.to_pretty().unwrap();
    assert_eq!(Plan::from_json(&bytes).unwrap(), plan);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let estate = Estate::of(network());
    assert_eq!(
        estate.plan().canonical().unwrap(),
        estate.plan().canonical().unwrap()
    );
}

#[test]
fn an_address_that_must_be_kept_stays_and_is_noted() {
    let mut estate = Estate::of(network());
    estate.set("eipalloc-1", json!({"Tags": {"allowlist": "bank"}}));
    let calls = estate.calls();
    assert!(
        !calls.contains(&"ReleaseAddress eipalloc-1".to_owned()),
        "{calls:?}"
    );
    let notes = estate.plan().report.notes;
    assert!(
        notes
            .iter()
            .any(|it| it.starts_with("eipalloc-1 of nat-1 stays")),
        "{notes:?}"
    );
}

#[test]
fn without_teardown_only_the_gateway_goes() {
    let mut estate = Estate::of(network());
    estate.policy.teardown = false;
    let expected = [
        "DeleteRoute rtb-b",
        "DeleteNatGateway nat-1",
        "ReleaseAddress eipalloc-1",
    ];
    assert_eq!(estate.calls(), expected);
    let dropped = estate.plan().report.dropped;
    assert_eq!(dropped.len(), 1);
    assert_eq!(dropped[0].finding.0, "G2/vpc-1");
}

#[test]
fn no_teardown_where_the_gateway_stays() {
    let mut estate = Estate::of(network());
    estate.unseen(Kind::AutoScalingGroup);
    estate.policy.confidence_min = sandtable_model::Confidence::High;
    let plan = estate.plan();
    assert!(plan.steps.is_empty());
    assert_eq!(plan.report.dropped.len(), 2);
}

#[test]
fn an_interface_with_two_addresses_goes_after_both() {
    let address = |n: u32| {
        json!({"AllocationId": format!("eipalloc-{n}"), "PublicIp": format!("203.0.113.{n}"),
               "AssociationId": format!("eipassoc-{n}"), "NetworkInterfaceId": "eni-8"})
    };
    let mut estate = Estate::of([
        (Kind::Address, address(1)),
        (Kind::Address, address(2)),
        (
            Kind::NetworkInterface,
            json!({"NetworkInterfaceId": "eni-8", "VpcId": "vpc-1", "SubnetId": "subnet-a"}),
        ),
    ]);
    let plan = estate.plan();
    let last = plan
        .steps
        .iter()
        .find(|it| it.action.name() == "DeleteNetworkInterface")
        .unwrap();
    assert_eq!(last.after.len(), 2);
    // One of them must be kept: the interface stays with it.
    estate.set("eipalloc-2", json!({"Tags": {"dns": "x"}}));
    assert_eq!(
        estate.calls(),
        [
            "DisassociateAddress eipalloc-1",
            "ReleaseAddress eipalloc-1"
        ]
    );
}

#[test]
fn an_unattached_interface_with_an_address_does_not_hold_up_the_teardown() {
    let mut estate = Estate::of(network());
    estate.add(
        Kind::Address,
        json!({"AllocationId": "eipalloc-8", "PublicIp": "203.0.113.8",
               "AssociationId": "eipassoc-8", "NetworkInterfaceId": "eni-8"}),
    );
    estate.add(
        Kind::NetworkInterface,
        json!({"NetworkInterfaceId": "eni-8", "VpcId": "vpc-1", "SubnetId": "subnet-b"}),
    );
    let calls = estate.calls();
    let count = calls
        .iter()
        .filter(|it| *it == "DeleteNetworkInterface eni-8")
        .count();
    assert_eq!(count, 1, "{calls:?}");
    assert!(calls.contains(&"DeleteVpc vpc-1".to_owned()), "{calls:?}");
}

#[test]
fn without_the_safety_snapshot_the_data_is_lost() {
    let mut estate = Estate::of([volume("vol-1", "gp3")]);
    estate.policy.snapshot_before_delete = false;
    let plan = estate.plan();
    assert_eq!(plan.steps.len(), 1);
    assert_eq!(
        plan.steps[0].undo.reversibility,
        Reversibility::Irreversible
    );
    assert_eq!(plan.steps[0].risk, sandtable_model::Risk::High);
}

#[test]
fn routes_to_a_gateway_are_deleted_before_it() {
    let plan = Estate::of(network()).plan();
    let gateway = plan
        .steps
        .iter()
        .find(|it| it.action.name() == "DeleteNatGateway")
        .unwrap();
    let unrouted = Condition::NoRoutesTo {
        target: gateway.target(),
    };
    assert!(gateway.preconditions.contains(&unrouted));
    assert_eq!(
        plan.step(&gateway.after[0]).unwrap().action.name(),
        "DeleteRoute"
    );
}

#[test]
fn much_money_asks_for_two_people() {
    let mut estate = Estate::of(network());
    assert_eq!(estate.plan().approvals_required, 1);
    estate.policy.usd_month_single_approver_max = Some("30".parse().unwrap());
    assert_eq!(estate.plan().approvals_required, 2);
    estate.policy.usd_month_single_approver_max = None;
    estate.policy.blast_radius_single_approver_max = 0;
    assert_eq!(estate.plan().approvals_required, 2);
}

#[test]
fn an_unknown_price_is_noted_and_counts_as_nothing() {
    let estate = Estate::of([volume("vol-1", "strange")]);
    let finding = estate.finding("V1/vol-1");
    assert_eq!(finding.saving_usd_month, None);
    let plan = estate.plan();
    assert_eq!(
        plan.saving_usd_month.to_string(),
        "-5.00",
        "the safety snapshot is priced"
    );
    assert!(
        plan.report
            .notes
            .iter()
            .any(|it| it.contains("counted as saving nothing"))
    );
}
