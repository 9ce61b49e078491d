//! Instances, which stand within reservations, and images.

use aws_sdk_ec2::types;
use sandtable_model::Kind;
use sandtable_model::resource::{
    CapacityReservationSpecification, CapacityReservationTarget, EnclaveOptions,
    HibernationOptions, IamInstanceProfile, Image, ImageBlockDevice, ImageEbs, Instance,
    InstanceBlockDevice, InstanceEbs, InstanceInterface, InstanceState, MaintenanceOptions,
    MetadataOptions, Monitoring, Placement, PrivateDnsNameOptions, StateReason,
};

use super::interface::groups;
use crate::entry::{Entry, Unreadable, each, tags, text};

/// The instances of a reservation, each on its own: one that cannot be read hides no other.
pub(crate) fn reservation(
    it: types::Reservation,
) -> impl Iterator<Item = Result<Instance, Unreadable>> {
    let (id, owner) = (it.reservation_id, it.owner_id);
    let instances = it.instances.unwrap_or_default().into_iter();
    instances.map(move |it| instance(it, id.clone(), owner.clone()))
}

fn instance(
    it: types::Instance,
    reservation: Option<String>,
    owner: Option<String>,
) -> Result<Instance, Unreadable> {
    let entry = Entry::new(Kind::Instance, it.instance_id());
    let kind = entry.required("InstanceType", it.instance_type)?;
    let state = entry.required("State", it.state)?;
    Ok(Instance {
        instance_id: entry.parsed("InstanceId", it.instance_id)?,
        image_id: entry.optional("ImageId", it.image_id)?,
        instance_type: kind.as_str().into(),
        state: InstanceState {
            code: entry.natural("State.Code", state.code)?.unwrap_or_default(),
            name: entry.required("State.Name", state.name)?.as_str().into(),
        },
        vpc_id: entry.optional("VpcId", it.vpc_id)?,
        subnet_id: entry.optional("SubnetId", it.subnet_id)?,
        placement: placement(&entry, it.placement)?,
        private_ip_address: text(it.private_ip_address),
        public_ip_address: text(it.public_ip_address),
        private_dns_name: text(it.private_dns_name),
        public_dns_name: text(it.public_dns_name),
        key_name: text(it.key_name),
        launch_time: entry.moment("LaunchTime", it.launch_time)?,
        state_transition_reason: text(it.state_transition_reason),
        state_reason: it.state_reason.map(|it| {
            Box::new(StateReason {
                code: text(it.code),
                message: text(it.message),
            })
        }),
        root_device_name: text(it.root_device_name),
        root_device_type: it.root_device_type.map(|it| it.as_str().into()),
        block_device_mappings: each(it.block_device_mappings, |it| device(&entry, it))?,
        network_interfaces: each(it.network_interfaces, |it| {
            Ok(InstanceInterface {
                network_interface_id: entry
                    .parsed("NetworkInterfaceId", it.network_interface_id)?,
            })
        })?,
        security_groups: groups(&entry, it.security_groups)?,
        instance_lifecycle: it.instance_lifecycle.map(|it| it.as_str().into()),
        architecture: it.architecture.map(|it| it.as_str().into()),
        platform: it.platform.map(|it| it.as_str().into()),
        monitoring: monitoring(it.monitoring),
        ebs_optimized: it.ebs_optimized.unwrap_or_default(),
        private_dns_name_options: it.private_dns_name_options.map(|it| PrivateDnsNameOptions {
            hostname_type: it
                .hostname_type
                .map(|it| it.as_str().into())
                .unwrap_or_default(),
            enable_resource_name_dns_a_record: it
                .enable_resource_name_dns_a_record
                .unwrap_or_default(),
            enable_resource_name_dns_aaaa_record: it
                .enable_resource_name_dns_aaaa_record
                .unwrap_or_default(),
        }),
        reservation_id: text(reservation),
        owner_id: text(owner),
        // Attributes that describe answers do not carry.
        disable_api_termination: None,
        disable_api_stop: None,
        capacity_reservation_id: entry
            .optional("CapacityReservationId", it.capacity_reservation_id)?,
        capacity_reservation_specification: it.capacity_reservation_specification.map(|it| {
            Box::new(CapacityReservationSpecification {
                capacity_reservation_preference: it
                    .capacity_reservation_preference
                    .map(|it| it.as_str().into()),
                capacity_reservation_target: it.capacity_reservation_target.map(|it| {
                    CapacityReservationTarget {
                        capacity_reservation_id: text(it.capacity_reservation_id),
                    }
                }),
            })
        }),
        spot_instance_request_id: text(it.spot_instance_request_id),
        iam_instance_profile: it.iam_instance_profile.map(|it| {
            Box::new(IamInstanceProfile {
                arn: it.arn.unwrap_or_default().into(),
                id: text(it.id),
            })
        }),
        metadata_options: it.metadata_options.map(|it| Box::new(metadata(it))),
        maintenance_options: it.maintenance_options.map(|it| {
            Box::new(MaintenanceOptions {
                auto_recovery: it.auto_recovery.map(|it| it.as_str().into()),
                reboot_migration: it.reboot_migration.map(|it| it.as_str().into()),
            })
        }),
        hibernation_options: it.hibernation_options.map(|it| HibernationOptions {
            configured: it.configured.unwrap_or_default(),
        }),
        enclave_options: it.enclave_options.map(|it| EnclaveOptions {
            enabled: it.enabled.unwrap_or_default(),
        }),
        tags: tags(it.tags),
    })
}

fn placement(entry: &Entry, placement: Option<types::Placement>) -> Result<Placement, Unreadable> {
    let Some(it) = placement else {
        return Ok(Placement::default());
    };
    Ok(Placement {
        availability_zone: entry.optional("AvailabilityZone", it.availability_zone)?,
        group_name: text(it.group_name),
        tenancy: it.tenancy.map(|it| it.as_str().into()),
        group_id: entry.optional("Placement.GroupId", it.group_id)?,
        partition_number: entry.natural("Placement.PartitionNumber", it.partition_number)?,
        host_id: entry.optional("Placement.HostId", it.host_id)?,
        affinity: text(it.affinity),
    })
}

fn metadata(it: types::InstanceMetadataOptionsResponse) -> MetadataOptions {
    MetadataOptions {
        state: it.state.map(|it| it.as_str().into()),
        http_tokens: it.http_tokens.map(|it| it.as_str().into()),
        http_put_response_hop_limit: it.http_put_response_hop_limit.map(i64::from),
        http_endpoint: it.http_endpoint.map(|it| it.as_str().into()),
        http_protocol_ipv6: it.http_protocol_ipv6.map(|it| it.as_str().into()),
        instance_metadata_tags: it.instance_metadata_tags.map(|it| it.as_str().into()),
    }
}

fn monitoring(monitoring: Option<types::Monitoring>) -> Option<Monitoring> {
    let state = monitoring?.state?;
    Some(Monitoring {
        state: state.as_str().into(),
    })
}

fn device(
    entry: &Entry,
    it: types::InstanceBlockDeviceMapping,
) -> Result<InstanceBlockDevice, Unreadable> {
    let ebs = it.ebs.map(|ebs| {
        Ok(InstanceEbs {
            volume_id: entry.parsed("VolumeId", ebs.volume_id)?,
            status: ebs.status.map(|it| it.as_str().into()),
            attach_time: entry.moment("AttachTime", ebs.attach_time)?,
            delete_on_termination: ebs.delete_on_termination.unwrap_or_default(),
        })
    });
    Ok(InstanceBlockDevice {
        device_name: entry.required("DeviceName", text(it.device_name))?,
        ebs: ebs.transpose()?,
    })
}

pub(crate) fn image(it: types::Image) -> Result<Image, Unreadable> {
    let entry = Entry::new(Kind::Image, it.image_id());
    Ok(Image {
        image_id: entry.parsed("ImageId", it.image_id)?,
        name: text(it.name),
        description: text(it.description),
        state: it.state.map_or("available".into(), |it| it.as_str().into()),
        owner_id: text(it.owner_id),
        image_owner_alias: text(it.image_owner_alias),
        public: it.public.unwrap_or_default(),
        creation_date: entry.optional("CreationDate", it.creation_date)?,
        architecture: it.architecture.map(|it| it.as_str().into()),
        image_type: it.image_type.map(|it| it.as_str().into()),
        root_device_name: text(it.root_device_name),
        root_device_type: it.root_device_type.map(|it| it.as_str().into()),
        virtualization_type: it.virtualization_type.map(|it| it.as_str().into()),
        block_device_mappings: each(it.block_device_mappings, |it| image_device(&entry, it))?,
        last_launched_time: entry.optional("LastLaunchedTime", it.last_launched_time)?,
        deprecation_time: entry.optional("DeprecationTime", it.deprecation_time)?,
        deregistration_protection: text(it.deregistration_protection),
        source_image_id: entry.optional("SourceImageId", it.source_image_id)?,
        source_image_region: text(it.source_image_region),
        source_instance_id: entry.optional("SourceInstanceId", it.source_instance_id)?,
        platform: it.platform.map(|it| it.as_str().into()),
        ena_support: it.ena_support,
        sriov_net_support: text(it.sriov_net_support),
        boot_mode: it.boot_mode.map(|it| it.as_str().into()),
        tpm_support: it.tpm_support.map(|it| it.as_str().into()),
        imds_support: it.imds_support.map(|it| it.as_str().into()),
        tags: tags(it.tags),
    })
}

fn image_device(
    entry: &Entry,
    it: types::BlockDeviceMapping,
) -> Result<ImageBlockDevice, Unreadable> {
    let ebs = it.ebs.map(|ebs| {
        Ok(ImageEbs {
            snapshot_id: entry.optional("SnapshotId", ebs.snapshot_id)?,
            volume_size: entry.natural("VolumeSize", ebs.volume_size)?,
            volume_type: ebs.volume_type.map(|it| it.as_str().into()),
            iops: entry.natural("Iops", ebs.iops)?,
            throughput: entry.natural("Throughput", ebs.throughput)?,
            delete_on_termination: ebs.delete_on_termination,
            encrypted: ebs.encrypted,
        })
    });
    Ok(ImageBlockDevice {
        device_name: text(it.device_name),
        no_device: text(it.no_device),
        virtual_name: text(it.virtual_name),
        ebs: ebs.transpose()?,
    })
}
