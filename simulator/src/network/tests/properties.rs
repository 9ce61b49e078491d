//! Whatever is called in whatever order: nothing names what is not there, addresses add up, and the
//! same seed gives the same bytes.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sandtable_model::resource::{
    Address, NetworkAcl, NetworkInterface, RouteState, RouteTable, SecurityGroup, Subnet, Vpc,
};
use sandtable_model::{Kind, ResourceId, canonical_bytes};
use serde_json::{Value, json};

use super::World;
use crate::Bond;
use crate::network::{Choices, addressing, cidr};
use crate::state::references_of;

/// A call; numbers choose among the resources that are there.
#[derive(Clone, Debug)]
enum Step {
    CreateSubnet(u8),
    DeleteSubnet(u8),
    CreateTable,
    DeleteTable(u8),
    Associate(u8, u8),
    Disassociate(u8),
    RouteToGateway(u8),
    RouteToNat(u8, u8),
    DeleteRoute(u8),
    Gateway(bool),
    Allocate,
    Release(u8),
    AssociateAddress(u8, u8),
    DisassociateAddress(u8),
    CreateNat(u8, u8),
    DeleteNat(u8),
    CreatePrivateNat(u8, u8),
    GrowNat(u8, u8),
    ShrinkNat(u8),
    GrowPrivateNat(u8, u8),
    ShrinkPrivateNat(u8),
    CreateInterface(u8, u8),
    DeleteInterface(u8),
    AddAddresses(u8, u8),
    CreateGroup(u8),
    NameGroup(u8, u8),
    DeleteGroup(u8),
    CreateEndpoint(u8, bool),
    DeleteEndpoint(u8),
    CreateAcl,
    DeleteAcl(u8),
    ReplaceAcl(u8, u8),
    Entry(u8, u8, bool),
    CreateOptions,
    UseOptions(u8),
    DeleteOptions(u8),
    CreateEgressOnly,
    DeleteEgressOnly(u8),
    RouteToEgressOnly(u8, u8),
    CreateList(u8),
    ModifyList(u8, u8),
    RouteToList(u8, u8),
    NameList(u8, u8),
    DeleteList(u8),
    CreateLog(u8),
    DeleteLog(u8),
    Reserve(u8, u8),
    EndReservation(u8),
    GiveIpv6,
    GiveSubnetIpv6(u8),
    AssignIpv6(u8),
    DeleteVpc,
    Wait(u16),
}

fn steps() -> impl Strategy<Value = Step> {
    use Step::*;
    prop_oneof![
        any::<u8>().prop_map(CreateSubnet),
        any::<u8>().prop_map(DeleteSubnet),
        Just(CreateTable),
        any::<u8>().prop_map(DeleteTable),
        any::<(u8, u8)>().prop_map(|(a, b)| Associate(a, b)),
        any::<u8>().prop_map(Disassociate),
        any::<u8>().prop_map(RouteToGateway),
        any::<(u8, u8)>().prop_map(|(a, b)| RouteToNat(a, b)),
        any::<u8>().prop_map(DeleteRoute),
        any::<bool>().prop_map(Gateway),
        Just(Allocate),
        any::<u8>().prop_map(Release),
        any::<(u8, u8)>().prop_map(|(a, b)| AssociateAddress(a, b)),
        any::<u8>().prop_map(DisassociateAddress),
        any::<(u8, u8)>().prop_map(|(a, b)| CreateNat(a, b)),
        any::<u8>().prop_map(DeleteNat),
        any::<(u8, u8)>().prop_map(|(a, b)| CreatePrivateNat(a, b)),
        any::<(u8, u8)>().prop_map(|(a, b)| GrowNat(a, b)),
        any::<u8>().prop_map(ShrinkNat),
        any::<(u8, u8)>().prop_map(|(a, b)| GrowPrivateNat(a, b)),
        any::<u8>().prop_map(ShrinkPrivateNat),
        any::<(u8, u8)>().prop_map(|(a, b)| CreateInterface(a, b)),
        any::<u8>().prop_map(DeleteInterface),
        any::<(u8, u8)>().prop_map(|(a, b)| AddAddresses(a, b)),
        any::<u8>().prop_map(CreateGroup),
        any::<(u8, u8)>().prop_map(|(a, b)| NameGroup(a, b)),
        any::<u8>().prop_map(DeleteGroup),
        any::<(u8, bool)>().prop_map(|(a, b)| CreateEndpoint(a, b)),
        any::<u8>().prop_map(DeleteEndpoint),
        perimeter(),
        perimeter(),
        perimeter(),
        Just(DeleteVpc),
        (0_u16..4000).prop_map(Wait),
    ]
}

/// Calls about what stands around subnets and VPCs.
fn perimeter() -> impl Strategy<Value = Step> {
    use Step::*;
    prop_oneof![
        Just(CreateAcl),
        any::<u8>().prop_map(DeleteAcl),
        any::<(u8, u8)>().prop_map(|(a, b)| ReplaceAcl(a, b)),
        any::<(u8, u8, bool)>().prop_map(|(a, b, c)| Entry(a, b, c)),
        Just(CreateOptions),
        any::<u8>().prop_map(UseOptions),
        any::<u8>().prop_map(DeleteOptions),
        Just(CreateEgressOnly),
        any::<u8>().prop_map(DeleteEgressOnly),
        any::<(u8, u8)>().prop_map(|(a, b)| RouteToEgressOnly(a, b)),
        any::<u8>().prop_map(CreateList),
        any::<(u8, u8)>().prop_map(|(a, b)| ModifyList(a, b)),
        any::<(u8, u8)>().prop_map(|(a, b)| RouteToList(a, b)),
        any::<(u8, u8)>().prop_map(|(a, b)| NameList(a, b)),
        any::<u8>().prop_map(DeleteList),
        any::<u8>().prop_map(CreateLog),
        any::<u8>().prop_map(DeleteLog),
        any::<(u8, u8)>().prop_map(|(a, b)| Reserve(a, b)),
        any::<u8>().prop_map(EndReservation),
        Just(GiveIpv6),
        any::<u8>().prop_map(GiveSubnetIpv6),
        any::<u8>().prop_map(AssignIpv6),
    ]
}

struct Run {
    world: World,
    vpc: String,
    gateway: String,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut world = World::seeded(seed);
        let mut choices = Choices::default();
        choices.quotas.addresses = 50;
        world.twin.set_network_choices(choices);
        let (vpc, gateway) = super::vpc_with_gateway(&mut world);
        Run {
            world,
            vpc,
            gateway,
        }
    }

    /// One of the ids of a kind; one of nothing when there is none.
    fn pick(&self, kind: Kind, number: u8) -> String {
        let all = self.world.twin.state.list(&self.world.ctx.region, kind);
        let ids: Vec<String> = all.map(|it| it.id().to_string()).collect();
        match ids.len() {
            0 => format!("{}-0123456789abcdef0", kind.prefix()),
            count => ids[usize::from(number) % count].clone(),
        }
    }

    fn association_of_table(&self, number: u8) -> String {
        let id = ResourceId::new(&self.pick(Kind::RouteTable, number)).unwrap();
        let table = self.world.twin.state.one::<RouteTable>(id);
        let associations = table
            .map(|it| it.associations.as_slice())
            .unwrap_or_default();
        let last = associations
            .last()
            .map(|it| it.route_table_association_id.to_string());
        last.unwrap_or_else(|| "rtbassoc-0123456789abcdef0".to_owned())
    }

    fn association_of_address(&self, number: u8) -> String {
        let id = ResourceId::new(&self.pick(Kind::Address, number)).unwrap();
        let address = self.world.twin.state.one::<Address>(id);
        let association = address.and_then(|it| it.association_id.as_ref());
        association.map_or_else(
            || "eipassoc-0123456789abcdef0".to_owned(),
            ToString::to_string,
        )
    }

    /// A member of the last address of a NAT gateway.
    fn last_of_nat(&self, number: u8, member: &str) -> Value {
        let id = ResourceId::new(&self.pick(Kind::NatGateway, number)).unwrap();
        let nat = self.world.twin.state.get(&id);
        let nat = nat.map_or(Value::Null, |it| it.to_value().unwrap());
        let addresses = nat["NatGatewayAddresses"].as_array();
        let last = addresses.and_then(|it| it.last());
        let found = last.map(|it| it[member].clone());
        found
            .filter(|it| !it.is_null())
            .unwrap_or_else(|| json!("eipassoc-0123456789abcdef0"))
    }

    fn call_of(&self, step: &Step) -> (&'static str, Value) {
        use Kind::*;
        let vpc = &self.vpc;
        let to = |table: &u8, member: &str, target: String| {
            json!({"RouteTableId": self.pick(RouteTable, *table),
                   "DestinationCidrBlock": "0.0.0.0/0", member: target})
        };
        match step {
            Step::CreateSubnet(n) => (
                "CreateSubnet",
                json!({"VpcId": vpc, "CidrBlock": format!("10.0.{}.0/28", n % 8)}),
            ),
            Step::DeleteSubnet(n) => ("DeleteSubnet", json!({"SubnetId": self.pick(Subnet, *n)})),
            Step::CreateTable => ("CreateRouteTable", json!({"VpcId": vpc})),
            Step::DeleteTable(n) => (
                "DeleteRouteTable",
                json!({"RouteTableId": self.pick(RouteTable, *n)}),
            ),
            Step::Associate(table, subnet) => (
                "AssociateRouteTable",
                json!({"RouteTableId": self.pick(RouteTable, *table),
                       "SubnetId": self.pick(Subnet, *subnet)}),
            ),
            Step::Disassociate(n) => (
                "DisassociateRouteTable",
                json!({"AssociationId": self.association_of_table(*n)}),
            ),
            Step::RouteToGateway(table) => {
                ("CreateRoute", to(table, "GatewayId", self.gateway.clone()))
            }
            Step::RouteToNat(table, nat) => (
                "CreateRoute",
                to(table, "NatGatewayId", self.pick(NatGateway, *nat)),
            ),
            Step::DeleteRoute(table) => (
                "DeleteRoute",
                json!({"RouteTableId": self.pick(RouteTable, *table),
                       "DestinationCidrBlock": "0.0.0.0/0"}),
            ),
            Step::Gateway(attach) => (
                if *attach {
                    "AttachInternetGateway"
                } else {
                    "DetachInternetGateway"
                },
                json!({"InternetGatewayId": self.gateway, "VpcId": vpc}),
            ),
            Step::Allocate => ("AllocateAddress", json!({})),
            Step::Release(n) => (
                "ReleaseAddress",
                json!({"AllocationId": self.pick(Address, *n)}),
            ),
            Step::AssociateAddress(address, interface) => (
                "AssociateAddress",
                json!({"AllocationId": self.pick(Address, *address),
                       "NetworkInterfaceId": self.pick(NetworkInterface, *interface)}),
            ),
            Step::DisassociateAddress(n) => (
                "DisassociateAddress",
                json!({"AssociationId": self.association_of_address(*n)}),
            ),
            Step::CreateNat(subnet, address) => (
                "CreateNatGateway",
                json!({"SubnetId": self.pick(Subnet, *subnet),
                       "AllocationId": self.pick(Address, *address)}),
            ),
            Step::DeleteNat(n) => (
                "DeleteNatGateway",
                json!({"NatGatewayId": self.pick(NatGateway, *n)}),
            ),
            Step::CreatePrivateNat(subnet, count) => (
                "CreateNatGateway",
                json!({"SubnetId": self.pick(Subnet, *subnet), "ConnectivityType": "private",
                       "SecondaryPrivateIpAddressCount": count % 4}),
            ),
            Step::GrowNat(nat, address) => (
                "AssociateNatGatewayAddress",
                json!({"NatGatewayId": self.pick(NatGateway, *nat),
                       "AllocationIds": [self.pick(Address, *address)]}),
            ),
            Step::ShrinkNat(nat) => (
                "DisassociateNatGatewayAddress",
                json!({"NatGatewayId": self.pick(NatGateway, *nat),
                       "AssociationIds": [self.last_of_nat(*nat, "AssociationId")]}),
            ),
            Step::GrowPrivateNat(nat, count) => (
                "AssignPrivateNatGatewayAddress",
                json!({"NatGatewayId": self.pick(NatGateway, *nat),
                       "PrivateIpAddressCount": count % 4}),
            ),
            Step::ShrinkPrivateNat(nat) => (
                "UnassignPrivateNatGatewayAddress",
                json!({"NatGatewayId": self.pick(NatGateway, *nat),
                       "PrivateIpAddresses": [self.last_of_nat(*nat, "PrivateIp")]}),
            ),
            Step::CreateInterface(subnet, group) => (
                "CreateNetworkInterface",
                json!({"SubnetId": self.pick(Subnet, *subnet),
                       "Groups": [self.pick(SecurityGroup, *group)]}),
            ),
            Step::DeleteInterface(n) => (
                "DeleteNetworkInterface",
                json!({"NetworkInterfaceId": self.pick(NetworkInterface, *n)}),
            ),
            Step::AddAddresses(n, count) => (
                "AssignPrivateIpAddresses",
                json!({"NetworkInterfaceId": self.pick(NetworkInterface, *n),
                       "SecondaryPrivateIpAddressCount": count % 4}),
            ),
            Step::CreateGroup(n) => (
                "CreateSecurityGroup",
                json!({"GroupName": format!("g{n}"), "Description": "d", "VpcId": vpc}),
            ),
            Step::NameGroup(group, named) => (
                "AuthorizeSecurityGroupIngress",
                json!({"GroupId": self.pick(SecurityGroup, *group), "IpPermissions": [
                    {"IpProtocol": "-1",
                     "UserIdGroupPairs": [{"GroupId": self.pick(SecurityGroup, *named)}]}]}),
            ),
            Step::DeleteGroup(n) => (
                "DeleteSecurityGroup",
                json!({"GroupId": self.pick(SecurityGroup, *n)}),
            ),
            Step::CreateEndpoint(n, true) => (
                "CreateVpcEndpoint",
                json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3",
                       "RouteTableIds": [self.pick(RouteTable, *n)]}),
            ),
            Step::CreateEndpoint(n, false) => (
                "CreateVpcEndpoint",
                json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.sqs",
                       "VpcEndpointType": "Interface", "SubnetIds": [self.pick(Subnet, *n)]}),
            ),
            Step::DeleteEndpoint(n) => (
                "DeleteVpcEndpoints",
                json!({"VpcEndpointIds": [self.pick(VpcEndpoint, *n)]}),
            ),
            Step::DeleteVpc => ("DeleteVpc", json!({"VpcId": vpc})),
            Step::Wait(_) => ("", Value::Null),
            other => self.perimeter_call_of(other),
        }
    }

    fn association_of_acl(&self, number: u8) -> String {
        let all = self
            .world
            .twin
            .state
            .all::<NetworkAcl>(&self.world.ctx.region);
        let ids = all.flat_map(|it| &it.associations);
        let ids: Vec<String> = ids
            .map(|it| it.network_acl_association_id.to_string())
            .collect();
        let unknown = || "aclassoc-0123456789abcdef0".to_owned();
        let id = ids.get(usize::from(number) % ids.len().max(1));
        id.cloned().unwrap_or_else(unknown)
    }

    /// The `number`th /64 of the VPC's first IPv6 block.
    fn ipv6_part(&self, number: u8) -> String {
        let vpc = self
            .world
            .twin
            .state
            .one::<Vpc>(ResourceId::new(&self.vpc).unwrap());
        let blocks = vpc.map(|it| it.ipv6_cidr_block_association_set.as_slice());
        let block = blocks.and_then(|it| it.first());
        let block = block.map_or("2600::/56", |it| it.ipv6_cidr_block.as_str());
        block.replace("00::/56", &format!("{number:02x}::/64"))
    }

    fn perimeter_call_of(&self, step: &Step) -> (&'static str, Value) {
        use Kind::*;
        let vpc = &self.vpc;
        match step {
            Step::CreateAcl => ("CreateNetworkAcl", json!({"VpcId": vpc})),
            Step::DeleteAcl(n) => (
                "DeleteNetworkAcl",
                json!({"NetworkAclId": self.pick(NetworkAcl, *n)}),
            ),
            Step::ReplaceAcl(association, acl) => (
                "ReplaceNetworkAclAssociation",
                json!({"AssociationId": self.association_of_acl(*association),
                       "NetworkAclId": self.pick(NetworkAcl, *acl)}),
            ),
            Step::Entry(acl, number, true) => (
                "CreateNetworkAclEntry",
                json!({"NetworkAclId": self.pick(NetworkAcl, *acl), "RuleNumber": number % 6,
                       "Protocol": "-1", "RuleAction": "deny", "Egress": number % 2 == 0,
                       "CidrBlock": "10.0.0.0/8"}),
            ),
            Step::Entry(acl, number, false) => (
                "DeleteNetworkAclEntry",
                json!({"NetworkAclId": self.pick(NetworkAcl, *acl), "RuleNumber": number % 6,
                       "Egress": number % 2 == 0}),
            ),
            Step::CreateOptions => (
                "CreateDhcpOptions",
                json!({"DhcpConfigurations": [{"Key": "domain-name", "Values": ["a"]}]}),
            ),
            Step::UseOptions(n) => (
                "AssociateDhcpOptions",
                json!({"DhcpOptionsId": self.pick(DhcpOptions, *n), "VpcId": vpc}),
            ),
            Step::DeleteOptions(n) => (
                "DeleteDhcpOptions",
                json!({"DhcpOptionsId": self.pick(DhcpOptions, *n)}),
            ),
            Step::CreateEgressOnly => ("CreateEgressOnlyInternetGateway", json!({"VpcId": vpc})),
            Step::DeleteEgressOnly(n) => (
                "DeleteEgressOnlyInternetGateway",
                json!({"EgressOnlyInternetGatewayId": self.pick(EgressOnlyInternetGateway, *n)}),
            ),
            Step::RouteToEgressOnly(table, n) => (
                "CreateRoute",
                json!({"RouteTableId": self.pick(RouteTable, *table),
                       "DestinationIpv6CidrBlock": "::/0",
                       "EgressOnlyInternetGatewayId": self.pick(EgressOnlyInternetGateway, *n)}),
            ),
            Step::CreateList(n) => (
                "CreateManagedPrefixList",
                json!({"PrefixListName": format!("l{n}"), "MaxEntries": n % 8 + 1,
                       "AddressFamily": "IPv4"}),
            ),
            Step::ModifyList(list, n) => (
                "ModifyManagedPrefixList",
                json!({"PrefixListId": self.pick(ManagedPrefixList, *list),
                       "AddEntries": [{"Cidr": format!("10.{n}.0.0/16")}]}),
            ),
            Step::RouteToList(table, list) => (
                "CreateRoute",
                json!({"RouteTableId": self.pick(RouteTable, *table),
                       "DestinationPrefixListId": self.pick(ManagedPrefixList, *list),
                       "GatewayId": self.gateway}),
            ),
            Step::NameList(group, list) => (
                "AuthorizeSecurityGroupIngress",
                json!({"GroupId": self.pick(SecurityGroup, *group), "IpPermissions": [
                    {"IpProtocol": "-1", "PrefixListIds": [
                        {"PrefixListId": self.pick(ManagedPrefixList, *list)}]}]}),
            ),
            Step::DeleteList(n) => (
                "DeleteManagedPrefixList",
                json!({"PrefixListId": self.pick(ManagedPrefixList, *n)}),
            ),
            Step::CreateLog(n) => (
                "CreateFlowLogs",
                json!({"ResourceType": "Subnet", "ResourceIds": [self.pick(Subnet, *n)],
                       "TrafficType": "ALL", "LogDestinationType": "s3",
                       "LogDestination": "arn:aws:s3:::logs"}),
            ),
            Step::DeleteLog(n) => (
                "DeleteFlowLogs",
                json!({"FlowLogIds": [self.pick(FlowLog, *n)]}),
            ),
            Step::Reserve(subnet, n) => (
                "CreateSubnetCidrReservation",
                json!({"SubnetId": self.pick(Subnet, *subnet), "ReservationType": "explicit",
                       "Cidr": format!("10.0.{}.{}/30", n % 8, n / 8 % 16)}),
            ),
            Step::EndReservation(n) => (
                "DeleteSubnetCidrReservation",
                json!({"SubnetCidrReservationId": self.pick(SubnetCidrReservation, *n)}),
            ),
            Step::GiveIpv6 => (
                "AssociateVpcCidrBlock",
                json!({"VpcId": vpc, "AmazonProvidedIpv6CidrBlock": true}),
            ),
            Step::GiveSubnetIpv6(n) => (
                "AssociateSubnetCidrBlock",
                json!({"SubnetId": self.pick(Subnet, *n), "Ipv6CidrBlock": self.ipv6_part(*n)}),
            ),
            Step::AssignIpv6(n) => (
                "AssignIpv6Addresses",
                json!({"NetworkInterfaceId": self.pick(NetworkInterface, *n),
                       "Ipv6AddressCount": 1}),
            ),
            other => unreachable!("{other:?} is another's"),
        }
    }

    /// Makes one call; a line of what came of it.
    fn go(&mut self, step: &Step) -> String {
        if let Step::Wait(seconds) = step {
            self.world.wait(i64::from(*seconds));
            return format!("waited {seconds}");
        }
        let (name, input) = self.call_of(step);
        // What falls due while the call is on its way happens whether or not the call is refused.
        let mut idle = self.world.twin.fork();
        idle.advance(idle.options().call_time);
        let before = idle.state.changed();
        match self.world.call(name, input) {
            Ok(answer) => format!("{name} {answer}"),
            Err(error) => {
                assert_eq!(self.world.twin.state.changed(), before, "{name}: {error}");
                format!("{name} {error}")
            }
        }
    }

    fn check(&self) {
        let state = &self.world.twin.state;
        for (_, resource) in state.everything() {
            for (target, bond) in references_of(resource) {
                let is_there = state.get(&target).is_some();
                assert!(
                    bond == Bond::Past || is_there,
                    "{} names {target}",
                    resource.id()
                );
            }
        }
        let region = &self.world.ctx.region;
        for subnet in state.all::<Subnet>(region) {
            let interfaces = state.referring::<NetworkInterface>(&subnet.subnet_id);
            let used: Vec<&str> = interfaces.flat_map(addressing::private_ips).collect();
            let distinct: BTreeSet<&str> = used.iter().copied().collect();
            assert_eq!(
                used.len(),
                distinct.len(),
                "an address twice in {}",
                subnet.subnet_id
            );
            let all = cidr::usable(&cidr::of(&subnet.cidr_block).unwrap());
            let free = usize::try_from(subnet.available_ip_address_count).unwrap();
            assert_eq!(
                free + used.len(),
                usize::try_from(all).unwrap(),
                "{}",
                subnet.subnet_id
            );
        }
        for vpc in state.all::<Vpc>(region) {
            let tables = state.referring::<RouteTable>(&vpc.vpc_id);
            assert_eq!(
                tables.filter(|it| it.is_main()).count(),
                1,
                "one main table"
            );
        }
        for address in state.all::<Address>(region) {
            self.check_address(address);
        }
        self.check_perimeter();
        for table in state.all::<RouteTable>(region) {
            for route in &table.routes {
                let target = ResourceId::new(route.target()).ok();
                let is_gone = |id| state.get(&id).is_none_or(|it| it.is_gone());
                let leads_nowhere = target.is_some_and(is_gone);
                assert!(
                    !leads_nowhere || route.state == RouteState::Blackhole,
                    "{route:?}"
                );
            }
        }
    }

    /// A VPC has one default ACL, a subnet one ACL, and what is referred to or used is there.
    fn check_perimeter(&self) {
        let (state, region) = (&self.world.twin.state, &self.world.ctx.region);
        for vpc in state.all::<Vpc>(region) {
            let acls = state.referring::<NetworkAcl>(&vpc.vpc_id);
            assert_eq!(
                acls.filter(|it| it.is_default).count(),
                1,
                "one default ACL"
            );
            let options = vpc.dhcp_options_id.as_deref().unwrap_or_default();
            let options = ResourceId::new(options).ok();
            assert!(
                options.is_none_or(|it| state.get(&it).is_some()),
                "its options"
            );
        }
        for acl in state.all::<NetworkAcl>(region) {
            for egress in [false, true] {
                let entries = acl.entries.iter().filter(|it| it.egress == egress);
                let numbers: Vec<i32> = entries.map(|it| it.rule_number).collect();
                assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
                assert!(numbers.contains(&32_767), "the last word is AWS's");
            }
        }
        for subnet in state.all::<Subnet>(region) {
            let acls = state.referring::<NetworkAcl>(&subnet.subnet_id);
            let associations = acls.flat_map(|it| &it.associations);
            let of_it = associations.filter(|it| it.subnet_id == subnet.subnet_id);
            assert_eq!(of_it.count(), 1, "one ACL around {}", subnet.subnet_id);
        }
        for table in state.all::<RouteTable>(region) {
            let lists = table
                .routes
                .iter()
                .filter(|it| it.gateway_id.as_deref() == Some(&self.gateway));
            let lists = lists.filter_map(|it| it.destination_prefix_list_id.as_ref());
            for list in lists.filter_map(|it| ResourceId::new(it).ok()) {
                assert!(
                    state.get(&list).is_some(),
                    "a route to {list}, which is gone"
                );
            }
        }
        for group in state.all::<SecurityGroup>(region) {
            let lists = group
                .ip_permissions
                .iter()
                .flat_map(|it| &it.prefix_list_ids);
            for list in lists.filter_map(|it| ResourceId::new(&it.prefix_list_id).ok()) {
                assert!(
                    state.get(&list).is_some(),
                    "a rule by {list}, which is gone"
                );
            }
        }
    }

    /// An association is told alike by the address and by its interface.
    fn check_address(&self, address: &Address) {
        let Some(interface) = &address.network_interface_id else {
            assert_eq!(address.association_id, None);
            return;
        };
        let interface = self
            .world
            .twin
            .state
            .one::<NetworkInterface>(interface)
            .unwrap();
        let associations = interface.private_ip_addresses.iter();
        let mut associations = associations.filter_map(|it| it.association.as_ref());
        let shown =
            associations.find(|it| it.allocation_id.as_ref() == Some(&address.allocation_id));
        assert_eq!(
            shown.and_then(|it| it.association_id.as_ref()),
            address.association_id.as_ref()
        );
        assert!(address.association_id.is_some());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_calls_in_any_order(seed: u64, steps in prop::collection::vec(steps(), 1..80)) {
        let (mut one, mut other) = (Run::new(seed), Run::new(seed));
        for step in &steps {
            let line = one.go(step);
            one.check();
            prop_assert_eq!(line, other.go(step), "the same seed gives the same answers");
        }
        let bytes = |run: &Run| canonical_bytes(&run.world.twin.snapshot()).unwrap();
        prop_assert_eq!(bytes(&one), bytes(&other));
        // A fork does not touch what it was forked from.
        let before = bytes(&one);
        let mut fork = Run { world: World { twin: one.world.twin.fork(), ctx: one.world.ctx.clone() },
                             vpc: one.vpc.clone(), gateway: one.gateway.clone() };
        steps.iter().for_each(|step| drop(fork.go(step)));
        prop_assert_eq!(before, bytes(&one));
    }
}

/// The properties above would hold of a twin that refuses everything about the perimeter, so this one
/// looks that it does not.
#[test]
fn every_call_about_the_perimeter_is_allowed_somewhere() {
    let mut runner = TestRunner::deterministic();
    let mut allowed: BTreeSet<String> = BTreeSet::new();
    let (mut asked, mut run) = (BTreeSet::new(), Run::new(1));
    let (ours, any) = (perimeter(), steps());
    for n in 0..3000 {
        if n % 60 == 0 {
            run = Run::new(n);
        }
        let is_ours = n % 3 > 0;
        let step = match is_ours {
            true => ours.new_tree(&mut runner).unwrap().current(),
            false => any.new_tree(&mut runner).unwrap().current(),
        };
        if matches!(step, Step::DeleteVpc) {
            continue;
        }
        let line = run.go(&step);
        run.check();
        let (name, rest) = line.split_once(' ').unwrap_or_default();
        if is_ours {
            asked.insert(name.to_owned());
        }
        if rest.starts_with(['{', 'n']) {
            allowed.insert(name.to_owned());
        }
    }
    let refused: Vec<&String> = asked.difference(&allowed).collect();
    assert!(refused.is_empty(), "never allowed: {refused:?}");
}
