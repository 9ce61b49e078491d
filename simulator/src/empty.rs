//! An account in which nobody has done anything yet.

use sandtable_model::resource::{Image, ImageBlockDevice, ImageEbs, VolumeType};
use sandtable_model::{AccountId, ImageId, Region, Snapshot, Tags, Timestamp};

use crate::{IdSource, Twin, TwinOptions, network};

/// The public images that every Region has, as far as the twin goes: name, architecture, root device,
/// GiB.
const IMAGES: &[(&str, &str, &str, u32)] = &[
    (
        "al2023-ami-2023.6.20241121.0-kernel-6.1-x86_64",
        "x86_64",
        "/dev/xvda",
        8,
    ),
    (
        "al2023-ami-2023.6.20241121.0-kernel-6.1-arm64",
        "arm64",
        "/dev/xvda",
        8,
    ),
];

/// The account that Amazon's own images belong to.
const AMAZON: &str = "137112412989";

impl Twin {
    /// A twin of an account without anything but the default VPC of each Region that is asked for
    /// (172.31.0.0/16, a subnet in each of three zones, an internet gateway, the main route table, the
    /// default security group) and Amazon's public images.
    pub fn empty(account: AccountId, start: Timestamp, options: TwinOptions) -> Self {
        let snapshot = Snapshot::new(account, start, "an empty account");
        let mut twin = Twin::from_snapshot(&snapshot, options);
        twin.grows = true;
        twin
    }

    /// Makes a Region's default VPC, if this is an empty account and the Region was not asked for
    /// before. It counts as having been there always: it is no difference, and its ids depend on the
    /// seed and the Region alone.
    pub fn ensure_region(&mut self, region: &Region) {
        if !self.grows || self.state.regions().any(|it| it == region) {
            return;
        }
        self.state.add_region(region);
        let aside = self.state.set_aside();
        let stretch = self.stretch.take();
        let ids = std::mem::replace(&mut self.ids, source_of(self.options.seed, region));
        self.add_images(region);
        let ctx = self.context(region);
        network::create_default_vpc(self, &ctx, network::CreateDefaultVpcRequest::default())
            .expect("an untouched Region has room for its default VPC");
        self.ids = ids;
        self.stretch = stretch;
        self.state.settle();
        self.state.put_back(aside);
    }

    fn add_images(&mut self, region: &Region) {
        for (name, architecture, root, size) in IMAGES {
            let ebs = ImageEbs {
                volume_size: Some(*size),
                volume_type: Some(VolumeType::Gp3),
                iops: Some(3000),
                throughput: Some(125),
                delete_on_termination: Some(true),
                encrypted: Some(false),
                snapshot_id: None,
            };
            let image = Image {
                image_id: self.fresh(ImageId::from_number),
                name: Some((*name).into()),
                description: None,
                state: "available".into(),
                owner_id: Some(AMAZON.into()),
                image_owner_alias: Some("amazon".into()),
                public: true,
                creation_date: None,
                architecture: Some((*architecture).into()),
                image_type: Some("machine".into()),
                root_device_name: Some((*root).into()),
                root_device_type: Some("ebs".into()),
                virtualization_type: Some("hvm".into()),
                block_device_mappings: vec![ImageBlockDevice {
                    device_name: Some((*root).into()),
                    ebs: Some(ebs),
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
            self.state.insert(region, image);
        }
    }
}

/// The seed and the Region's name in one number (FNV-1a).
fn source_of(seed: u64, region: &Region) -> IdSource {
    let name = region
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
    IdSource::new(seed ^ name)
}
