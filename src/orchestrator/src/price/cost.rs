//! The monthly cost of a resource as it stands.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use sandtable_model::resource::{
    Address, EbsSnapshot, EndpointType, Instance, InstanceStateName, NatGateway, NatGatewayState,
    NetworkInterface, SnapshotState, StorageTier, Volume, VolumeState, VolumeType, VpcEndpoint,
};
use sandtable_model::{Region, Resource, ResourceId, Snapshot, Usd};
use serde::Serialize;

use super::{HOURS_PER_MONTH, Prices};

/// What an account costs a month, as far as its resources and prices are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// The sum over what is priced.
    pub total: Usd,
    /// The cost of each resource that costs something.
    pub resources: BTreeMap<ResourceId, Usd>,
    /// The resources that cost something of which the price is not known, and why.
    pub unpriced: Vec<(ResourceId, String)>,
}

/// What one resource costs a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Priced {
    /// It costs nothing by itself.
    Free,
    /// It costs this, worked out in these lines.
    Known {
        /// The cost.
        usd: Usd,
        /// How it was worked out, a line per item.
        lines: Vec<String>,
    },
    /// It costs something, but the price is not known.
    Unknown {
        /// Why not.
        reason: String,
    },
}

impl Priced {
    /// The cost, if it is known; nothing costs zero.
    pub fn usd(&self) -> Option<Usd> {
        match self {
            Priced::Free => Some(Usd::ZERO),
            Priced::Known { usd, .. } => Some(*usd),
            Priced::Unknown { .. } => None,
        }
    }

    /// Lines for people: how the cost was worked out, or why it is not known.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Priced::Free => Vec::new(),
            Priced::Known { lines, .. } => lines.clone(),
            Priced::Unknown { reason } => vec![reason.clone()],
        }
    }
}

/// The monthly cost of everything in a snapshot at list prices.
pub fn monthly_cost(snapshot: &Snapshot, prices: &Prices) -> Cost {
    let elastic = elastic_ips(snapshot);
    let mut cost = Cost::default();
    for resource in snapshot.resources() {
        let id = resource.id();
        let Some(region) = snapshot.region_of(&id) else {
            continue;
        };
        match price(resource, region, prices, &elastic) {
            Priced::Free => {}
            Priced::Known { usd, .. } => {
                cost.total += usd;
                cost.resources.insert(id, usd);
            }
            Priced::Unknown { reason } => cost.unpriced.push((id, reason)),
        }
    }
    cost
}

/// The monthly cost of one resource of a snapshot; free when it is not there.
pub fn monthly_cost_of(snapshot: &Snapshot, prices: &Prices, id: &ResourceId) -> Priced {
    let (Some(resource), Some(region)) = (snapshot.get(id), snapshot.region_of(id)) else {
        return Priced::Free;
    };
    let elastic = match id {
        ResourceId::NetworkInterface(_) => elastic_ips(snapshot),
        _ => FxHashSet::default(),
    };
    price(resource, region, prices, &elastic)
}

/// What keeping a snapshot of a volume would cost at most.
pub(crate) fn snapshot_of_volume(prices: &Prices, region: &Region, size: u32) -> Priced {
    Sum::new(prices, region)
        .per_unit(
            "EBS:SnapshotUsage",
            u64::from(size),
            "GiB of snapshot, at most",
        )
        .done()
}

/// The public addresses that are Elastic IPs: they are priced with the allocation, not with the
/// interface that carries them.
fn elastic_ips(snapshot: &Snapshot) -> FxHashSet<&str> {
    snapshot
        .all::<Address>()
        .filter_map(|it| it.public_ip.as_deref())
        .collect()
}

fn price(
    resource: &Resource,
    region: &Region,
    prices: &Prices,
    elastic: &FxHashSet<&str>,
) -> Priced {
    if resource.is_gone() {
        return Priced::Free;
    }
    let sum = Sum::new(prices, region);
    match resource {
        Resource::Volume(it) => volume(it, sum),
        Resource::EbsSnapshot(it) => snapshot(it, sum),
        Resource::Address(it) => address(it, sum),
        Resource::NetworkInterface(it) => interface(it, sum, elastic),
        Resource::NatGateway(it) => nat_gateway(it, sum),
        Resource::VpcEndpoint(it) => endpoint(it, sum),
        Resource::Instance(it) => instance(it, sum),
        _ => Priced::Free,
    }
}

fn volume(volume: &Volume, sum: Sum<'_>) -> Priced {
    if matches!(volume.state, VolumeState::Deleting | VolumeState::Error) {
        return Priced::Free;
    }
    let size = u64::from(volume.size);
    let iops = u64::from(volume.iops.unwrap_or(0));
    match &volume.volume_type {
        VolumeType::Gp3 => {
            // 3,000 IOPS and 125 MiB/s are included (facts page `prices`, section 1).
            let throughput = u64::from(volume.throughput.unwrap_or(0));
            sum.per_unit("EBS:VolumeUsage.gp3", size, "GiB of gp3")
                .per_unit(
                    "EBS:VolumeP-IOPS.gp3",
                    iops.saturating_sub(3_000),
                    "IOPS over 3,000",
                )
                .per_unit(
                    "EBS:VolumeP-Throughput.gp3",
                    throughput.saturating_sub(125),
                    "MiB/s over 125",
                )
                .done()
        }
        VolumeType::Gp2 => sum
            .per_unit("EBS:VolumeUsage.gp2", size, "GiB of gp2")
            .done(),
        VolumeType::Io1 => sum
            .per_unit("EBS:VolumeUsage.piops", size, "GiB of io1")
            .per_unit("EBS:VolumeP-IOPS.piops", iops, "IOPS")
            .done(),
        VolumeType::Io2 => sum
            .per_unit("EBS:VolumeUsage.io2", size, "GiB of io2")
            .per_unit(
                "EBS:VolumeP-IOPS.io2",
                iops.min(32_000),
                "IOPS up to 32,000",
            )
            .per_unit(
                "EBS:VolumeP-IOPS.io2.tier2",
                iops.min(64_000).saturating_sub(32_000),
                "IOPS from 32,000 to 64,000",
            )
            .per_unit(
                "EBS:VolumeP-IOPS.io2.tier3",
                iops.saturating_sub(64_000),
                "IOPS over 64,000",
            )
            .done(),
        VolumeType::St1 => sum
            .per_unit("EBS:VolumeUsage.st1", size, "GiB of st1")
            .done(),
        VolumeType::Sc1 => sum
            .per_unit("EBS:VolumeUsage.sc1", size, "GiB of sc1")
            .done(),
        VolumeType::Standard => sum
            .per_unit(
                "EBS:VolumeUsage",
                size,
                "GiB of magnetic disk, requests aside",
            )
            .done(),
        VolumeType::Other(name) => Priced::Unknown {
            reason: format!("volumes of type `{name}` are not in the price table"),
        },
    }
}

fn snapshot(snapshot: &EbsSnapshot, sum: Sum<'_>) -> Priced {
    if snapshot.state == SnapshotState::Error {
        return Priced::Free;
    }
    let size = u64::from(snapshot.volume_size);
    match &snapshot.storage_tier {
        None | Some(StorageTier::Standard) => sum
            .per_unit("EBS:SnapshotUsage", size, "GiB of snapshot, at most")
            .done(),
        Some(StorageTier::Archive) => sum
            .per_unit(
                "EBS:SnapshotArchiveStorage",
                size,
                "GiB of archived snapshot",
            )
            .done(),
        Some(StorageTier::Other(tier)) => Priced::Unknown {
            reason: format!("snapshots of tier `{tier}` are not in the price table"),
        },
    }
}

/// Since February 2024 an address costs the same in use and idle; one's own addresses are free.
fn address(address: &Address, sum: Sum<'_>) -> Priced {
    if is_byoip(address) {
        return Priced::Free;
    }
    let sku = if address.association_id.is_some() {
        "PublicIPv4:InUseAddress"
    } else {
        "PublicIPv4:IdleAddress"
    };
    sum.per_hour(sku, 1, "public IPv4 address").done()
}

/// Whether the address comes from a pool of the account's own (bring your own IP).
pub(crate) fn is_byoip(address: &Address) -> bool {
    address
        .public_ipv4_pool
        .as_deref()
        .is_some_and(|pool| pool != "amazon")
}

/// An interface costs only the public address that AWS gave it by itself.
fn interface(interface: &NetworkInterface, sum: Sum<'_>, elastic: &FxHashSet<&str>) -> Priced {
    let primary = interface.association.as_ref();
    let others = interface
        .private_ip_addresses
        .iter()
        .filter_map(|it| it.association.as_ref());
    let mut addresses: Vec<&str> = primary
        .into_iter()
        .chain(others)
        .filter(|it| it.allocation_id.is_none())
        .filter_map(|it| it.public_ip.as_deref())
        .filter(|ip| !elastic.contains(ip))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    match addresses.len() {
        0 => Priced::Free,
        count => sum
            .per_hour(
                "PublicIPv4:InUseAddress",
                count as u64,
                "public IPv4 address",
            )
            .done(),
    }
}

fn nat_gateway(nat: &NatGateway, sum: Sum<'_>) -> Priced {
    match nat.state {
        NatGatewayState::Available | NatGatewayState::Pending => sum
            .per_hour("NatGateway-Hours", 1, "NAT gateway, traffic aside")
            .done(),
        _ => Priced::Free,
    }
}

fn endpoint(endpoint: &VpcEndpoint, sum: Sum<'_>) -> Priced {
    if !endpoint.state.is_available() {
        return Priced::Free;
    }
    let zones = endpoint.subnet_ids.len() as u64;
    match &endpoint.vpc_endpoint_type {
        EndpointType::Gateway => Priced::Free,
        EndpointType::Interface => sum
            .per_hour("VpcEndpoint-Hours", zones, "zone of an interface endpoint")
            .done(),
        EndpointType::GatewayLoadBalancer => sum
            .per_hour(
                "VpcEndpoint-GWLBE-Hours",
                zones,
                "Gateway Load Balancer endpoint",
            )
            .done(),
        EndpointType::Other(kind) => Priced::Unknown {
            reason: format!("endpoints of type `{kind}` are not in the price table"),
        },
    }
}

fn instance(instance: &Instance, sum: Sum<'_>) -> Priced {
    if !matches!(
        instance.state.name,
        InstanceStateName::Running | InstanceStateName::Pending
    ) {
        return Priced::Free;
    }
    let unknown = |what: &str| Priced::Unknown {
        reason: format!("the price table holds shared Linux instances on demand, not {what}"),
    };
    if let Some(platform) = &instance.platform {
        return unknown(&format!("platform `{platform}`"));
    }
    if let Some(lifecycle) = &instance.instance_lifecycle {
        return unknown(&format!("`{lifecycle}` instances"));
    }
    match instance.placement.tenancy.as_deref() {
        None | Some("default") => {}
        Some(tenancy) => return unknown(&format!("tenancy `{tenancy}`")),
    }
    let kind = &instance.instance_type;
    let sku = format!("ec2:linux:shared:{kind}");
    sum.per_hour(&sku, 1, &format!("{kind} at the Linux price"))
        .done()
}

/// Adds up items; one unknown price makes the sum unknown.
struct Sum<'a> {
    prices: &'a Prices,
    region: &'a Region,
    usd: Usd,
    lines: Vec<String>,
    missing: Option<String>,
}

impl<'a> Sum<'a> {
    fn new(prices: &'a Prices, region: &'a Region) -> Self {
        Sum {
            prices,
            region,
            usd: Usd::ZERO,
            lines: Vec::new(),
            missing: None,
        }
    }

    fn per_hour(self, sku: &str, count: u64, what: &str) -> Self {
        self.add(sku, count, what, HOURS_PER_MONTH)
    }

    fn per_unit(self, sku: &str, count: u64, what: &str) -> Self {
        self.add(sku, count, what, 1)
    }

    fn add(mut self, sku: &str, count: u64, what: &str, times: u64) -> Self {
        if count == 0 {
            return self;
        }
        let Some(price) = self.prices.get(self.region, sku) else {
            let region = self.region;
            self.missing = Some(format!("price not known: `{sku}` in {region}"));
            return self;
        };
        let usd = price.scale(count.saturating_mul(times), 1);
        let hours = if times == 1 {
            String::new()
        } else {
            format!(" × {times} h")
        };
        let as_of = self.prices.as_of(self.region, sku).unwrap_or_default();
        let shown = usd.to_cents_string();
        self.lines.push(format!(
            "{count} {what} × ${price}{hours} = {shown} (list price {as_of})"
        ));
        self.usd += usd;
        self
    }

    fn done(self) -> Priced {
        match self.missing {
            Some(reason) => Priced::Unknown { reason },
            None if self.lines.is_empty() => Priced::Free,
            None => Priced::Known {
                usd: self.usd,
                lines: self.lines,
            },
        }
    }
}
