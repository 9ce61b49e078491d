//! Guards that several rules share: each is cleared where everything that would speak was listed,
//! and open where it was not.

use sandtable_model::{Coverage, Kind, Region};

use super::verdicts::Draft;
use super::{Scene, plural};

/// Kinds that tell what may be started in a subnet.
const STARTERS: &[Kind] = &[
    Kind::AutoScalingGroup,
    Kind::LaunchTemplate,
    Kind::DbSubnetGroup,
];

/// Kinds that tell how other networks reach a VPC, beside its route tables and interfaces.
const CONNECTIONS: &[Kind] = &[
    Kind::VpcPeeringConnection,
    Kind::TransitGatewayAttachment,
    Kind::VpnGateway,
];

/// The guard against what may start something in a network.
pub(super) fn future_guard(scene: &Scene<'_>, draft: Draft, region: &Region) -> Draft {
    let cleared =
        "no Auto Scaling group, launch template or DB subnet group may start anything there";
    listed(scene, draft, region, ("scale to zero", STARTERS, cleared))
}

/// The guard against launch templates that make disks of a snapshot.
pub(super) fn templates_guard(scene: &Scene<'_>, draft: Draft, region: &Region) -> Draft {
    let kinds = &[Kind::LaunchTemplate];
    let cleared = "no version of a launch template names it";
    listed(
        scene,
        draft,
        region,
        ("in use by a launch template", kinds, cleared),
    )
}

/// The guard against other networks that have a way in.
pub(super) fn reached_guard(scene: &Scene<'_>, draft: Draft, region: &Region, name: &str) -> Draft {
    let cleared = "no transit gateway, peering, VPN or other way in";
    listed(scene, draft, region, (name, CONNECTIONS, cleared))
}

fn listed(
    scene: &Scene<'_>,
    draft: Draft,
    region: &Region,
    (name, kinds, cleared): (&str, &[Kind], &str),
) -> Draft {
    let gaps = kinds.iter().filter_map(|kind| {
        let reason = match scene.snapshot.coverage(region, *kind) {
            Coverage::Complete => return None,
            Coverage::Partial { reason } | Coverage::Unknown { reason } => reason,
        };
        Some(format!("{} ({reason})", plural(*kind)))
    });
    let gaps: Vec<String> = gaps.collect();
    if gaps.is_empty() {
        draft.cleared(name, cleared)
    } else {
        draft.open(name, format!("not known: {}", gaps.join(", ")))
    }
}
