//! How long things take.

use sandtable_model::Duration;

use crate::connectivity::ConnectivityTimings;

/// How long AWS takes from a call to its final state. Practice figures (facts, ec2-semantics,
/// section 3): AWS promises none of them, so every one can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timings {
    /// A volume from `creating` to `available`.
    pub volume_create: Duration,
    /// A volume from `deleting` to gone.
    pub volume_delete: Duration,
    /// An attachment from `attaching` to `attached`.
    pub volume_attach: Duration,
    /// An attachment from `detaching` to gone.
    pub volume_detach: Duration,
    /// A volume's modification from `modifying` to `optimizing`.
    pub volume_modify: Duration,
    /// A volume's modification from `optimizing` to `completed`.
    pub volume_optimize: Duration,
    /// A snapshot from `pending` to `completed`.
    pub snapshot_create: Duration,
    /// A copy of a snapshot from `pending` to `completed`.
    pub snapshot_copy: Duration,
    /// A snapshot on its way to the archive.
    pub snapshot_archive: Duration,
    /// A snapshot on its way back from the archive; AWS says up to 72 hours.
    pub snapshot_restore: Duration,
    /// A fast restore from `enabling` to `optimizing`, from `disabling` to `disabled`, and from then
    /// until it is no longer listed.
    pub fast_restore_step: Duration,
    /// A fast restore from `optimizing` to `enabled`, for each TiB of the volume.
    pub fast_restore_of_tib: Duration,
    /// An AMI from `pending` to `available`.
    pub image_create: Duration,
    /// A copy of an AMI from `pending` to `available`.
    pub image_copy: Duration,
    /// A task that stores an AMI.
    pub image_store: Duration,
    /// An instance from `pending` to `running`.
    pub instance_start: Duration,
    /// An instance from `stopping` to `stopped`.
    pub instance_stop: Duration,
    /// An instance from `shutting-down` to `terminated`.
    pub instance_terminate: Duration,
    /// An instance's monitoring or metadata options from `pending` to what was asked.
    pub instance_option: Duration,
    /// From `terminated` to the loss of an instance's tags.
    pub tags_fade: Duration,
    /// A placement group from `deleting` to gone.
    pub placement_group_delete: Duration,
    /// An instance profile from `associating` to `associated`, or `disassociating` to gone.
    pub profile_associate: Duration,
    /// A NAT gateway from `pending` to `available`.
    pub nat_create: Duration,
    /// A NAT gateway from `deleting` to `deleted`.
    pub nat_delete: Duration,
    /// A further address of a NAT gateway from `associating` or `assigning` to `succeeded`.
    pub nat_address: Duration,
    /// The check of whether a domain belongs to the owner of an endpoint service.
    pub private_name_check: Duration,
    /// A change of the reverse DNS record of an address from `PENDING` to done.
    pub reverse_dns_change: Duration,
    /// The association of a security group with a VPC from `associating` to `associated`, or
    /// `disassociating` to gone.
    pub group_vpc_change: Duration,
    /// An interface endpoint from `pending` to `available`.
    pub endpoint_create: Duration,
    /// An interface endpoint from `deleting` to `deleted`.
    pub endpoint_delete: Duration,
    /// A network interface's attachment from `attaching` to `attached`, or `detaching` to gone.
    pub interface_attach: Duration,
    /// Peerings, transit gateways and VPNs.
    pub connectivity: ConnectivityTimings,
    /// What takes time in the services beside EC2.
    pub services: crate::services::Timings,
    /// A prefix list from `…-in-progress` to `…-complete` or `…-failed`.
    pub prefix_list_change: Duration,
    /// How long deleted NAT gateways, terminated instances and the like stay described.
    pub lingering: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Timings {
            volume_create: Duration::from_secs(5),
            volume_delete: Duration::from_secs(20),
            volume_attach: Duration::from_secs(3),
            volume_detach: Duration::from_secs(6),
            volume_modify: Duration::from_secs(10),
            volume_optimize: Duration::from_secs(600),
            snapshot_create: Duration::from_secs(120),
            snapshot_copy: Duration::from_secs(300),
            snapshot_archive: Duration::from_secs(6 * 3600),
            snapshot_restore: Duration::from_secs(48 * 3600),
            fast_restore_step: Duration::from_secs(60),
            fast_restore_of_tib: Duration::from_secs(3600),
            image_create: Duration::from_secs(180),
            image_copy: Duration::from_secs(420),
            image_store: Duration::from_secs(600),
            instance_start: Duration::from_secs(20),
            instance_stop: Duration::from_secs(45),
            instance_terminate: Duration::from_secs(45),
            instance_option: Duration::from_secs(5),
            tags_fade: Duration::from_secs(900),
            placement_group_delete: Duration::from_secs(5),
            profile_associate: Duration::from_secs(5),
            nat_create: Duration::from_secs(120),
            nat_delete: Duration::from_secs(60),
            nat_address: Duration::from_secs(30),
            private_name_check: Duration::from_secs(300),
            reverse_dns_change: Duration::from_secs(120),
            group_vpc_change: Duration::from_secs(5),
            endpoint_create: Duration::from_secs(90),
            endpoint_delete: Duration::from_secs(180),
            interface_attach: Duration::from_secs(3),
            connectivity: ConnectivityTimings::default(),
            services: crate::services::Timings::default(),
            prefix_list_change: Duration::from_secs(5),
            lingering: Duration::from_secs(3600),
        }
    }
}

impl Timings {
    /// Nothing takes time, but deleted resources still linger for as long as AWS shows them.
    pub fn instant() -> Self {
        Timings {
            volume_create: Duration::ZERO,
            volume_delete: Duration::ZERO,
            volume_attach: Duration::ZERO,
            volume_detach: Duration::ZERO,
            volume_modify: Duration::ZERO,
            volume_optimize: Duration::ZERO,
            snapshot_create: Duration::ZERO,
            snapshot_copy: Duration::ZERO,
            snapshot_archive: Duration::ZERO,
            snapshot_restore: Duration::ZERO,
            fast_restore_step: Duration::ZERO,
            fast_restore_of_tib: Duration::ZERO,
            image_create: Duration::ZERO,
            image_copy: Duration::ZERO,
            image_store: Duration::ZERO,
            instance_start: Duration::ZERO,
            instance_stop: Duration::ZERO,
            instance_terminate: Duration::ZERO,
            instance_option: Duration::ZERO,
            tags_fade: Duration::from_secs(900),
            placement_group_delete: Duration::ZERO,
            profile_associate: Duration::ZERO,
            nat_create: Duration::ZERO,
            nat_delete: Duration::ZERO,
            nat_address: Duration::ZERO,
            private_name_check: Duration::ZERO,
            reverse_dns_change: Duration::ZERO,
            group_vpc_change: Duration::ZERO,
            endpoint_create: Duration::ZERO,
            endpoint_delete: Duration::ZERO,
            interface_attach: Duration::ZERO,
            connectivity: ConnectivityTimings::instant(),
            services: crate::services::Timings::instant(),
            prefix_list_change: Duration::ZERO,
            lingering: Duration::from_secs(3600),
        }
    }
}
