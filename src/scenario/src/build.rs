//! From a scenario's cloud to a snapshot: everything checked, all problems told at once.

use std::collections::BTreeMap;

use sandtable_model::resource::{
    AssociationState, EndpointServiceType, NetworkAcl, NetworkAclEntry, Route, RouteOrigin,
    RouteTable, RuleAction, SecurityGroup, Vpc, VpcCidrBlockAssociation, VpcEndpointService,
};
use sandtable_model::{
    AccountId, Coverage, Kind, Region, Resource, ResourceId, Snapshot, is_well_formed,
};

use crate::schema::{Cloud, Scenario, faults};
use crate::yaml::{Position, YamlError};
use crate::{named, references};

/// Something wrong in a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub position: Position,
    /// What.
    pub message: String,
}

impl From<YamlError> for Problem {
    fn from(error: YamlError) -> Self {
        Problem {
            position: error.position,
            message: error.message,
        }
    }
}

/// The snapshot of the scenario's cloud, `origin` being where the file is.
pub(crate) fn snapshot(scenario: &Scenario, origin: &str) -> Result<Snapshot, Vec<Problem>> {
    let cloud = &scenario.cloud;
    let mut snapshot = Snapshot::new(cloud.account.clone(), cloud.now, origin);
    let mut problems = Vec::new();
    let mut placed: BTreeMap<ResourceId, Position> = BTreeMap::new();
    let networks = networks(cloud);
    for (region, content) in &cloud.regions {
        for kind in Kind::ALL {
            let coverage = content.coverage.get(kind);
            let coverage = coverage.cloned().unwrap_or(Coverage::Complete);
            snapshot.set_coverage(region, *kind, coverage);
        }
        for (position, mut resource) in content.resources() {
            let id = resource.id();
            fill_in(&mut resource, &cloud.account, &networks);
            named::fill_in(&mut resource, region, &cloud.account);
            if let Some(message) = malformed(&id) {
                problems.push(Problem { position, message });
            }
            if let Some(first) = placed.get(&id) {
                let message = format!("{id} is there twice; the first is on line {}", first.line);
                problems.push(Problem { position, message });
                continue;
            }
            placed.insert(id, position);
            if let Err(error) = snapshot.insert(region, resource) {
                let message = error.to_string();
                problems.push(Problem { position, message });
            }
        }
    }
    check_references(cloud, &snapshot, &placed, &mut problems);
    problems.extend(faults::problems(scenario));
    problems.extend(unusable_metrics(cloud));
    check_vpcs(&snapshot, &placed, &mut problems);
    problems.sort_by_key(|problem| problem.position);
    if problems.is_empty() {
        Ok(snapshot)
    } else {
        Err(problems)
    }
}

/// The IPv4 blocks of VPCs, for the `local` routes.
fn networks(cloud: &Cloud) -> BTreeMap<ResourceId, String> {
    let vpcs = cloud.regions.values().flat_map(|content| &content.vpcs);
    vpcs.map(|vpc| ((&vpc.vpc_id).into(), vpc.cidr_block.to_string()))
        .collect()
}

/// What AWS always tells and what follows from the rest, so that authors need not write it.
fn fill_in(resource: &mut Resource, account: &AccountId, networks: &BTreeMap<ResourceId, String>) {
    match resource {
        Resource::Vpc(vpc) => {
            vpc.owner_id.get_or_insert_with(|| account.clone());
            if vpc.cidr_block_association_set.is_empty() {
                let (_, digits) = vpc.vpc_id.as_str().split_once('-').unwrap_or_default();
                vpc.cidr_block_association_set
                    .push(VpcCidrBlockAssociation {
                        association_id: format!("vpc-cidr-assoc-{digits}").into(),
                        cidr_block: vpc.cidr_block.clone(),
                        cidr_block_state: AssociationState::default(),
                    });
            }
        }
        Resource::Subnet(it) => drop(it.owner_id.get_or_insert_with(|| account.clone())),
        Resource::InternetGateway(it) => drop(it.owner_id.get_or_insert_with(|| account.clone())),
        Resource::NetworkInterface(it) => drop(it.owner_id.get_or_insert_with(|| account.clone())),
        Resource::SecurityGroup(it) => drop(it.owner_id.get_or_insert_with(|| account.clone())),
        Resource::VpcEndpoint(it) => drop(it.owner_id.get_or_insert_with(|| account.clone())),
        Resource::VpcEndpointService(it) => fill_in_service(it),
        Resource::EbsSnapshot(it) => {
            it.owner_id.get_or_insert_with(|| account.as_str().into());
        }
        Resource::Image(it) => {
            it.owner_id.get_or_insert_with(|| account.as_str().into());
        }
        Resource::Instance(it) => {
            it.owner_id.get_or_insert_with(|| account.as_str().into());
            it.state.code = it.state.name.code();
        }
        Resource::CapacityReservation(it) => {
            it.owner_id.get_or_insert_with(|| account.clone());
        }
        Resource::DedicatedHost(it) => drop(it.owner_id.get_or_insert_with(|| account.clone())),
        Resource::LaunchTemplate(it) => {
            let latest = it.latest().map(|version| version.version_number);
            it.latest_version_number = latest.unwrap_or(it.latest_version_number);
        }
        Resource::Volume(volume) => {
            for attachment in &mut volume.attachments {
                attachment
                    .volume_id
                    .get_or_insert_with(|| volume.volume_id.clone());
            }
        }
        Resource::RouteTable(table) => fill_in_table(table, account, networks),
        Resource::VpcPeeringConnection(it) => {
            for side in [&mut it.requester_vpc_info, &mut it.accepter_vpc_info] {
                side.owner_id.get_or_insert_with(|| account.clone());
            }
        }
        Resource::TransitGateway(it) => drop(it.owner_id.get_or_insert_with(|| account.clone())),
        Resource::TransitGatewayAttachment(it) => {
            for owner in [&mut it.transit_gateway_owner_id, &mut it.resource_owner_id] {
                owner.get_or_insert_with(|| account.clone());
            }
        }
        Resource::NetworkAcl(acl) => fill_in_acl(acl, account),
        Resource::DhcpOptions(it) => drop(it.owner_id.get_or_insert_with(|| account.clone())),
        Resource::SubnetCidrReservation(it) => {
            it.owner_id.get_or_insert_with(|| account.clone());
        }
        Resource::EgressOnlyInternetGateway(it) => {
            for attachment in it
                .attachments
                .iter_mut()
                .filter(|it| it.state == "available")
            {
                attachment.state = "attached".into();
            }
        }
        Resource::ManagedPrefixList(it) => {
            let owner = it.owner_id.get_or_insert_with(|| account.as_str().into());
            if owner != "AWS" {
                it.version.get_or_insert(1);
                let count = u32::try_from(it.entries.len()).unwrap_or(u32::MAX);
                it.max_entries.get_or_insert(count.max(1));
            }
        }
        _ => {}
    }
}

/// The kind of a service's endpoints follows from its load balancers.
fn fill_in_service(service: &mut VpcEndpointService) {
    if service.service_type.is_empty() {
        let service_type = service.endpoint_type();
        service
            .service_type
            .push(EndpointServiceType { service_type });
    }
    if service.supported_ip_address_types.is_empty() {
        service.supported_ip_address_types.push("ipv4".into());
    }
}

fn fill_in_table(
    table: &mut RouteTable,
    account: &AccountId,
    networks: &BTreeMap<ResourceId, String>,
) {
    table.owner_id.get_or_insert_with(|| account.clone());
    for association in &mut table.associations {
        association
            .route_table_id
            .get_or_insert_with(|| table.route_table_id.clone());
    }
    let network = networks.get(&(&table.vpc_id).into());
    if let Some(network) = network
        && !table.routes.iter().any(Route::is_local)
    {
        let local = Route {
            destination_cidr_block: Some(network.into()),
            gateway_id: Some("local".into()),
            origin: RouteOrigin::CreateRouteTable,
            ..Route::default()
        };
        table.routes.insert(0, local);
    }
}

/// Every ACL ends with AWS's own entries, which deny what no other entry matches.
fn fill_in_acl(acl: &mut NetworkAcl, account: &AccountId) {
    acl.owner_id.get_or_insert_with(|| account.clone());
    for association in &mut acl.associations {
        association
            .network_acl_id
            .get_or_insert_with(|| acl.network_acl_id.clone());
    }
    for egress in [false, true] {
        if acl
            .entries
            .iter()
            .any(|it| it.rule_number == 32_767 && it.egress == egress)
        {
            continue;
        }
        let at = acl.entries.iter().position(|it| it.egress && !egress);
        let last = NetworkAclEntry {
            rule_number: 32_767,
            egress,
            protocol: "-1".into(),
            rule_action: RuleAction::Deny,
            cidr_block: Some("0.0.0.0/0".into()),
            ipv6_cidr_block: None,
            port_range: None,
            icmp_type_code: None,
        };
        acl.entries.insert(at.unwrap_or(acl.entries.len()), last);
    }
}

fn malformed(id: &ResourceId) -> Option<String> {
    let prefix = id.kind().prefix();
    let fine = id.kind().is_named() || is_well_formed(id.as_str(), prefix);
    let why = format!(
        "`{id}` is not an id that AWS would give: it must be `{prefix}-` and 8 or 17 digits out of 0-9 and a-f"
    );
    (!fine).then_some(why)
}

/// Every id that a resource needs must be there, unless its kind was not seen wholly or the file
/// says that it dangles.
fn check_references(
    cloud: &Cloud,
    snapshot: &Snapshot,
    placed: &BTreeMap<ResourceId, Position>,
    problems: &mut Vec<Problem>,
) {
    for resource in snapshot.resources() {
        let id = resource.id();
        let (Some(region), Some(position)) = (snapshot.region_of(&id), placed.get(&id)) else {
            continue;
        };
        for (member, other) in references::needed(resource) {
            let known = snapshot.get(&other).is_some()
                || snapshot.coverage(region, other.kind()) != Coverage::Complete
                || cloud.dangling.iter().any(|it| it == other.as_str());
            let message = if !known {
                format!(
                    "{id} names {other} (`{member}`), but no such {} is in the file: add it, or list \
                     it under `cloud.dangling` when nothing of that id shall be there",
                    other.kind().noun(),
                )
            } else if snapshot.region_of(&other).is_some_and(|it| it != region) {
                format!("{id} names {other} (`{member}`), which is in another Region")
            } else {
                continue;
            };
            let position = *position;
            problems.push(Problem { position, message });
        }
    }
}

/// What AWS makes along with every VPC and never lets go of while it exists.
fn check_vpcs(
    snapshot: &Snapshot,
    placed: &BTreeMap<ResourceId, Position>,
    problems: &mut Vec<Problem>,
) {
    for vpc in snapshot.all::<Vpc>() {
        let id: ResourceId = (&vpc.vpc_id).into();
        let (Some(region), Some(position)) = (snapshot.region_of(&id), placed.get(&id)) else {
            continue;
        };
        let complete = |kind| seen_wholly(snapshot, region, kind);
        let main = snapshot.all::<RouteTable>();
        let mains = main
            .filter(|it| it.vpc_id == vpc.vpc_id && it.is_main())
            .count();
        let groups = snapshot.all::<SecurityGroup>();
        let defaults =
            groups.filter(|it| it.vpc_id.as_ref() == Some(&vpc.vpc_id) && it.is_default());
        let defaults = defaults.count();
        for (kind, count, what) in [
            (Kind::RouteTable, mains, "main route table"),
            (
                Kind::SecurityGroup,
                defaults,
                "security group named `default`",
            ),
        ] {
            if complete(kind) && count != 1 {
                let message = format!("{id} has {count} of what every VPC has one: a {what}");
                let position = *position;
                problems.push(Problem { position, message });
            }
        }
    }
}

/// Metrics that the twin could not serve.
fn unusable_metrics(cloud: &Cloud) -> Vec<Problem> {
    let checked = cloud.metrics.iter().map(|series| {
        let message = series.check().err()?.to_string();
        let position = series.position;
        Some(Problem { position, message })
    });
    checked.flatten().collect()
}

fn seen_wholly(snapshot: &Snapshot, region: &Region, kind: Kind) -> bool {
    snapshot.coverage(region, kind) == Coverage::Complete
}
