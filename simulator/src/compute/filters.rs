//! The filters of `DescribeInstances` and `DescribeInstanceStatus` (EC2 API reference).

use sandtable_model::resource::{
    Instance, InstanceEbs, InstanceStateName, InterfaceAssociation, MetadataOptions,
    NetworkInterface,
};

use crate::State;
use crate::rules::FilterTable;

fn disks(instance: &Instance, mut visit: impl FnMut(&str, &InstanceEbs)) {
    for device in &instance.block_device_mappings {
        if let Some(ebs) = &device.ebs {
            visit(&device.device_name, ebs);
        }
    }
}

fn interfaces(state: &State, instance: &Instance, mut visit: impl FnMut(&NetworkInterface)) {
    for it in &instance.network_interfaces {
        if let Some(interface) = state.one::<NetworkInterface>(&it.network_interface_id) {
            visit(interface);
        }
    }
}

fn associations(state: &State, instance: &Instance, mut visit: impl FnMut(&InterfaceAssociation)) {
    interfaces(state, instance, |it| {
        it.association.as_deref().into_iter().for_each(&mut visit)
    });
}

fn metadata(
    instance: &Instance,
    member: impl Fn(&MetadataOptions) -> Option<&str>,
    out: &mut dyn FnMut(&str),
) {
    let options = instance.metadata_options.as_deref();
    options.and_then(member).into_iter().for_each(out);
}

/// AWS's number for a state is shown and filtered in decimal.
fn code(state: &InstanceStateName) -> String {
    state.code().to_string()
}

pub(super) const INSTANCE: FilterTable<Instance> = &[
    ("architecture", |_, it, out| {
        it.architecture.iter().for_each(|it| out(it))
    }),
    ("availability-zone", |_, it, out| {
        it.placement
            .availability_zone
            .iter()
            .for_each(|it| out(it.as_str()));
    }),
    ("block-device-mapping.attach-time", |_, it, out| {
        disks(it, |_, ebs| {
            ebs.attach_time.iter().for_each(|at| out(&at.to_wire()))
        });
    }),
    (
        "block-device-mapping.delete-on-termination",
        |_, it, out| {
            disks(it, |_, ebs| out(&ebs.delete_on_termination.to_string()));
        },
    ),
    ("block-device-mapping.device-name", |_, it, out| {
        disks(it, |name, _| out(name))
    }),
    ("block-device-mapping.status", |_, it, out| {
        disks(it, |_, ebs| ebs.status.iter().for_each(|it| out(it)));
    }),
    ("block-device-mapping.volume-id", |_, it, out| {
        disks(it, |_, ebs| out(ebs.volume_id.as_str()));
    }),
    ("dns-name", |_, it, out| {
        it.public_dns_name.iter().for_each(|it| out(it))
    }),
    ("image-id", |_, it, out| {
        it.image_id.iter().for_each(|it| out(it.as_str()))
    }),
    ("instance-id", |_, it, out| out(it.instance_id.as_str())),
    ("instance-lifecycle", |_, it, out| {
        it.instance_lifecycle.iter().for_each(|it| out(it));
    }),
    ("instance-state-code", |_, it, out| {
        out(&code(&it.state.name))
    }),
    ("instance-state-name", |_, it, out| {
        out(it.state.name.as_str())
    }),
    ("instance-type", |_, it, out| out(&it.instance_type)),
    ("instance.group-id", |_, it, out| {
        it.security_groups
            .iter()
            .for_each(|it| out(it.group_id.as_str()));
    }),
    ("instance.group-name", |_, it, out| {
        it.security_groups
            .iter()
            .filter_map(|it| it.group_name.as_deref())
            .for_each(out);
    }),
    ("ip-address", |_, it, out| {
        it.public_ip_address.iter().for_each(|it| out(it))
    }),
    ("key-name", |_, it, out| {
        it.key_name.iter().for_each(|it| out(it))
    }),
    ("launch-time", |_, it, out| {
        it.launch_time.iter().for_each(|it| out(&it.to_wire()))
    }),
    ("monitoring-state", |_, it, out| {
        it.monitoring.iter().for_each(|it| out(&it.state))
    }),
    (
        "network-interface.addresses.private-ip-address",
        |state, it, out| {
            interfaces(state, it, |it| {
                it.private_ip_addresses
                    .iter()
                    .for_each(|it| out(&it.private_ip_address));
            });
        },
    ),
    (
        "network-interface.addresses.association.public-ip",
        |state, it, out| {
            associations(state, it, |it| it.public_ip.iter().for_each(|it| out(it)));
        },
    ),
    (
        "network-interface.association.public-ip",
        |state, it, out| {
            associations(state, it, |it| it.public_ip.iter().for_each(|it| out(it)));
        },
    ),
    (
        "network-interface.association.allocation-id",
        |state, it, out| {
            associations(state, it, |it| {
                it.allocation_id.iter().for_each(|it| out(it.as_str()))
            });
        },
    ),
    (
        "network-interface.attachment.attachment-id",
        |state, it, out| {
            interfaces(state, it, |it| {
                let attachment = it.attachment.iter();
                attachment
                    .filter_map(|it| it.attachment_id.as_deref())
                    .for_each(&mut *out);
            });
        },
    ),
    ("network-interface.description", |state, it, out| {
        interfaces(state, it, |it| out(&it.description));
    }),
    ("network-interface.group-id", |state, it, out| {
        interfaces(state, it, |it| {
            it.groups.iter().for_each(|it| out(it.group_id.as_str()))
        });
    }),
    ("network-interface.network-interface-id", |_, it, out| {
        it.network_interfaces
            .iter()
            .for_each(|it| out(it.network_interface_id.as_str()));
    }),
    ("network-interface.status", |state, it, out| {
        interfaces(state, it, |it| out(it.status.as_str()));
    }),
    ("network-interface.subnet-id", |state, it, out| {
        interfaces(state, it, |it| out(it.subnet_id.as_str()));
    }),
    ("network-interface.vpc-id", |state, it, out| {
        interfaces(state, it, |it| out(it.vpc_id.as_str()));
    }),
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it))
    }),
    ("placement-group-name", |_, it, out| {
        it.placement.group_name.iter().for_each(|it| out(it));
    }),
    ("platform", |_, it, out| {
        it.platform.iter().for_each(|it| out(it))
    }),
    ("private-dns-name", |_, it, out| {
        it.private_dns_name.iter().for_each(|it| out(it))
    }),
    ("private-ip-address", |_, it, out| {
        it.private_ip_address.iter().for_each(|it| out(it))
    }),
    ("reservation-id", |_, it, out| {
        it.reservation_id.iter().for_each(|it| out(it))
    }),
    ("root-device-name", |_, it, out| {
        it.root_device_name.iter().for_each(|it| out(it))
    }),
    ("root-device-type", |_, it, out| {
        it.root_device_type.iter().for_each(|it| out(it))
    }),
    ("state-reason-code", |_, it, out| {
        it.state_reason
            .iter()
            .filter_map(|it| it.code.as_deref())
            .for_each(out);
    }),
    ("affinity", |_, it, out| {
        it.placement.affinity.iter().for_each(|it| out(it))
    }),
    ("capacity-reservation-id", |_, it, out| {
        let id = it.capacity_reservation_id.iter();
        id.for_each(|it| out(it.as_str()));
    }),
    (
        "capacity-reservation-specification.capacity-reservation-preference",
        |_, it, out| {
            let asked = it.capacity_reservation_specification.iter();
            let preference = asked.flat_map(|it| &it.capacity_reservation_preference);
            preference.for_each(|it| out(it));
        },
    ),
    (
        "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id",
        |_, it, out| {
            let asked = it.capacity_reservation_specification.iter();
            let target = asked.flat_map(|it| &it.capacity_reservation_target);
            let id = target.flat_map(|it| &it.capacity_reservation_id);
            id.for_each(|it| out(it));
        },
    ),
    ("ebs-optimized", |_, it, out| {
        out(&it.ebs_optimized.to_string())
    }),
    ("enclave-options.enabled", |_, it, out| {
        let options = it.enclave_options.iter();
        options.for_each(|it| out(&it.enabled.to_string()));
    }),
    ("hibernation-options.configured", |_, it, out| {
        let options = it.hibernation_options.iter();
        options.for_each(|it| out(&it.configured.to_string()));
    }),
    ("host-id", |_, it, out| {
        let id = it.placement.host_id.iter();
        id.for_each(|it| out(it.as_str()));
    }),
    ("iam-instance-profile.arn", |_, it, out| {
        let profile = it.iam_instance_profile.iter();
        profile.for_each(|it| out(&it.arn));
    }),
    ("iam-instance-profile.id", |_, it, out| {
        let profile = it.iam_instance_profile.iter();
        profile.flat_map(|it| &it.id).for_each(|it| out(it));
    }),
    ("maintenance-options.auto-recovery", |_, it, out| {
        let options = it.maintenance_options.iter();
        let recovery = options.flat_map(|it| &it.auto_recovery);
        recovery.for_each(|it| out(it));
    }),
    ("metadata-options.http-endpoint", |_, it, out| {
        metadata(it, |it| it.http_endpoint.as_deref(), out);
    }),
    ("metadata-options.http-protocol-ipv6", |_, it, out| {
        metadata(it, |it| it.http_protocol_ipv6.as_deref(), out);
    }),
    (
        "metadata-options.http-put-response-hop-limit",
        |_, it, out| {
            let options = it.metadata_options.iter();
            let limit = options.filter_map(|it| it.http_put_response_hop_limit);
            limit.for_each(|it| out(&it.to_string()));
        },
    ),
    ("metadata-options.http-tokens", |_, it, out| {
        metadata(it, |it| it.http_tokens.as_deref(), out);
    }),
    ("metadata-options.instance-metadata-tags", |_, it, out| {
        metadata(it, |it| it.instance_metadata_tags.as_deref(), out);
    }),
    ("metadata-options.state", |_, it, out| {
        metadata(it, |it| it.state.as_deref(), out);
    }),
    ("placement-partition-number", |_, it, out| {
        let number = it.placement.partition_number.iter();
        number.for_each(|it| out(&it.to_string()));
    }),
    ("spot-instance-request-id", |_, it, out| {
        it.spot_instance_request_id.iter().for_each(|it| out(it));
    }),
    ("subnet-id", |_, it, out| {
        it.subnet_id.iter().for_each(|it| out(it.as_str()))
    }),
    ("tenancy", |_, it, out| {
        it.placement.tenancy.iter().for_each(|it| out(it))
    }),
    ("vpc-id", |_, it, out| {
        it.vpc_id.iter().for_each(|it| out(it.as_str()))
    }),
];

/// What the twin's running instances show for their health.
fn health(instance: &Instance) -> &'static str {
    match instance.state.name {
        InstanceStateName::Running => "ok",
        _ => "not-applicable",
    }
}

pub(super) const STATUS: FilterTable<Instance> = &[
    ("availability-zone", |_, it, out| {
        it.placement
            .availability_zone
            .iter()
            .for_each(|it| out(it.as_str()));
    }),
    ("instance-state-code", |_, it, out| {
        out(&code(&it.state.name))
    }),
    ("instance-state-name", |_, it, out| {
        out(it.state.name.as_str())
    }),
    ("instance-status.reachability", |_, it, out| {
        if health(it) == "ok" {
            out("passed");
        }
    }),
    ("instance-status.status", |_, it, out| out(health(it))),
    ("system-status.reachability", |_, it, out| {
        if health(it) == "ok" {
            out("passed");
        }
    }),
    ("system-status.status", |_, it, out| out(health(it))),
];
