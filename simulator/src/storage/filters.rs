//! The filters of `DescribeVolumes`, `DescribeSnapshots` and `DescribeImages` (EC2 API reference).

use smol_str::SmolStr;

use sandtable_model::resource::{EbsSnapshot, Image, ImageEbs, Volume, VolumeAttachment};

use crate::rules::FilterTable;

/// Stands for the owners that a request names; not a name that a request can have.
pub(super) const OWNER: &str = " owner";

fn attachments(volume: &Volume, mut visit: impl FnMut(&VolumeAttachment)) {
    volume.attachments.iter().for_each(&mut visit);
}

pub(super) const VOLUME: FilterTable<Volume> = &[
    ("attachment.attach-time", |_, it, out| {
        attachments(it, |a| {
            if let Some(at) = a.attach_time {
                out(&at.to_wire());
            }
        });
    }),
    ("attachment.delete-on-termination", |_, it, out| {
        attachments(it, |a| out(&a.delete_on_termination.to_string()));
    }),
    ("attachment.device", |_, it, out| {
        attachments(it, |a| out(a.device.as_deref().unwrap_or_default()));
    }),
    ("attachment.instance-id", |_, it, out| {
        attachments(it, |a| {
            if let Some(id) = &a.instance_id {
                out(id.as_str());
            }
        });
    }),
    ("attachment.status", |_, it, out| {
        attachments(it, |a| out(a.state.as_str()));
    }),
    ("availability-zone", |_, it, out| {
        out(it.availability_zone.as_str())
    }),
    ("availability-zone-id", |_, it, out| {
        out(&crate::place::zone_id(&it.availability_zone));
    }),
    ("create-time", |_, it, out| {
        if let Some(at) = it.create_time {
            out(&at.to_wire());
        }
    }),
    ("encrypted", |_, it, out| out(&it.encrypted.to_string())),
    ("multi-attach-enabled", |_, it, out| {
        out(&it.multi_attach_enabled.to_string());
    }),
    ("size", |_, it, out| out(&it.size.to_string())),
    ("snapshot-id", |_, it, out| {
        if let Some(id) = &it.snapshot_id {
            out(id.as_str());
        }
    }),
    ("status", |_, it, out| out(it.state.as_str())),
    ("volume-id", |_, it, out| out(it.volume_id.as_str())),
    ("volume-type", |_, it, out| out(it.volume_type.as_str())),
];

pub(super) const SNAPSHOT: FilterTable<EbsSnapshot> = &[
    (OWNER, |_, it, out| {
        it.owner_id
            .iter()
            .chain(it.owner_alias.as_deref())
            .for_each(|owner| out(owner));
    }),
    ("description", |_, it, out| out(&it.description)),
    ("encrypted", |_, it, out| out(&it.encrypted.to_string())),
    ("owner-alias", |_, it, out| {
        it.owner_alias.iter().for_each(|alias| out(alias))
    }),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|owner| out(owner))
    }),
    ("progress", |_, it, out| {
        it.progress.iter().for_each(|progress| out(progress))
    }),
    ("snapshot-id", |_, it, out| out(it.snapshot_id.as_str())),
    ("start-time", |_, it, out| {
        if let Some(at) = it.start_time {
            out(&at.to_wire());
        }
    }),
    ("status", |_, it, out| out(it.state.as_str())),
    ("storage-tier", |_, it, out| {
        out(it
            .storage_tier
            .as_ref()
            .map_or("standard", |tier| tier.as_str()));
    }),
    ("transfer-type", |_, it, out| {
        let given = it.transfer_type.as_deref();
        out(given.map_or("standard", SmolStr::as_str));
    }),
    ("volume-id", |_, it, out| {
        if let Some(id) = &it.volume_id {
            out(id.as_str());
        }
    }),
    ("volume-size", |_, it, out| out(&it.volume_size.to_string())),
];

fn volumes(image: &Image, visit: impl FnMut(&ImageEbs)) {
    let devices = image.block_device_mappings.iter();
    devices.filter_map(|it| it.ebs.as_ref()).for_each(visit);
}

pub(super) const IMAGE: FilterTable<Image> = &[
    (OWNER, |_, it, out| {
        it.owner_id
            .iter()
            .chain(&it.image_owner_alias)
            .for_each(|owner| out(owner));
    }),
    ("architecture", |_, it, out| {
        it.architecture.iter().for_each(|it| out(it))
    }),
    (
        "block-device-mapping.delete-on-termination",
        |_, it, out| {
            volumes(it, |ebs| {
                out(&ebs.delete_on_termination.unwrap_or(true).to_string())
            });
        },
    ),
    ("block-device-mapping.device-name", |_, it, out| {
        let devices = it.block_device_mappings.iter();
        devices
            .filter_map(|it| it.device_name.as_deref())
            .for_each(out);
    }),
    ("block-device-mapping.encrypted", |_, it, out| {
        volumes(it, |ebs| {
            out(&ebs.encrypted.unwrap_or_default().to_string())
        });
    }),
    ("block-device-mapping.snapshot-id", |_, it, out| {
        it.snapshot_ids().for_each(|id| out(id.as_str()));
    }),
    ("block-device-mapping.volume-size", |_, it, out| {
        volumes(it, |ebs| {
            if let Some(size) = ebs.volume_size {
                out(&size.to_string());
            }
        });
    }),
    ("block-device-mapping.volume-type", |_, it, out| {
        volumes(it, |ebs| {
            if let Some(it) = &ebs.volume_type {
                out(it.as_str());
            }
        });
    }),
    ("boot-mode", |_, it, out| {
        it.boot_mode.iter().for_each(|it| out(it))
    }),
    ("creation-date", |_, it, out| {
        if let Some(at) = it.creation_date {
            out(&at.to_wire());
        }
    }),
    ("description", |_, it, out| {
        it.description.iter().for_each(|it| out(it))
    }),
    ("ena-support", |_, it, out| {
        out(&it.ena_support.unwrap_or_default().to_string());
    }),
    ("image-id", |_, it, out| out(it.image_id.as_str())),
    // All virtualization that the model has runs on it.
    ("hypervisor", |_, _, out| out("xen")),
    ("image-type", |_, it, out| {
        it.image_type.iter().for_each(|it| out(it))
    }),
    ("is-public", |_, it, out| out(&it.public.to_string())),
    ("name", |_, it, out| it.name.iter().for_each(|it| out(it))),
    ("owner-alias", |_, it, out| {
        it.image_owner_alias.iter().for_each(|it| out(it))
    }),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it))
    }),
    ("platform", |_, it, out| {
        it.platform.iter().for_each(|it| out(it))
    }),
    ("root-device-name", |_, it, out| {
        it.root_device_name.iter().for_each(|it| out(it))
    }),
    ("root-device-type", |_, it, out| {
        it.root_device_type.iter().for_each(|it| out(it))
    }),
    ("source-image-id", |_, it, out| {
        it.source_image_id.iter().for_each(|it| out(it.as_str()));
    }),
    ("source-image-region", |_, it, out| {
        it.source_image_region.iter().for_each(|it| out(it));
    }),
    ("source-instance-id", |_, it, out| {
        it.source_instance_id.iter().for_each(|it| out(it.as_str()));
    }),
    ("sriov-net-support", |_, it, out| {
        it.sriov_net_support.iter().for_each(|it| out(it));
    }),
    ("state", |_, it, out| out(&it.state)),
    ("virtualization-type", |_, it, out| {
        it.virtualization_type.iter().for_each(|it| out(it));
    }),
];
