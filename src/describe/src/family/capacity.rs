//! What instances are made with and where they may run: key pairs, placement groups, capacity
//! reservations, Dedicated Hosts.

use aws_sdk_ec2::{Client, types};
use sandtable_model::Kind;

use super::{pages, single};
use crate::answer::{answers, entry, texts};
use crate::error::ReadError;
use crate::list::{Listing, PAGE, call, listed};

/// Entries on a page of hosts: more is an error (facts: ec2-semantics, MaxResults).
const HOST_PAGE: i32 = 500;

/// Everything of one of this family's kinds.
pub(crate) async fn list(client: &Client, kind: Kind) -> Result<Listing, ReadError> {
    match kind {
        Kind::KeyPair => {
            let asked = client.describe_key_pairs().include_public_key(true);
            let answer = asked.send().await;
            let answer = answer.map_err(|error| call("DescribeKeyPairs", &error))?;
            Ok(Listing::of(answer.key_pairs, entry(kind)))
        }
        Kind::PlacementGroup => single!(
            client,
            "DescribePlacementGroups",
            describe_placement_groups,
            placement_groups,
            kind
        ),
        Kind::CapacityReservation => pages!(
            client,
            "DescribeCapacityReservations",
            describe_capacity_reservations,
            capacity_reservations,
            PAGE,
            kind
        ),
        Kind::DedicatedHost => pages!(
            client,
            "DescribeHosts",
            describe_hosts,
            hosts,
            HOST_PAGE,
            kind
        ),
        other => Err(ReadError::NotRead(other)),
    }
}

answers! {
    types::KeyPairInfo {
        key_pair_id, key_name, key_type, key_fingerprint, public_key, create_time, tags,
    }
    types::PlacementGroup {
        group_id, group_name, state, strategy, partition_count, spread_level, group_arn, tags,
    }
    types::CapacityReservation {
        capacity_reservation_id, owner_id, capacity_reservation_arn, instance_type,
        instance_platform, availability_zone, tenancy, total_instance_count,
        available_instance_count, ebs_optimized, state, start_date, end_date, end_date_type,
        instance_match_criteria, create_date, placement_group_arn, tags,
    }
    types::Host {
        host_id, owner_id, availability_zone, auto_placement, host_recovery, host_maintenance,
        allows_multiple_instance_types, host_properties, state, allocation_time, release_time, tags,
    }
    types::HostProperties { cores, instance_type, instance_family, sockets, total_v_cpus }
}

texts!(
    types::AllocationState,
    types::AllowsMultipleInstanceTypes,
    types::AutoPlacement,
    types::CapacityReservationInstancePlatform,
    types::CapacityReservationState,
    types::CapacityReservationTenancy,
    types::EndDateType,
    types::HostMaintenance,
    types::HostRecovery,
    types::InstanceMatchCriteria,
    types::KeyType,
    types::PlacementGroupState,
    types::PlacementStrategy,
    types::SpreadLevel,
);
