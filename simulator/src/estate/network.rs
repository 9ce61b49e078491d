//! The networks of estates: VPCs with their tables, gateways, addresses, groups and endpoints.

use sandtable_model::resource::{
    Address, ConnectivityType, EndpointState, EndpointType, GatewayAttachment, GroupRef,
    InterfaceAssociation, InterfaceStatus, InterfaceType, InternetGateway, IpPermission, IpRange,
    NatGateway, NatGatewayAddress, NatGatewayState, NetworkInterface, PrefixListRef,
    PrivateIpAddress, Route, RouteOrigin, RouteTable, RouteTableAssociation, SecurityGroup, Subnet,
    UserIdGroupPair, VgwPropagation, Vpc, VpcEndpoint,
};
use sandtable_model::{
    AllocationId, AssociationId, AvailabilityZone, InstanceId, InternetGatewayId, NatGatewayId,
    NetworkInterfaceId, PrefixListId, RouteTableAssociationId, RouteTableId, SecurityGroupId,
    SubnetId, Tags, VpcEndpointId, VpcId,
};
use smol_str::SmolStr;

use super::around;
use super::{Builder, group_ref, named};

/// A VPC with a gateway, a public and a private subnet and their tables.
pub(super) struct Network {
    pub(super) vpc: VpcId,
    pub(super) public: SubnetId,
    pub(super) private: SubnetId,
    pub(super) public_table: RouteTableId,
    pub(super) private_table: RouteTableId,
    pub(super) default_group: GroupRef,
    /// The second number of its addresses.
    pub(super) octet: u32,
    /// The subnet in another zone, where something asked for it.
    other: Option<SubnetId>,
}

pub(super) fn zone(builder: &Builder, letter: &str) -> AvailabilityZone {
    AvailabilityZone::new(&format!("{}{letter}", builder.region)).expect("a zone")
}

/// The tables are added by [`route`], since only then it is known where they lead.
pub(super) fn network(builder: &mut Builder, name: &str) -> Network {
    network_with(builder, name, Vec::new())
}

/// A network whose public subnet has further routes.
pub(super) fn network_with(builder: &mut Builder, name: &str, onward: Vec<Route>) -> Network {
    let octet = u32::try_from(builder.cells % 240).unwrap_or(0);
    network_at(builder, name, octet, onward)
}

/// A second network of the same cell, on addresses of its own.
pub(super) fn second_network(builder: &mut Builder, name: &str) -> Network {
    let octet = 240 + u32::try_from(builder.cells % 15).unwrap_or(0);
    network_at(builder, name, octet, Vec::new())
}

fn network_at(builder: &mut Builder, name: &str, octet: u32, onward: Vec<Route>) -> Network {
    let number = builder.cells;
    let vpc = builder.id(VpcId::from_number);
    let gateway = builder.id(InternetGatewayId::from_number);
    let account = builder.account.clone();
    let options = around::dhcp_options(builder);
    builder.add(Vpc {
        vpc_id: vpc.clone(),
        cidr_block: format!("10.{octet}.0.0/16").into(),
        cidr_block_association_set: Vec::new(),
        ipv6_cidr_block_association_set: Vec::new(),
        dhcp_options_id: options,
        instance_tenancy: "default".into(),
        is_default: false,
        owner_id: Some(account.clone()),
        state: "available".into(),
        tags: named(&format!("{name}-{number}")),
    });
    builder.add(InternetGateway {
        internet_gateway_id: gateway.clone(),
        attachments: vec![GatewayAttachment {
            vpc_id: vpc.clone(),
            state: "available".into(),
        }],
        owner_id: Some(account.clone()),
        tags: Tags::new(),
    });
    let default = group(builder, &vpc, "default", None);
    let public = subnet(builder, &vpc, octet, 0);
    let private = subnet(builder, &vpc, octet, 1);
    main_table(builder, &vpc, octet);
    let public_table = builder.id(RouteTableId::from_number);
    let private_table = builder.id(RouteTableId::from_number);
    let network = Network {
        vpc,
        public,
        private,
        public_table,
        private_table,
        default_group: group_ref(&default),
        octet,
        other: None,
    };
    let mut routes = vec![outward(gateway.as_str())];
    routes.extend(onward);
    let public = Some(&network.public);
    table(builder, &network, &network.public_table, public, routes);
    around::acls(builder, &network);
    around::flow_log(builder, &network);
    network
}

/// The subnet that the network has in a second zone; made when first asked for, since only load
/// balancers and databases need one.
pub(super) fn other_subnet(builder: &mut Builder, network: &mut Network) -> SubnetId {
    if let Some(known) = &network.other {
        return known.clone();
    }
    let id = subnet_in(builder, &network.vpc, network.octet, 2, "b");
    network.other = Some(id.clone());
    id
}

fn subnet(builder: &mut Builder, vpc: &VpcId, octet: u32, third: u32) -> SubnetId {
    subnet_in(builder, vpc, octet, third, "a")
}

fn subnet_in(builder: &mut Builder, vpc: &VpcId, octet: u32, third: u32, letter: &str) -> SubnetId {
    let id = builder.id(SubnetId::from_number);
    builder.add(Subnet {
        subnet_id: id.clone(),
        vpc_id: vpc.clone(),
        cidr_block: format!("10.{octet}.{third}.0/24").into(),
        availability_zone: zone(builder, letter),
        availability_zone_id: None,
        available_ip_address_count: 251,
        default_for_az: false,
        map_public_ip_on_launch: false,
        assign_ipv6_address_on_creation: false,
        enable_dns64: false,
        private_dns_name_options_on_launch: None,
        ipv6_cidr_block_association_set: Vec::new(),
        owner_id: Some(builder.account.clone()),
        state: "available".into(),
        tags: Tags::new(),
    });
    id
}

fn main_table(builder: &mut Builder, vpc: &VpcId, octet: u32) {
    let id = builder.id(RouteTableId::from_number);
    let association = association(builder, &id, None);
    let account = builder.account.clone();
    builder.add(RouteTable {
        route_table_id: id,
        vpc_id: vpc.clone(),
        associations: vec![association],
        propagating_vgws: Vec::new(),
        routes: vec![local_route(octet)],
        owner_id: Some(account),
        tags: Tags::new(),
    });
}

fn association(
    builder: &mut Builder,
    table: &RouteTableId,
    subnet: Option<&SubnetId>,
) -> RouteTableAssociation {
    RouteTableAssociation {
        route_table_association_id: builder.id(RouteTableAssociationId::from_number),
        route_table_id: Some(table.clone()),
        subnet_id: subnet.cloned(),
        gateway_id: None,
        main: subnet.is_none(),
        association_state: sandtable_model::resource::AssociationState::default(),
    }
}

fn local_route(octet: u32) -> Route {
    Route {
        destination_cidr_block: Some(format!("10.{octet}.0.0/16").into()),
        gateway_id: Some("local".into()),
        origin: RouteOrigin::CreateRouteTable,
        ..Route::default()
    }
}

/// Adds a table with a default route to a gateway, for a subnet or for none.
pub(super) fn route(
    builder: &mut Builder,
    network: &Network,
    id: &RouteTableId,
    subnet: Option<&SubnetId>,
    target: &str,
) {
    table(builder, network, id, subnet, vec![outward(target)]);
}

/// The default route to an internet or NAT gateway.
pub(super) fn outward(target: &str) -> Route {
    let mut outward = Route {
        destination_cidr_block: Some("0.0.0.0/0".into()),
        ..Route::default()
    };
    match NatGatewayId::new(target) {
        Ok(nat) => outward.nat_gateway_id = Some(nat),
        Err(_) => outward.gateway_id = Some(target.into()),
    }
    outward
}

/// Adds a table with routes beside the local one, for a subnet or for none.
pub(super) fn table(
    builder: &mut Builder,
    network: &Network,
    id: &RouteTableId,
    subnet: Option<&SubnetId>,
    routes: Vec<Route>,
) {
    let associations = match subnet {
        Some(_) => vec![association(builder, id, subnet)],
        None => Vec::new(),
    };
    let mut all = vec![local_route(network.octet)];
    all.extend(routes);
    // A gateway's routes come to a table by propagation, which the table tells.
    let propagated = |it: &&Route| it.origin == RouteOrigin::EnableVgwRoutePropagation;
    let propagating = all.iter().filter(propagated);
    let propagating = propagating.filter_map(|it| it.gateway_id.clone());
    let propagating_vgws = propagating
        .map(|gateway_id| VgwPropagation { gateway_id })
        .collect();
    let account = builder.account.clone();
    builder.add(RouteTable {
        route_table_id: id.clone(),
        vpc_id: network.vpc.clone(),
        associations,
        propagating_vgws,
        routes: all,
        owner_id: Some(account),
        tags: Tags::new(),
    });
}

/// A public NAT gateway with its interface and address, made `days` ago at least.
pub(super) fn nat_gateway(
    builder: &mut Builder,
    network: &Network,
    subnet: &SubnetId,
    days: u32,
) -> (NatGatewayId, AllocationId) {
    let nat = builder.id(NatGatewayId::from_number);
    let interface = builder.id(NetworkInterfaceId::from_number);
    let third = u32::from(*subnet == network.private);
    let ip: SmolStr = format!("10.{}.{third}.200", network.octet).into();
    let (address, association) = address(builder, Some((&interface, None, &ip)));
    let age = i64::from(days) + i64::from(builder.between(0, 300));
    let mut it = interface_of(builder, network, subnet, &interface, &ip, Vec::new());
    it.interface_type = InterfaceType::NatGateway;
    it.description = format!("Interface for NAT Gateway {nat}").into();
    it.requester_managed = true;
    it.status = InterfaceStatus::InUse;
    it.association = association.clone().map(Box::new);
    it.private_ip_addresses[0].association = association.clone().map(Box::new);
    builder.add(it);
    builder.add(NatGateway {
        nat_gateway_id: nat.clone(),
        vpc_id: network.vpc.clone(),
        subnet_id: subnet.clone(),
        state: NatGatewayState::Available,
        connectivity_type: ConnectivityType::Public,
        nat_gateway_addresses: vec![NatGatewayAddress {
            allocation_id: Some(address.clone()),
            association_id: association
                .as_ref()
                .and_then(|it| it.association_id.clone()),
            network_interface_id: Some(interface),
            private_ip: Some(ip),
            public_ip: association.and_then(|it| it.public_ip),
            is_primary: Some(true),
            status: Some("succeeded".into()),
        }],
        create_time: Some(Builder::days_ago(age)),
        delete_time: None,
        failure_code: None,
        failure_message: None,
        tags: Tags::new(),
    });
    (nat, address)
}

/// An Elastic IP address, idle or on an interface (and its instance).
pub(super) fn address(
    builder: &mut Builder,
    on: Option<(&NetworkInterfaceId, Option<&InstanceId>, &SmolStr)>,
) -> (AllocationId, Option<InterfaceAssociation>) {
    let id = builder.id(AllocationId::from_number);
    let ip: SmolStr = builder.ids.public_ip().to_string().into();
    let account: SmolStr = builder.account.as_str().into();
    let association = on.map(|_| InterfaceAssociation {
        allocation_id: Some(id.clone()),
        association_id: Some(builder.id(AssociationId::from_number)),
        ip_owner_id: Some(account.clone()),
        public_dns_name: None,
        public_ip: Some(ip.clone()),
    });
    builder.add(Address {
        allocation_id: id.clone(),
        public_ip: Some(ip),
        association_id: association
            .as_ref()
            .and_then(|it| it.association_id.clone()),
        domain: "vpc".into(),
        instance_id: on.and_then(|(_, instance, _)| instance.cloned()),
        network_interface_id: on.map(|(interface, _, _)| interface.clone()),
        network_interface_owner_id: on.map(|_| account),
        private_ip_address: on.map(|(_, _, ip)| ip.clone()),
        public_ipv4_pool: Some("amazon".into()),
        network_border_group: Some(builder.region.as_str().into()),
        tags: Tags::new(),
    });
    (id, association)
}

/// An idle address with tags.
pub(super) fn address_with(builder: &mut Builder, tags: Tags) -> AllocationId {
    let before = builder.extra.replace(tags);
    let (id, _) = address(builder, None);
    builder.extra = before;
    id
}

pub(super) fn interface_of(
    builder: &mut Builder,
    network: &Network,
    subnet: &SubnetId,
    id: &NetworkInterfaceId,
    ip: &SmolStr,
    groups: Vec<GroupRef>,
) -> NetworkInterface {
    NetworkInterface {
        network_interface_id: id.clone(),
        vpc_id: network.vpc.clone(),
        subnet_id: subnet.clone(),
        availability_zone: Some(zone(builder, "a")),
        description: SmolStr::default(),
        interface_type: InterfaceType::Interface,
        mac_address: Some(builder.ids.mac_address().into()),
        owner_id: Some(builder.account.clone()),
        private_dns_name: None,
        private_ip_address: Some(ip.clone()),
        private_ip_addresses: vec![PrivateIpAddress {
            primary: true,
            private_ip_address: ip.clone(),
            private_dns_name: None,
            association: None,
        }],
        ipv6_addresses: Vec::new(),
        requester_id: None,
        requester_managed: false,
        source_dest_check: true,
        status: InterfaceStatus::Available,
        groups,
        attachment: None,
        association: None,
        tags: Tags::new(),
    }
}

/// An interface of the private subnet that is attached to nothing, but holds an address.
pub(super) fn interface_with_address(builder: &mut Builder, network: &Network) -> AllocationId {
    let id = builder.id(NetworkInterfaceId::from_number);
    let ip = format!("10.{}.1.30", network.octet).into();
    let groups = vec![network.default_group.clone()];
    let (held, association) = address(builder, Some((&id, None, &ip)));
    let mut it = interface_of(builder, network, &network.private, &id, &ip, groups);
    it.association = association.clone().map(Box::new);
    it.private_ip_addresses[0].association = association.map(Box::new);
    builder.add(it);
    held
}

/// A group of a VPC, with one rule: from another group, or from the estate.
pub(super) fn group(
    builder: &mut Builder,
    vpc: &VpcId,
    name: &str,
    from: Option<&SecurityGroupId>,
) -> SecurityGroup {
    let rule = match from {
        Some(group) => https_from(builder, group),
        None => IpPermission {
            ip_ranges: vec![IpRange {
                cidr_ip: "10.0.0.0/8".into(),
                description: None,
            }],
            ..https()
        },
    };
    let id = builder.id(SecurityGroupId::from_number);
    group_of(builder, vpc, id, name, vec![rule])
}

/// A group of a VPC with the rules given.
pub(super) fn group_of(
    builder: &mut Builder,
    vpc: &VpcId,
    id: SecurityGroupId,
    name: &str,
    rules: Vec<IpPermission>,
) -> SecurityGroup {
    let group = SecurityGroup {
        group_id: id,
        group_name: name.into(),
        description: name.into(),
        vpc_id: Some(vpc.clone()),
        owner_id: Some(builder.account.clone()),
        ip_permissions: rules,
        ip_permissions_egress: Vec::new(),
        tags: Tags::new(),
    };
    builder.add(group.clone());
    group
}

/// Two groups whose only use is each other (waste catalogue, G35).
pub(super) fn group_cycle(builder: &mut Builder, vpc: &VpcId) -> [SecurityGroupId; 2] {
    let ids = [(); 2].map(|()| builder.id(SecurityGroupId::from_number));
    for (own, other) in [(0, 1), (1, 0)] {
        let rule = https_from(builder, &ids[other]);
        let name = format!("cycle-{own}");
        group_of(builder, vpc, ids[own].clone(), &name, vec![rule]);
    }
    ids
}

fn https() -> IpPermission {
    IpPermission {
        ip_protocol: "tcp".into(),
        from_port: Some(443),
        to_port: Some(443),
        ..IpPermission::default()
    }
}

fn https_from(builder: &Builder, group: &SecurityGroupId) -> IpPermission {
    IpPermission {
        user_id_group_pairs: vec![UserIdGroupPair {
            group_id: Some(group.clone()),
            user_id: Some(builder.account.as_str().into()),
            ..UserIdGroupPair::default()
        }],
        ..https()
    }
}

/// A rule that lets in what a prefix list tells.
pub(super) fn https_from_list(list: &PrefixListId) -> IpPermission {
    IpPermission {
        prefix_list_ids: vec![PrefixListRef {
            prefix_list_id: list.as_str().into(),
            description: None,
        }],
        ..https()
    }
}

pub(super) fn gateway_endpoint(builder: &mut Builder, network: &Network) {
    let mut it = endpoint(builder, network, EndpointType::Gateway, "s3");
    it.route_table_ids = vec![network.private_table.clone(), network.public_table.clone()];
    builder.add(it);
}

pub(super) fn interface_endpoint(
    builder: &mut Builder,
    network: &Network,
    group: &SecurityGroup,
) -> VpcEndpointId {
    let id = builder.id(NetworkInterfaceId::from_number);
    let ip = format!("10.{}.1.240", network.octet).into();
    let groups = vec![group_ref(group)];
    let mut it = endpoint(builder, network, EndpointType::Interface, "sqs");
    it.subnet_ids = vec![network.private.clone()];
    it.network_interface_ids = vec![id.clone()];
    it.groups.clone_from(&groups);
    it.private_dns_enabled = true;
    let mut interface = interface_of(builder, network, &network.private, &id, &ip, groups);
    interface.interface_type = InterfaceType::VpcEndpoint;
    interface.description = format!("VPC Endpoint Interface {}", it.vpc_endpoint_id).into();
    interface.requester_managed = true;
    interface.status = InterfaceStatus::InUse;
    builder.add(interface);
    let id = it.vpc_endpoint_id.clone();
    builder.add(it);
    id
}

fn endpoint(
    builder: &mut Builder,
    network: &Network,
    vpc_endpoint_type: EndpointType,
    service: &str,
) -> VpcEndpoint {
    VpcEndpoint {
        vpc_endpoint_id: builder.id(VpcEndpointId::from_number),
        vpc_endpoint_type,
        vpc_id: network.vpc.clone(),
        service_name: format!("com.amazonaws.{}.{service}", builder.region).into(),
        state: EndpointState::Available,
        subnet_ids: Vec::new(),
        route_table_ids: Vec::new(),
        network_interface_ids: Vec::new(),
        groups: Vec::new(),
        private_dns_enabled: false,
        requester_managed: false,
        policy_document: None,
        dns_entries: Vec::new(),
        creation_timestamp: Some(Builder::days_ago(100)),
        owner_id: Some(builder.account.clone()),
        ip_address_type: Some("ipv4".into()),
        tags: Tags::new(),
    }
}
