//! G2: the teardown of an empty VPC.

use sandtable_model::resource::{
    Address, AsResource, ClassicLoadBalancer, DbInstance, EgressOnlyInternetGateway, InterfaceType,
    InternetGateway, LoadBalancer, NatGateway, NatGatewayState, NetworkAcl, NetworkInterface,
    SecurityGroup, Subnet, SubnetCidrReservation, Vpc, VpcEndpoint,
};
use sandtable_model::{Finding, Kind, Region, ResourceId};

use super::{g1, not_idle, owned, tables};
use crate::graph::Relation;
use crate::rules::address::g15;
use crate::rules::guards::{future_guard, reached_guard};
use crate::rules::verdicts::{Draft, Verdicts, counted};
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "G2",
    aliases: &[],
    title: "Empty VPC that can be torn down",
    finds: "A VPC that G1 empties of its NAT gateways, or one without any that still pays for \
            interface endpoints, in which every remaining part is known and can be deleted.",
    costs: "Interface endpoints are billed by the hour and zone. The rest is free, but counts \
            against quotas, widens what must be guarded, and invites the next forgotten gateway.",
    proof: "As G1; and subnets, route tables, security groups, internet gateways, endpoints, \
            addresses and interfaces were listed completely, and each can be deleted by the account.",
    wrong: "- It is the Region's default VPC: never torn down.\n\
            - A stack, tool or policy keeps the VPC or any part of it: left alone.\n\
            - Subnets are shared to the account, another VPC's security group names one of this \
            VPC's, a service holds an interface, a table routes for a gateway: left alone.\n\
            - A network ACL of its own, an egress-only gateway, a CIDR reservation, a load balancer or a \
            database is in it, which no step takes away: left alone. Where they could not be listed, \
            AWS refuses the steps that they block.\n\
            - Private hosted zones and Resolver rules that name the VPC are not listed.\n\
            - Without a NAT gateway nothing tells how old a VPC is, except its endpoints.",
    remedy: "Endpoints, unattached interfaces, internet gateway, table associations, subnets, route \
             tables, security groups, VPC, in the order in which AWS lets them go. Detaching the \
             internet gateway, table associations and rules are taken back by one call each; what \
             is deleted can be made again with another id. The snapshot records all of it.",
    example: "The VPC of G1's example: two subnets, a table, an internet gateway, two groups.",
};

const NEEDS: &[Kind] = &[
    Kind::NetworkInterface,
    Kind::RouteTable,
    Kind::Subnet,
    Kind::NatGateway,
    Kind::SecurityGroup,
    Kind::InternetGateway,
    Kind::VpcEndpoint,
    Kind::Address,
];

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::Vpc,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    for vpc in scene.snapshot.all::<Vpc>() {
        look(scene, verdicts, vpc);
    }
}

fn look(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>, vpc: &Vpc) {
    let id = vpc.resource_id();
    let Some(region) = scene.region(&id) else {
        return;
    };
    let after_g1 = verdicts.found(g1::RULE.doc.id, &id);
    if !after_g1 && !pays_for_nothing(scene, &id) {
        let reason = "neither G1 nor idle interface endpoints speak for it";
        verdicts.unmet(DOC.id, &id, || reason.to_owned());
        return;
    }
    if let Some(gap) = scene
        .gap(region, NEEDS)
        .or_else(|| scene.contradiction(&id))
    {
        verdicts.blind(DOC.id, &id, gap);
        return;
    }
    let parts = Parts::of(scene, &id);
    let spared = spared(scene, verdicts, vpc, &parts, after_g1);
    if let Some((guard, reason)) = spared {
        verdicts.suppress(DOC.id, &id, guard, reason);
        return;
    }
    verdicts.find(finding(scene, vpc, region, &parts));
}

/// Whether a VPC without NAT gateways and clients keeps interface endpoints.
fn pays_for_nothing(scene: &Scene<'_>, vpc: &ResourceId) -> bool {
    scene.graph.within::<NatGateway>(vpc).is_empty()
        && scene.graph.clients(vpc).is_empty()
        && scene
            .graph
            .within::<VpcEndpoint>(vpc)
            .iter()
            .any(|it| !it.subnet_ids.is_empty())
}

/// What a VPC is made of.
struct Parts<'a> {
    subnets: Vec<&'a Subnet>,
    tables: Vec<&'a sandtable_model::resource::RouteTable>,
    groups: Vec<&'a SecurityGroup>,
    gateways: Vec<&'a InternetGateway>,
    endpoints: Vec<&'a VpcEndpoint>,
    interfaces: Vec<&'a NetworkInterface>,
}

impl<'a> Parts<'a> {
    fn of(scene: &Scene<'a>, vpc: &ResourceId) -> Self {
        Parts {
            subnets: scene.graph.within(vpc),
            tables: tables(scene, vpc),
            groups: scene.graph.within(vpc),
            gateways: scene.graph.dependents_of(vpc, Relation::AttachedTo),
            endpoints: scene.graph.within(vpc),
            interfaces: scene.graph.within(vpc),
        }
    }

    fn ids(&self) -> impl Iterator<Item = ResourceId> {
        let subnets = self.subnets.iter().map(|it| it.resource_id());
        let tables = self.tables.iter().map(|it| it.resource_id());
        let groups = self.groups.iter().map(|it| it.resource_id());
        let gateways = self.gateways.iter().map(|it| it.resource_id());
        let endpoints = self.endpoints.iter().map(|it| it.resource_id());
        let interfaces = self.interfaces.iter().map(|it| it.resource_id());
        subnets
            .chain(tables)
            .chain(groups)
            .chain(gateways)
            .chain(endpoints)
            .chain(interfaces)
    }
}

fn finding(scene: &Scene<'_>, vpc: &Vpc, region: &Region, parts: &Parts<'_>) -> Finding {
    let id = vpc.resource_id();
    let title = format!("{id} is empty and can be torn down");
    let counts = [
        counted(parts.subnets.len(), "subnet"),
        counted(parts.tables.len(), "route table"),
        counted(parts.groups.len(), "security group"),
        counted(parts.gateways.len(), "internet gateway"),
        counted(parts.endpoints.len(), "endpoint"),
    ];
    let mut draft = Draft::new(DOC.id, id.clone(), region, title)
        .related(parts.ids())
        .derived(
            id.clone(),
            "no network interface in use, plumbing aside (complete list)",
        )
        .observed(id.clone(), counts.join(", "));
    for endpoint in &parts.endpoints {
        let endpoint = endpoint.resource_id();
        draft = draft.price(&endpoint, &scene.price(&endpoint));
    }
    let draft = future_guard(scene, draft, region);
    reached_guard(scene, draft, region, "reached from other networks")
        .cleared("default VPC", "it is not the Region's default VPC")
        .cleared(
            "managed by something else",
            "no tag of a stack or tool on it or any part",
        )
        .unknown("private hosted zones and Resolver rules that name the VPC are not listed")
        .unknown("whether subnets are shared with other accounts is not told by describe answers")
        .done()
}

/// Why the VPC is not torn down.
fn spared(
    scene: &Scene<'_>,
    verdicts: &Verdicts<'_>,
    vpc: &Vpc,
    parts: &Parts<'_>,
    after_g1: bool,
) -> Option<(&'static str, String)> {
    let id = vpc.resource_id();
    if vpc.is_default {
        return Some(("default VPC", "it is the Region's default VPC".to_owned()));
    }
    if let Some(found) = not_idle(scene, &id) {
        return Some(found);
    }
    if !after_g1 {
        let days = scene.policy.nat_gateway_age_days_min;
        let young = parts.endpoints.iter().find_map(|it| {
            let reason = scene.too_young(it.creation_timestamp, days)?;
            Some(("age", format!("{} : {reason}", it.vpc_endpoint_id)))
        });
        if young.is_some() {
            return young;
        }
    }
    if let Some(found) = owned(scene, std::iter::once(id.clone()).chain(parts.ids())) {
        return Some(found);
    }
    stuck_gateway(scene, &id)
        .or_else(|| stuck_network(scene, parts))
        .or_else(|| stays(scene, &id, parts))
        .or_else(|| stuck_group(scene, &id, parts))
        .or_else(|| {
            parts
                .interfaces
                .iter()
                .find_map(|it| stuck_interface(scene, verdicts, it))
        })
}

/// A NAT gateway that the plan cannot wait for.
fn stuck_gateway(scene: &Scene<'_>, vpc: &ResourceId) -> Option<(&'static str, String)> {
    scene
        .graph
        .within::<NatGateway>(vpc)
        .into_iter()
        .find_map(|it| {
            let moving = matches!(
                it.state,
                NatGatewayState::Pending | NatGatewayState::Deleting
            );
            let (nat, state) = (&it.nat_gateway_id, &it.state);
            moving.then(|| {
                (
                    "still changing",
                    format!("{nat} is {state}; look again later"),
                )
            })
        })
}

fn stuck_network(scene: &Scene<'_>, parts: &Parts<'_>) -> Option<(&'static str, String)> {
    let account = &scene.snapshot.account;
    for subnet in &parts.subnets {
        if let Some(owner) = subnet.owner_id.as_ref().filter(|owner| *owner != account) {
            let reason = format!("{} belongs to the account {owner}", subnet.subnet_id);
            return Some(("another account's", reason));
        }
    }
    for table in &parts.tables {
        let id = &table.route_table_id;
        if let Some(gateway) = scene.graph.gateways_using(table).first() {
            return Some(("gateway route table", format!("{id} routes for {gateway}")));
        }
    }
    for endpoint in &parts.endpoints {
        let (id, state) = (&endpoint.vpc_endpoint_id, &endpoint.state);
        if endpoint.requester_managed {
            return Some((
                "managed by a service",
                format!("an AWS service manages {id}"),
            ));
        }
        if !state.is_available() {
            return Some(("still changing", format!("{id} is {state}")));
        }
    }
    None
}

/// Something that keeps the VPC from being deleted and that no step takes away.
fn stays(scene: &Scene<'_>, vpc: &ResourceId, parts: &Parts<'_>) -> Option<(&'static str, String)> {
    let graph = scene.graph;
    let acls = graph.within::<NetworkAcl>(vpc).into_iter();
    let acls = acls.filter(|it| !it.is_default).map(|it| it.resource_id());
    let egress = graph.dependents_of::<EgressOnlyInternetGateway>(vpc, Relation::AttachedTo);
    let egress = egress.into_iter().map(|it| it.resource_id());
    let routed = parts.tables.iter().flat_map(|it| &it.routes);
    let routed = routed.filter_map(|it| it.egress_only_internet_gateway_id.as_deref());
    let routed = routed.filter_map(|it| ResourceId::new(it).ok());
    let reserved = parts.subnets.iter().flat_map(|subnet| {
        let all = graph.within::<SubnetCidrReservation>(&subnet.resource_id());
        all.into_iter().map(|it| it.resource_id())
    });
    let balancers = graph.within::<LoadBalancer>(vpc).into_iter();
    let balancers = balancers.map(|it| it.resource_id());
    let classic = graph.within::<ClassicLoadBalancer>(vpc).into_iter();
    let classic = classic.map(|it| it.resource_id());
    let databases = graph.within::<DbInstance>(vpc).into_iter();
    let databases = databases.map(|it| it.resource_id());
    let mut all = acls
        .chain(egress)
        .chain(routed)
        .chain(reserved)
        .chain(balancers)
        .chain(classic)
        .chain(databases);
    let id = all.next()?;
    let noun = id.kind().noun();
    Some((
        "something stays in it",
        format!("{id} ({noun}) is in it, and no step of a teardown takes it away"),
    ))
}

/// A security group that a group of another VPC names.
fn stuck_group(
    scene: &Scene<'_>,
    vpc: &ResourceId,
    parts: &Parts<'_>,
) -> Option<(&'static str, String)> {
    parts.groups.iter().find_map(|group| {
        let users: Vec<&SecurityGroup> = scene
            .graph
            .dependents_of(&group.resource_id(), Relation::ProtectedBy);
        let user = users.into_iter().find(|user| {
            user.vpc_id
                .as_ref()
                .is_none_or(|of| ResourceId::from(of) != *vpc)
        })?;
        let reason = format!("{} of another VPC names {}", user.group_id, group.group_id);
        Some(("security group in use elsewhere", reason))
    })
}

/// An interface that no step could remove.
fn stuck_interface(
    scene: &Scene<'_>,
    verdicts: &Verdicts<'_>,
    interface: &NetworkInterface,
) -> Option<(&'static str, String)> {
    let id = &interface.network_interface_id;
    match scene.graph.keeper(interface) {
        // It goes along with its gateway or endpoint, if that is one of this snapshot.
        Some(keeper) if scene.graph.resource(&keeper).is_some() => return None,
        Some(keeper) => {
            return Some((
                "missing data",
                format!("{keeper} , which keeps {id} , was not seen"),
            ));
        }
        None => {}
    }
    if interface.requester_managed || interface.interface_type != InterfaceType::Interface {
        let kind = &interface.interface_type;
        return Some((
            "managed by a service",
            format!("{id} ({kind}) is held by a service"),
        ));
    }
    let addresses: Vec<&Address> = scene
        .graph
        .dependents_of(&interface.resource_id(), Relation::AttachedTo);
    addresses.into_iter().find_map(|address| {
        let address = address.resource_id();
        let kept = !verdicts.found(g15::RULE.doc.id, &address);
        kept.then(|| ("address in use", format!("{address} stays on {id}")))
    })
}
