//! What AWS refuses: for each call, what must be out of the way first, read from the snapshot, and
//! whether a step that surely runs before gets it out of the way.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::resource::{
    Address, AsResource, EbsSnapshot, Image, InterfaceStatus, InternetGateway, NatGateway,
    NetworkInterface, RouteTable, SecurityGroup, Subnet, Volume, VpcEndpoint,
};
use sandtable_model::{
    Action, AllocationId, ImageId, InternetGatewayId, NatGatewayId, NetworkInterfaceId, ResourceId,
    RouteTableId, SecurityGroupId, Snapshot, SnapshotId, Step, SubnetId, VpcId,
};

use super::{Linter, Severity};

/// The snapshot, indexed by what blocks what.
#[derive(Default)]
pub(super) struct Ground<'a> {
    interfaces: BTreeMap<ResourceId, Vec<&'a NetworkInterface>>,
    /// NAT gateways and endpoints by the interfaces that they bring along.
    keepers: BTreeMap<&'a NetworkInterfaceId, ResourceId>,
    nat_of_address: BTreeMap<&'a AllocationId, &'a NatGatewayId>,
    routes_to: BTreeMap<String, Vec<(&'a RouteTableId, String)>>,
    parts: BTreeMap<&'a VpcId, Vec<ResourceId>>,
    gateways: BTreeMap<&'a VpcId, Vec<&'a InternetGatewayId>>,
    naming: BTreeMap<&'a SecurityGroupId, BTreeSet<&'a SecurityGroupId>>,
    addresses: BTreeMap<&'a NetworkInterfaceId, Vec<&'a Address>>,
    images: BTreeMap<&'a SnapshotId, &'a ImageId>,
}

impl<'a> Ground<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let mut ground = Ground::default();
        for it in snapshot.all::<NetworkInterface>() {
            for within in [
                ResourceId::from(&it.vpc_id),
                ResourceId::from(&it.subnet_id),
            ] {
                ground.interfaces.entry(within).or_default().push(it);
            }
            for group in &it.groups {
                ground
                    .interfaces
                    .entry((&group.group_id).into())
                    .or_default()
                    .push(it);
            }
        }
        for it in snapshot
            .all::<NatGateway>()
            .filter(|it| !is_over(snapshot, *it))
        {
            ground.part(&it.vpc_id, it.resource_id());
            for address in &it.nat_gateway_addresses {
                if let Some(interface) = &address.network_interface_id {
                    ground.keepers.insert(interface, it.resource_id());
                }
                if let Some(allocation) = &address.allocation_id {
                    ground.nat_of_address.insert(allocation, &it.nat_gateway_id);
                }
            }
        }
        for it in snapshot
            .all::<VpcEndpoint>()
            .filter(|it| !is_over(snapshot, *it))
        {
            ground.part(&it.vpc_id, it.resource_id());
            for interface in &it.network_interface_ids {
                ground.keepers.insert(interface, it.resource_id());
            }
        }
        for it in snapshot.all::<Image>() {
            ground
                .images
                .extend(it.snapshot_ids().map(|id| (id, &it.image_id)));
        }
        ground.network(snapshot);
        ground
    }

    fn network(&mut self, snapshot: &'a Snapshot) {
        for it in snapshot.all::<Subnet>() {
            self.part(&it.vpc_id, it.resource_id());
        }
        for it in snapshot.all::<RouteTable>() {
            if !it.is_main() {
                self.part(&it.vpc_id, it.resource_id());
            }
            for route in &it.routes {
                let hit = (&it.route_table_id, route.destination().to_owned());
                self.routes_to
                    .entry(route.target().to_owned())
                    .or_default()
                    .push(hit);
            }
        }
        for it in snapshot.all::<SecurityGroup>() {
            if let Some(vpc) = it.vpc_id.as_ref().filter(|_| !it.is_default()) {
                self.part(vpc, it.resource_id());
            }
            for other in it.referenced_groups() {
                self.naming.entry(other).or_default().insert(&it.group_id);
            }
        }
        for it in snapshot.all::<InternetGateway>() {
            for attachment in &it.attachments {
                self.gateways
                    .entry(&attachment.vpc_id)
                    .or_default()
                    .push(&it.internet_gateway_id);
            }
        }
        for it in snapshot
            .all::<Address>()
            .filter(|it| it.association_id.is_some())
        {
            if let Some(interface) = &it.network_interface_id {
                self.addresses.entry(interface).or_default().push(it);
            }
        }
    }

    fn part(&mut self, vpc: &'a VpcId, id: ResourceId) {
        self.parts.entry(vpc).or_default().push(id);
    }

    fn interfaces(&self, within: &ResourceId) -> impl Iterator<Item = &'a NetworkInterface> {
        self.interfaces.get(within).into_iter().flatten().copied()
    }
}

fn is_over<T: AsResource>(snapshot: &Snapshot, it: &T) -> bool {
    snapshot
        .get(&it.resource_id())
        .is_none_or(|it| it.is_gone())
}

/// The steps that surely run before the one looked at.
struct Before<'a>(Vec<&'a Action>);

impl Before<'_> {
    fn deletes(&self, id: &ResourceId) -> bool {
        self.0
            .iter()
            .any(|it| it.deletes_target() && it.target() == *id)
    }

    fn any(&self, test: impl Fn(&Action) -> bool) -> bool {
        self.0.iter().any(|it| test(it))
    }

    fn frees(&self, address: &AllocationId, ground: &Ground<'_>) -> bool {
        let nat = ground.nat_of_address.get(address);
        nat.is_some_and(|nat| self.deletes(&(*nat).into()))
            || self.any(|it| {
                matches!(it, Action::DisassociateAddress { allocation_id, .. } if allocation_id == address)
            })
    }

    fn removes(&self, interface: &NetworkInterface, ground: &Ground<'_>) -> bool {
        let keeper = ground.keepers.get(&interface.network_interface_id);
        keeper.is_some_and(|it| self.deletes(it)) || self.deletes(&interface.resource_id())
    }
}

impl Linter<'_> {
    pub(super) fn needs(&mut self, step: &Step, ancestors: &BTreeSet<usize>, ground: &Ground<'_>) {
        let plan = self.plan;
        let before = Before(
            ancestors
                .iter()
                .filter_map(|at| plan.steps.get(*at))
                .map(|it| &it.action)
                .collect(),
        );
        let snapshot = self.snapshot;
        match &step.action {
            Action::ReleaseAddress { allocation_id } => {
                let address = get::<Address>(snapshot, allocation_id);
                let held = address.is_some_and(|it| it.association_id.is_some());
                if held && !before.frees(allocation_id, ground) {
                    let message = format!("no step before it frees {allocation_id}");
                    self.fatal("missing-dependency", step, message);
                }
            }
            Action::DeleteNatGateway { nat_gateway_id } => {
                self.routes_first(step, nat_gateway_id.as_str(), &before, ground);
            }
            Action::DetachInternetGateway { vpc_id, .. } => {
                self.nothing_mapped(step, vpc_id, &before, ground);
            }
            Action::DeleteInternetGateway {
                internet_gateway_id,
            } => {
                let attached = get::<InternetGateway>(snapshot, internet_gateway_id)
                    .is_some_and(|it| !it.attachments.is_empty());
                let detached = before.any(|it| {
                    matches!(it, Action::DetachInternetGateway { internet_gateway_id: id, .. }
                        if id == internet_gateway_id)
                });
                if attached && !detached {
                    let message = format!("no step before it detaches {internet_gateway_id}");
                    self.fatal("missing-dependency", step, message);
                }
            }
            Action::DeleteSubnet { subnet_id } => {
                self.no_interfaces(step, &subnet_id.into(), &before, ground);
            }
            Action::DeleteRouteTable { route_table_id } => {
                self.table_unused(step, route_table_id, &before);
            }
            Action::DeleteSecurityGroup { group_id } => {
                self.group_unused(step, group_id, &before, ground);
            }
            Action::DeleteVpc { vpc_id } => self.vpc_empty(step, vpc_id, &before, ground),
            Action::DeleteNetworkInterface {
                network_interface_id,
            } => {
                if let Some(it) = get::<NetworkInterface>(snapshot, network_interface_id) {
                    self.interface_free(step, it);
                }
            }
            Action::DeleteVolume { volume_id } => {
                let volume = get::<Volume>(snapshot, volume_id);
                if volume.is_some_and(|it| !it.attachments.is_empty()) {
                    self.fatal("in-use", step, format!("{volume_id} is attached"));
                }
            }
            Action::DeleteSnapshot { snapshot_id } => {
                if let Some(image) = ground.images.get(snapshot_id) {
                    let message = format!("{image} is made of {snapshot_id}");
                    self.fatal("in-use", step, message);
                }
                if get::<EbsSnapshot>(snapshot, snapshot_id)
                    .and_then(|it| it.owner_id.as_deref())
                    .is_some_and(|owner| owner != snapshot.account.as_str())
                {
                    let message = format!("{snapshot_id} belongs to another account");
                    self.fatal("in-use", step, message);
                }
            }
            _ => {}
        }
    }

    fn routes_first(
        &mut self,
        step: &Step,
        target: &str,
        before: &Before<'_>,
        ground: &Ground<'_>,
    ) {
        for (table, destination) in ground.routes_to.get(target).into_iter().flatten() {
            let deleted = before.any(|it| match it {
                Action::DeleteRoute {
                    route_table_id,
                    destination: of,
                } => route_table_id == *table && of.as_str() == destination,
                Action::DeleteRouteTable { route_table_id } => route_table_id == *table,
                _ => false,
            });
            if !deleted {
                let message = format!("the route for {destination} of {table} becomes a blackhole");
                self.complain(Severity::Warning, "blackhole", Some(step), message);
            }
        }
    }

    /// AWS detaches no internet gateway while public addresses are mapped in the VPC.
    fn nothing_mapped(
        &mut self,
        step: &Step,
        vpc: &VpcId,
        before: &Before<'_>,
        ground: &Ground<'_>,
    ) {
        for interface in ground.interfaces(&vpc.into()) {
            let addresses = ground.addresses.get(&interface.network_interface_id);
            let gone = before.removes(interface, ground);
            let kept = addresses
                .into_iter()
                .flatten()
                .find(|it| !gone && !before.frees(&it.allocation_id, ground));
            if let Some(address) = kept {
                let message = format!("{} is still mapped in {vpc}", address.allocation_id);
                self.fatal("missing-dependency", step, message);
            }
        }
        for part in ground.parts.get(vpc).into_iter().flatten() {
            if matches!(part, ResourceId::NatGateway(_)) && !before.deletes(part) {
                let message = format!("no step before it deletes {part} of {vpc}");
                self.fatal("missing-dependency", step, message);
            }
        }
    }

    fn no_interfaces(
        &mut self,
        step: &Step,
        within: &ResourceId,
        before: &Before<'_>,
        ground: &Ground<'_>,
    ) {
        for interface in ground.interfaces(within) {
            if !before.removes(interface, ground) {
                let id = &interface.network_interface_id;
                let message = format!("no step before it removes {id} from {within}");
                self.fatal("missing-dependency", step, message);
            }
        }
    }

    fn table_unused(&mut self, step: &Step, id: &RouteTableId, before: &Before<'_>) {
        let Some(table) = get::<RouteTable>(self.snapshot, id) else {
            return;
        };
        if table.is_main() {
            self.fatal("in-use", step, format!("{id} is a main route table"));
        }
        for association in table.associations.iter().filter(|it| !it.main) {
            let it = &association.route_table_association_id;
            let freed = before.any(|action| {
                matches!(action, Action::DisassociateRouteTable { association_id, .. }
                    if association_id == it)
            });
            let subnet: Option<&SubnetId> = association.subnet_id.as_ref();
            if !freed && !subnet.is_some_and(|it| before.deletes(&it.into())) {
                let message = format!("no step before it takes off the association {it} of {id}");
                self.fatal("missing-dependency", step, message);
            }
        }
    }

    fn group_unused(
        &mut self,
        step: &Step,
        id: &SecurityGroupId,
        before: &Before<'_>,
        ground: &Ground<'_>,
    ) {
        let group = get::<SecurityGroup>(self.snapshot, id);
        if group.is_some_and(SecurityGroup::is_default) {
            self.fatal("in-use", step, format!("{id} is a default security group"));
        }
        self.no_interfaces(step, &id.into(), before, ground);
        for user in ground.naming.get(id).into_iter().flatten() {
            let revoked = before.any(|it| match it {
                Action::RevokeSecurityGroupIngress {
                    group_id,
                    ip_permissions,
                }
                | Action::RevokeSecurityGroupEgress {
                    group_id,
                    ip_permissions,
                } => {
                    let mut pairs = ip_permissions.iter().flat_map(|it| &it.user_id_group_pairs);
                    group_id == *user && pairs.any(|it| it.group_id.as_ref() == Some(id))
                }
                _ => false,
            });
            if !revoked && !before.deletes(&(*user).into()) {
                let message = format!("{user} still names {id} in a rule");
                self.fatal("missing-dependency", step, message);
            }
        }
    }

    fn vpc_empty(&mut self, step: &Step, vpc: &VpcId, before: &Before<'_>, ground: &Ground<'_>) {
        for part in ground.parts.get(vpc).into_iter().flatten() {
            if !before.deletes(part) {
                let message = format!("no step before it deletes {part} of {vpc}");
                self.fatal("missing-dependency", step, message);
            }
        }
        for gateway in ground.gateways.get(vpc).into_iter().flatten() {
            let detached = before.any(|it| {
                matches!(it, Action::DetachInternetGateway { internet_gateway_id, .. }
                    if internet_gateway_id == *gateway)
            });
            if !detached {
                let message = format!("no step before it detaches {gateway} from {vpc}");
                self.fatal("missing-dependency", step, message);
            }
        }
        self.no_interfaces(step, &vpc.into(), before, ground);
    }

    fn interface_free(&mut self, step: &Step, interface: &NetworkInterface) {
        let id = &interface.network_interface_id;
        if interface.status != InterfaceStatus::Available {
            self.fatal("in-use", step, format!("{id} is {}", interface.status));
        }
        if interface.requester_managed {
            self.fatal("in-use", step, format!("an AWS service manages {id}"));
        }
    }
}

fn get<T: AsResource + 'static>(snapshot: &Snapshot, id: impl Into<ResourceId>) -> Option<&T> {
    snapshot.get(&id.into())?.get::<T>()
}
