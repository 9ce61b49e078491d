//! The graph answers what the detectors ask, and draws what it holds.

use sandtable_model::resource::{RouteTable, Vpc};
use sandtable_model::{Kind, ResourceId};
use serde_json::json;

use super::{Graph, NodeId, Relation, graph_dot, graph_mermaid};
use crate::testing::{Estate, client, network};

fn id(text: &str) -> ResourceId {
    text.parse().unwrap()
}

fn subnets(graph: &Graph, table: &str) -> Vec<(String, bool)> {
    let uses = graph.subnets_using(&id(table)).into_iter();
    uses.map(|it| (it.subnet.to_string(), it.implicit))
        .collect()
}

#[test]
fn a_subnet_without_a_table_of_its_own_uses_the_main_one() {
    let mut estate = Estate::of(network());
    let graph = Graph::build(&estate.snapshot);
    assert_eq!(subnets(&graph, "rtb-b"), [("subnet-b".to_owned(), false)]);
    assert_eq!(subnets(&graph, "rtb-main"), []);
    estate.set(
        "rtb-b",
        json!({"Associations": [
        {"RouteTableAssociationId": "rtbassoc-b", "SubnetId": "subnet-b",
         "AssociationState": {"State": "disassociated"}}]}),
    );
    let graph = Graph::build(&estate.snapshot);
    assert_eq!(subnets(&graph, "rtb-b"), []);
    assert_eq!(subnets(&graph, "rtb-main"), [("subnet-b".to_owned(), true)]);
    let vpc = graph.get::<Vpc>(&id("vpc-1")).unwrap();
    assert_eq!(
        graph.main_table(vpc).unwrap().route_table_id.as_str(),
        "rtb-main"
    );
}

#[test]
fn clients_are_interfaces_in_use_that_are_no_plumbing() {
    let mut resources = network();
    resources.push(client("eni-web", "subnet-b"));
    let mut estate = Estate::of(resources);
    let clients = |estate: &Estate, within: &str| {
        let graph = Graph::build(&estate.snapshot);
        let all = graph.clients(&id(within)).into_iter();
        all.map(|it| it.network_interface_id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(clients(&estate, "vpc-1"), ["eni-web"]);
    assert_eq!(clients(&estate, "subnet-a"), Vec::<String>::new());
    estate.set("eni-web", json!({"Status": "available"}));
    assert_eq!(clients(&estate, "vpc-1"), Vec::<String>::new());
    let graph = Graph::build(&estate.snapshot);
    assert_eq!(graph.infra(&id("vpc-1")).len(), 1);
}

#[test]
fn what_is_only_named_is_a_node_too() {
    let mut estate = Estate::of(network());
    estate.set(
        "rtb-b",
        json!({"Routes": [
        {"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1"},
        {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-gone"}]}),
    );
    let graph = Graph::build(&estate.snapshot);
    assert!(graph.contains(&NodeId::Resource(id("tgw-1"))));
    assert!(graph.contains(&NodeId::Resource(id("nat-gone"))));
    assert!(graph.resource(&id("nat-gone")).is_none());
    let routes = graph.routes_to(&id("nat-gone"));
    assert_eq!(routes[0].route.destination(), "0.0.0.0/0");
    let tables = graph.dependents_of::<RouteTable>(&id("nat-gone"), Relation::RoutesThrough);
    assert_eq!(tables.len(), 1);
    assert_eq!(graph.inbound(&id("vpc-1"))[0].by, "tgw-1");
}

#[test]
fn what_is_over_relates_to_nothing() {
    let mut estate = Estate::of(network());
    estate.set("nat-1", json!({"State": "deleted"}));
    let graph = Graph::build(&estate.snapshot);
    assert!(graph.depends_on(&id("nat-1")).is_empty());
    assert!(graph.resource(&id("nat-1")).is_none());
    assert_eq!(
        graph.routes_to(&id("nat-1")).len(),
        1,
        "though a blackhole may lead to it"
    );
}

#[test]
fn drawings_are_as_reviewed() {
    let mut estate = Estate::of(network());
    estate.set("vpc-1", json!({"Tags": {"Name": "a \"quoted\" \\ name"}}));
    estate.set(
        "subnet-b",
        json!({"Tags": {"aws:cloudformation:stack-name": "net"}}),
    );
    estate.add(
        Kind::AutoScalingGroup,
        json!({"AutoScalingGroupId": "asg-web", "AutoScalingGroupName": "web", "MaxSize": 1,
               "VPCZoneIdentifier": "subnet-b,subnet-z"}),
    );
    let graph = Graph::build(&estate.snapshot);
    insta::assert_snapshot!("dot", graph_dot(&graph));
    insta::assert_snapshot!("mermaid", graph_mermaid(&graph));
}
