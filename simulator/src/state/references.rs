//! Which other resources a resource names.

mod services;

use sandtable_model::resource::{
    Address, AutoScalingGroup, Image, Instance, InstanceStateName, LaunchTemplate, NatGateway,
    NetworkAcl, NetworkInterface, PeeringState, Route, RouteState, RouteTable, SecurityGroup,
    TransitGatewayAttachment, TransitGatewayRouteTable, TransitResourceType, Volume, Vpc,
    VpcAttachmentState, VpcEndpoint, VpcEndpointService, VpcPeeringConnection, VpnConnection,
    VpnGateway,
};
use sandtable_model::{LoadBalancerId, Resource, ResourceId, TargetGroupId, VpcEndpointServiceId};

/// How a resource names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bond {
    /// It is within, attached to or led to the other: the other must be there.
    Live,
    /// It only tells where it comes from or where it once led: a snapshot's volume, a volume's
    /// snapshot, an instance's image, a blackhole route, a terminated instance's subnet.
    Past,
}

/// The resources that `resource` names, each once, by id; never itself. Ids of kinds that the model
/// does not have (local gateways, carrier gateways) are left out.
pub fn references_of(resource: &Resource) -> Vec<(ResourceId, Bond)> {
    let mut found = Found(Vec::new());
    match resource {
        Resource::Vpc(it) => vpc(it, &mut found),
        Resource::Subnet(it) => found.live(&it.vpc_id),
        Resource::RouteTable(it) => route_table(it, &mut found),
        Resource::InternetGateway(it) => {
            found.live_all(it.attachments.iter().map(|attachment| &attachment.vpc_id));
        }
        Resource::NatGateway(it) => nat_gateway(it, &mut found),
        Resource::Address(it) => address(it, &mut found),
        Resource::NetworkInterface(it) => interface(it, &mut found),
        Resource::SecurityGroup(it) => security_group(it, &mut found),
        Resource::Instance(it) => instance(it, &mut found),
        Resource::Volume(it) => volume(it, &mut found),
        Resource::EbsSnapshot(it) => found.past_all(it.volume_id.iter()),
        Resource::Image(it) => image(it, &mut found),
        Resource::VpcEndpoint(it) => endpoint(it, &mut found),
        Resource::VpcEndpointService(it) => endpoint_service(it, &mut found),
        Resource::AutoScalingGroup(it) => group(it, &mut found),
        Resource::LaunchTemplate(it) => launch_template(it, &mut found),
        Resource::VpcPeeringConnection(it) => peering(it, &mut found),
        Resource::TransitGatewayAttachment(it) => attachment(it, &mut found),
        Resource::TransitGatewayRouteTable(it) => transit_table(it, &mut found),
        Resource::VpnGateway(it) => vpn_gateway(it, &mut found),
        Resource::VpnConnection(it) => vpn_connection(it, &mut found),
        Resource::LoadBalancer(it) => services::load_balancer(it, &mut found),
        Resource::TargetGroup(it) => services::target_group(it, &mut found),
        Resource::ClassicLoadBalancer(it) => services::classic_load_balancer(it, &mut found),
        Resource::DbInstance(it) => services::db_instance(it, &mut found),
        Resource::DbSnapshot(it) => services::db_snapshot(it, &mut found),
        Resource::DbSubnetGroup(it) => services::db_subnet_group(it, &mut found),
        // A stack does not keep what it made from being deleted by others, and names it on.
        Resource::Stack(it) => found.0.extend(it.resource_ids().map(|id| (id, Bond::Past))),
        Resource::NetworkAcl(it) => acl(it, &mut found),
        Resource::EgressOnlyInternetGateway(it) => {
            found.live_all(it.attachments.iter().map(|attachment| &attachment.vpc_id));
        }
        // A flow log stays for a while when what it records is gone.
        Resource::FlowLog(it) => found.past_text(&it.resource_id),
        Resource::SubnetCidrReservation(it) => found.live(&it.subnet_id),
        _ => {}
    }
    let mut list = found.0;
    if resource.is_gone() {
        // What is over holds nothing any more.
        list.iter_mut().for_each(|(_, bond)| *bond = Bond::Past);
    }
    let own = resource.id();
    list.retain(|(target, _)| *target != own);
    list.sort_unstable();
    list.dedup_by(|later, earlier| later.0 == earlier.0);
    list
}

struct Found(Vec<(ResourceId, Bond)>);

impl Found {
    fn live<'a, T: 'a>(&mut self, id: &'a T)
    where
        &'a T: Into<ResourceId>,
    {
        self.0.push((id.into(), Bond::Live));
    }

    fn live_all<'a, T: 'a>(&mut self, ids: impl IntoIterator<Item = &'a T>)
    where
        &'a T: Into<ResourceId>,
    {
        self.0
            .extend(ids.into_iter().map(|id| (id.into(), Bond::Live)));
    }

    fn past_all<'a, T: 'a>(&mut self, ids: impl IntoIterator<Item = &'a T>)
    where
        &'a T: Into<ResourceId>,
    {
        self.0
            .extend(ids.into_iter().map(|id| (id.into(), Bond::Past)));
    }

    fn past_text(&mut self, id: &str) {
        self.0
            .extend(ResourceId::new(id).ok().map(|id| (id, Bond::Past)));
    }
}

/// DHCP options and prefix lists are told by text: the set may be `default`, the list AWS's own,
/// which no account has; so that neither is sure to be there.
fn vpc(vpc: &Vpc, found: &mut Found) {
    let options = vpc.dhcp_options_id.iter();
    options.for_each(|it| found.past_text(it));
}

fn acl(acl: &NetworkAcl, found: &mut Found) {
    found.live(&acl.vpc_id);
    found.live_all(acl.associations.iter().map(|it| &it.subnet_id));
}

fn route_table(table: &RouteTable, found: &mut Found) {
    found.live(&table.vpc_id);
    for association in &table.associations {
        found.live_all(&association.subnet_id);
        let gateway = association.gateway_id.as_deref();
        found
            .0
            .extend(gateway.and_then(|id| Some((ResourceId::new(id).ok()?, Bond::Live))));
    }
    for route in &table.routes {
        found.0.extend(route_target(route));
        let list = route.destination_prefix_list_id.iter();
        list.for_each(|it| found.past_text(it));
    }
}

fn route_target(route: &Route) -> Option<(ResourceId, Bond)> {
    let bond = match route.state {
        RouteState::Blackhole => Bond::Past,
        _ => Bond::Live,
    };
    Some((ResourceId::new(route.target()).ok()?, bond))
}

fn nat_gateway(nat: &NatGateway, found: &mut Found) {
    found.live(&nat.vpc_id);
    found.live(&nat.subnet_id);
    for address in &nat.nat_gateway_addresses {
        found.live_all(&address.allocation_id);
        found.live_all(&address.network_interface_id);
    }
}

fn address(address: &Address, found: &mut Found) {
    found.live_all(&address.instance_id);
    found.live_all(&address.network_interface_id);
}

fn interface(interface: &NetworkInterface, found: &mut Found) {
    found.live(&interface.vpc_id);
    found.live(&interface.subnet_id);
    found.live_all(interface.groups.iter().map(|group| &group.group_id));
    let attached = interface.attachment.as_ref();
    found.live_all(attached.and_then(|it| it.instance_id.as_ref()));
    let associations = interface.association.iter().chain(
        interface
            .private_ip_addresses
            .iter()
            .filter_map(|it| it.association.as_ref()),
    );
    found.live_all(associations.filter_map(|it| it.allocation_id.as_ref()));
}

fn security_group(group: &SecurityGroup, found: &mut Found) {
    found.live_all(&group.vpc_id);
    found.live_all(group.referenced_groups());
    let permissions = group.ip_permissions.iter();
    let permissions = permissions.chain(&group.ip_permissions_egress);
    let lists = permissions.flat_map(|it| &it.prefix_list_ids);
    lists.for_each(|it| found.past_text(&it.prefix_list_id));
}

fn instance(instance: &Instance, found: &mut Found) {
    found.live_all(&instance.vpc_id);
    found.live_all(&instance.subnet_id);
    found.live_all(instance.security_groups.iter().map(|it| &it.group_id));
    let volumes = instance.block_device_mappings.iter();
    found.live_all(volumes.filter_map(|it| Some(&it.ebs.as_ref()?.volume_id)));
    let interfaces = instance.network_interfaces.iter();
    found.live_all(interfaces.map(|it| &it.network_interface_id));
    found.past_all(&instance.image_id);
    found.live_all(&instance.placement.group_id);
    found.live_all(&instance.capacity_reservation_id);
    // A stopped instance takes no room on its host, which may be released under it.
    match instance.state.name {
        InstanceStateName::Stopped => found.past_all(&instance.placement.host_id),
        _ => found.live_all(&instance.placement.host_id),
    }
}

/// What a template names may be deleted; it then fails to launch.
fn launch_template(template: &LaunchTemplate, found: &mut Found) {
    for version in &template.versions {
        let named = version.launch_template_data.named();
        let ids = named.filter_map(|text| ResourceId::new(text).ok());
        found.0.extend(ids.map(|id| (id, Bond::Past)));
    }
}

fn volume(volume: &Volume, found: &mut Found) {
    let attachments = volume.attachments.iter();
    found.live_all(attachments.filter_map(|it| it.instance_id.as_ref()));
    found.past_all(&volume.snapshot_id);
}

fn image(image: &Image, found: &mut Found) {
    if image.state == "deregistered" {
        found.past_all(image.snapshot_ids());
    } else {
        found.live_all(image.snapshot_ids());
    }
    found.past_all(&image.source_image_id);
    found.past_all(&image.source_instance_id);
}

fn endpoint(endpoint: &VpcEndpoint, found: &mut Found) {
    found.live(&endpoint.vpc_id);
    found.live_all(&endpoint.subnet_ids);
    found.live_all(&endpoint.route_table_ids);
    found.live_all(&endpoint.network_interface_ids);
    found.live_all(endpoint.groups.iter().map(|group| &group.group_id));
    // The service may be another account's, or gone.
    let service = endpoint.service_name.rsplit('.').next().unwrap_or_default();
    found.past_all(&VpcEndpointServiceId::new(service).ok());
}

/// A service names load balancers that another snapshot may show.
fn endpoint_service(service: &VpcEndpointService, found: &mut Found) {
    let network = service.network_load_balancer_arns.iter();
    let arns = network.chain(&service.gateway_load_balancer_arns);
    let balancers = arns.filter_map(|arn| load_balancer(arn));
    found.0.extend(balancers.map(|id| (id, Bond::Past)));
}

/// The load balancer with an ARN such as
/// `arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/name/0123456789abcdef`.
pub(crate) fn load_balancer(arn: &str) -> Option<ResourceId> {
    LoadBalancerId::from_arn(arn).map(Into::into)
}

/// A connection that works needs its VPCs. One that waits for acceptance does not, nor can anything be
/// said of a VPC of another account or Region.
fn peering(peering: &VpcPeeringConnection, found: &mut Found) {
    let vpcs = peering.sides().into_iter().map(|side| &side.vpc_id);
    let is_up = matches!(
        peering.status.code,
        PeeringState::Active | PeeringState::Provisioning | PeeringState::Deleting
    );
    match is_up && peering.is_within_one_region() {
        true => found.live_all(vpcs),
        false => found.past_all(vpcs),
    }
}

/// Where an attachment joins two accounts, one end is not to be seen.
fn attachment(it: &TransitGatewayAttachment, found: &mut Found) {
    let is_own = it.resource_owner_id == it.transit_gateway_owner_id;
    let resource = ResourceId::new(&it.resource_id).ok();
    let bond = match is_own && it.resource_type != TransitResourceType::Peering {
        true => Bond::Live,
        false => Bond::Past,
    };
    found.0.extend(resource.map(|id| (id, bond)));
    found.0.push((
        ResourceId::from(&it.transit_gateway_id),
        if is_own { Bond::Live } else { Bond::Past },
    ));
    found.live_all(&it.subnet_ids);
    let association = it.association.as_ref();
    found.live_all(association.map(|it| &it.transit_gateway_route_table_id));
    found.past_all(&it.accepter_transit_gateway_attachment_id);
}

fn transit_table(table: &TransitGatewayRouteTable, found: &mut Found) {
    found.live(&table.transit_gateway_id);
    let propagating = table.propagations.iter();
    found.live_all(propagating.map(|it| &it.transit_gateway_attachment_id));
    let targets = table.routes.iter();
    let targets = targets.flat_map(|it| &it.transit_gateway_attachments);
    found.live_all(targets.map(|it| &it.transit_gateway_attachment_id));
}

fn vpn_gateway(gateway: &VpnGateway, found: &mut Found) {
    for attachment in &gateway.vpc_attachments {
        match attachment.state {
            VpcAttachmentState::Detached => found.past_all([&attachment.vpc_id]),
            _ => found.live(&attachment.vpc_id),
        }
    }
}

fn vpn_connection(connection: &VpnConnection, found: &mut Found) {
    found.live(&connection.customer_gateway_id);
    found.live_all(&connection.vpn_gateway_id);
    found.live_all(&connection.transit_gateway_id);
}

fn group(group: &AutoScalingGroup, found: &mut Found) {
    let subnets = group.subnet_ids();
    // A group keeps naming a subnet that was deleted under it; it then fails to launch.
    found.0.extend(subnets.map(|id| (id.into(), Bond::Past)));
    found.past_all(group.instances.iter().map(|it| &it.instance_id));
    let template = group.launch_template.as_ref();
    let template = template.and_then(|it| ResourceId::new(it.launch_template_id.as_deref()?).ok());
    found.0.extend(template.map(|id| (id, Bond::Past)));
    let targets = group.target_group_arns.iter();
    let targets = targets.filter_map(|arn| TargetGroupId::from_arn(arn));
    found.0.extend(targets.map(|id| (id.into(), Bond::Past)));
}
