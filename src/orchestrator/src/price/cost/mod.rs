//! The monthly cost of a resource as it stands.

use std::collections::BTreeMap;

mod compute;
mod network;
mod services;
mod storage;
mod sum;

use rustc_hash::FxHashSet;
use sandtable_model::resource::{Address, Volume};
use sandtable_model::{AccountId, Region, Resource, ResourceId, Snapshot, Usd};
use serde::Serialize;

use super::Prices;
pub(crate) use network::is_byoip;
use sum::Sum;

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
        match price(resource, (&snapshot.account, region), prices, &elastic) {
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
    price(resource, (&snapshot.account, region), prices, &elastic)
}

/// What a volume of these properties would cost.
pub(crate) fn volume_as(prices: &Prices, region: &Region, volume: &Volume) -> Priced {
    storage::volume(volume, Sum::new(prices, region))
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
    (account, region): (&AccountId, &Region),
    prices: &Prices,
    elastic: &FxHashSet<&str>,
) -> Priced {
    if resource.is_gone() {
        return Priced::Free;
    }
    let sum = Sum::new(prices, region);
    match resource {
        Resource::Volume(it) => storage::volume(it, sum),
        Resource::EbsSnapshot(it) => storage::snapshot(it, sum),
        Resource::Address(it) => network::address(it, sum),
        Resource::NetworkInterface(it) => network::interface(it, sum, elastic),
        Resource::NatGateway(it) => network::nat_gateway(it, sum),
        Resource::VpcEndpoint(it) => network::endpoint(it, sum),
        Resource::Instance(it) => compute::instance(it, sum),
        Resource::CapacityReservation(it) => compute::capacity_reservation(it, sum),
        Resource::DedicatedHost(_) => compute::dedicated_host(),
        Resource::TransitGatewayAttachment(it) => network::transit_attachment(it, account, sum),
        Resource::VpnConnection(it) => network::vpn_connection(it, sum),
        Resource::LoadBalancer(it) => services::load_balancer(it, sum),
        Resource::ClassicLoadBalancer(it) => services::classic_load_balancer(it, sum),
        Resource::DbInstance(it) => services::db_instance(it, sum),
        Resource::DbSnapshot(it) => services::db_snapshot(it, sum),
        // VPCs and their parts, launch templates, groups, stacks: what they hold is billed.
        _ => Priced::Free,
    }
}
