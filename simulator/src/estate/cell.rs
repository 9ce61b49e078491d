//! Instances, and the volumes, snapshots and images that they have.

use sandtable_model::resource::{
    EbsSnapshot, Image, ImageBlockDevice, ImageEbs, Instance, InstanceBlockDevice, InstanceEbs,
    InstanceInterface, InstanceStateName, InterfaceAttachment, InterfaceStatus, Placement,
    SecurityGroup, SnapshotState, StorageTier, Volume, VolumeAttachment, VolumeAttachmentState,
    VolumeState, VolumeType,
};
use sandtable_model::{ImageId, InstanceId, NetworkInterfaceId, SnapshotId, Tags, VolumeId};
use smol_str::SmolStr;

use super::network::{Network, interface_of, zone};
use super::{Builder, group_ref, named};

/// An image of one snapshot, whose volume is long gone.
pub(super) fn image(builder: &mut Builder) -> ImageId {
    stored(builder, |_| {})
}

/// The same, changed before it is added.
pub(super) fn stored(builder: &mut Builder, change: impl FnOnce(&mut Image)) -> ImageId {
    let gone = builder.id(VolumeId::from_number);
    let snapshot = snapshot(builder, &gone, 8, 200, "Created by CreateImage");
    let id = builder.id(ImageId::from_number);
    let number = builder.cells;
    let mut it = Image {
        image_id: id.clone(),
        name: Some(format!("golden-{number}").into()),
        description: None,
        state: "available".into(),
        owner_id: Some(builder.account.as_str().into()),
        image_owner_alias: None,
        public: false,
        creation_date: Some(Builder::days_ago(200)),
        architecture: Some("x86_64".into()),
        image_type: Some("machine".into()),
        root_device_name: Some("/dev/xvda".into()),
        root_device_type: Some("ebs".into()),
        virtualization_type: Some("hvm".into()),
        block_device_mappings: vec![ImageBlockDevice {
            device_name: Some("/dev/xvda".into()),
            ebs: Some(ImageEbs {
                snapshot_id: Some(snapshot),
                volume_size: Some(8),
                volume_type: Some(VolumeType::Gp3),
                ..ImageEbs::default()
            }),
            ..ImageBlockDevice::default()
        }],
        last_launched_time: None,
        deprecation_time: None,
        deregistration_protection: None,
        source_image_id: None,
        source_image_region: None,
        source_instance_id: None,
        platform: None,
        ena_support: Some(true),
        sriov_net_support: None,
        boot_mode: None,
        tpm_support: None,
        imds_support: None,
        tags: Tags::new(),
    };
    change(&mut it);
    builder.add(it);
    id
}

/// A completed snapshot.
pub(super) fn snapshot(
    builder: &mut Builder,
    volume: &VolumeId,
    size: u32,
    days: i64,
    description: &str,
) -> SnapshotId {
    snapshot_of(builder, volume, size, days, description, |_| {})
}

/// The same, changed before it is added.
pub(super) fn snapshot_of(
    builder: &mut Builder,
    volume: &VolumeId,
    size: u32,
    days: i64,
    description: &str,
    change: impl FnOnce(&mut EbsSnapshot),
) -> SnapshotId {
    let id = builder.id(SnapshotId::from_number);
    let mut it = EbsSnapshot {
        snapshot_id: id.clone(),
        volume_id: Some(volume.clone()),
        volume_size: size,
        state: SnapshotState::Completed,
        start_time: Some(Builder::days_ago(days)),
        owner_id: Some(builder.account.as_str().into()),
        owner_alias: None,
        description: description.into(),
        encrypted: false,
        kms_key_id: None,
        progress: Some("100%".into()),
        storage_tier: Some(StorageTier::Standard),
        restore_expiry_time: None,
        completion_time: None,
        transfer_type: None,
        completion_duration_minutes: None,
        full_snapshot_size_in_bytes: None,
        state_message: None,
        tags: Tags::new(),
    };
    change(&mut it);
    builder.add(it);
    id
}

/// A free volume, made `days` ago.
pub(super) fn volume(builder: &mut Builder, size: u32, days: i64, tags: Tags) -> VolumeId {
    let id = builder.id(VolumeId::from_number);
    builder.add(Volume {
        volume_id: id.clone(),
        size,
        volume_type: VolumeType::Gp3,
        state: VolumeState::Available,
        availability_zone: zone(builder, "a"),
        attachments: Vec::new(),
        create_time: Some(Builder::days_ago(days)),
        encrypted: false,
        kms_key_id: None,
        iops: Some(3000),
        throughput: Some(125),
        snapshot_id: None,
        multi_attach_enabled: false,
        tags,
    });
    id
}

/// An instance in the private subnet, to be added; its volumes and its interface are there already.
pub(super) fn instance(
    builder: &mut Builder,
    network: &Network,
    group: &SecurityGroup,
    image: &ImageId,
    index: u32,
) -> Instance {
    let id = builder.id(InstanceId::from_number);
    let interface = builder.id(NetworkInterfaceId::from_number);
    let ip: SmolStr = format!("10.{}.1.{}", network.octet, 10 + index).into();
    let groups = vec![group_ref(group)];
    let launched = Builder::days_ago(i64::from(builder.between(1, 400)));
    let mut it = interface_of(
        builder,
        network,
        &network.private,
        &interface,
        &ip,
        groups.clone(),
    );
    it.status = InterfaceStatus::InUse;
    it.attachment = Some(InterfaceAttachment {
        attachment_id: Some(builder.ids.text("eni-attach").into()),
        attach_time: Some(launched),
        delete_on_termination: true,
        device_index: 0,
        network_card_index: Some(0),
        instance_id: Some(id.clone()),
        instance_owner_id: Some(builder.account.as_str().into()),
        status: "attached".into(),
    });
    builder.add(it);
    let mut devices = Vec::new();
    for (device, goes) in [("/dev/xvda", true), ("/dev/sdf", false)] {
        devices.push(attached_volume(builder, &id, device, goes));
    }
    let reservation = builder.ids.text("r");
    Instance {
        instance_id: id,
        image_id: Some(image.clone()),
        instance_type: "m6i.large".into(),
        state: InstanceStateName::Running.into(),
        vpc_id: Some(network.vpc.clone()),
        subnet_id: Some(network.private.clone()),
        placement: Placement {
            availability_zone: Some(zone(builder, "a")),
            tenancy: Some("default".into()),
            ..Placement::default()
        },
        private_ip_address: Some(ip),
        public_ip_address: None,
        private_dns_name: None,
        public_dns_name: None,
        key_name: None,
        launch_time: Some(launched),
        state_transition_reason: None,
        state_reason: None,
        root_device_name: Some("/dev/xvda".into()),
        root_device_type: Some("ebs".into()),
        block_device_mappings: devices,
        network_interfaces: vec![InstanceInterface {
            network_interface_id: interface,
        }],
        security_groups: groups,
        instance_lifecycle: None,
        architecture: Some("x86_64".into()),
        platform: None,
        monitoring: None,
        ebs_optimized: true,
        private_dns_name_options: None,
        reservation_id: Some(reservation.into()),
        owner_id: Some(builder.account.as_str().into()),
        disable_api_termination: Some(index == 0),
        disable_api_stop: Some(false),
        capacity_reservation_id: None,
        capacity_reservation_specification: None,
        spot_instance_request_id: None,
        iam_instance_profile: None,
        metadata_options: None,
        maintenance_options: None,
        hibernation_options: None,
        enclave_options: None,
        tags: named(&format!("app-{index}")),
    }
}

fn attached_volume(
    builder: &mut Builder,
    instance: &InstanceId,
    device: &str,
    goes: bool,
) -> InstanceBlockDevice {
    let size = builder.between(8, 200);
    let days = i64::from(builder.between(1, 400));
    let id = builder.id(VolumeId::from_number);
    let attached = Builder::days_ago(days);
    // A few volumes are still of the old type, which pays for more than it gives.
    let old = !goes && builder.ids.below(12) == 0;
    let (volume_type, iops) = match old {
        true => (VolumeType::Gp2, Some((size * 3).max(100))),
        false => (VolumeType::Gp3, Some(3000)),
    };
    if old {
        builder.waste("V3", "gp2, though gp3 costs less", id.clone());
    }
    builder.add(Volume {
        volume_id: id.clone(),
        size,
        volume_type,
        state: VolumeState::InUse,
        availability_zone: zone(builder, "a"),
        attachments: vec![VolumeAttachment {
            volume_id: Some(id.clone()),
            instance_id: Some(instance.clone()),
            associated_resource: None,
            device: Some(device.into()),
            state: VolumeAttachmentState::Attached,
            attach_time: Some(attached),
            delete_on_termination: goes,
        }],
        create_time: Some(attached),
        encrypted: true,
        kms_key_id: None,
        iops,
        throughput: (!old).then_some(125),
        snapshot_id: None,
        multi_attach_enabled: false,
        tags: Tags::new(),
    });
    if !goes {
        for age in [1, 8] {
            snapshot(builder, &id, size, age, "nightly");
        }
    }
    InstanceBlockDevice {
        device_name: device.into(),
        ebs: Some(InstanceEbs {
            volume_id: id,
            status: Some("attached".into()),
            attach_time: Some(attached),
            delete_on_termination: goes,
        }),
    }
}
