//! Volumes and snapshots.

use sandtable_model::resource::{
    EbsSnapshot, SnapshotState, StorageTier, Volume, VolumeState, VolumeType,
};

use super::Priced;
use super::sum::Sum;

pub(super) fn volume(volume: &Volume, sum: Sum<'_>) -> Priced {
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

pub(super) fn snapshot(snapshot: &EbsSnapshot, sum: Sum<'_>) -> Priced {
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
