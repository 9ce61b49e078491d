//! Instance types: figures of the common families, and what follows from them.
//!
//! The table is data, taken from AWS's own answers by `simulator/tools/instance_types.py`, which
//! documents its columns and where they come from. Instances of other types can be launched, too: a
//! type that the table does not have is a name to the twin. What needs its figures then refuses.

mod describe;
mod offerings;

pub use describe::{DescribeInstanceTypesRequest, DescribedTypes, describe_instance_types};
pub use offerings::{
    DescribeInstanceTypeOfferingsRequest, DescribedOfferings, Offering,
    describe_instance_type_offerings,
};

use std::sync::OnceLock;

use sandtable_model::resource::Image;

use crate::ApiError;
use crate::rules::invalid_value;

const TEXT: &str = include_str!("types.txt");

/// An instance type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Type {
    pub(crate) name: &'static str,
    pub(crate) virtual_cpus: u32,
    pub(crate) cores: Option<u32>,
    pub(crate) threads_per_core: Option<u32>,
    /// MiB.
    pub(crate) memory: u64,
    pub(crate) architectures: Vec<&'static str>,
    /// GHz, as AWS writes it.
    pub(crate) clock: Option<&'static str>,
    pub(crate) network: String,
    pub(crate) interfaces: u32,
    pub(crate) ipv4_per_interface: u32,
    pub(crate) ipv6_per_interface: u32,
    pub(crate) ena: &'static str,
    pub(crate) ebs_optimized: &'static str,
    /// Mbit/s to EBS: always, at times.
    pub(crate) ebs_bandwidth: Option<(u32, u32)>,
    pub(crate) nvme: &'static str,
    pub(crate) disks: Vec<Disk>,
    pub(crate) usage: Vec<&'static str>,
    pub(crate) boot_modes: Vec<&'static str>,
    pub(crate) hypervisor: Option<&'static str>,
    flags: &'static str,
}

/// Disks of the instance store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Disk {
    pub(crate) count: u32,
    /// GB of each.
    pub(crate) size: u32,
    pub(crate) kind: &'static str,
}

impl Type {
    pub(crate) fn is_current(&self) -> bool {
        self.flags.contains('c')
    }

    /// Whether it saves CPU credits.
    pub(crate) fn is_burstable(&self) -> bool {
        self.flags.contains('b')
    }

    pub(crate) fn is_bare_metal(&self) -> bool {
        self.flags.contains('m')
    }

    pub(crate) fn hibernates(&self) -> bool {
        self.flags.contains('h')
    }

    pub(crate) fn has_hosts(&self) -> bool {
        self.flags.contains('d')
    }

    pub(crate) fn recovers(&self) -> bool {
        self.flags.contains('r')
    }

    pub(crate) fn has_enclaves(&self) -> bool {
        self.flags.contains('e')
    }

    pub(crate) fn encrypts_traffic(&self) -> bool {
        self.flags.contains('i')
    }

    /// The strategies of placement groups that take it.
    pub(crate) fn strategies(&self) -> &'static [&'static str] {
        match self.flags.contains('p') {
            true => &["cluster", "partition", "spread"],
            false => &["partition", "spread"],
        }
    }

    /// What stands before the point.
    pub(crate) fn family(&self) -> &'static str {
        family(self.name)
    }
}

/// What stands before the point of a type's name.
pub(crate) fn family(name: &str) -> &str {
    name.split_once('.').map_or(name, |(family, _)| family)
}

/// The types of the table, by name.
pub(crate) fn all() -> &'static [Type] {
    static ALL: OnceLock<Vec<Type>> = OnceLock::new();
    ALL.get_or_init(|| {
        let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
        let mut types: Vec<Type> = lines.map(read).collect();
        types.sort_unstable_by_key(|it| it.name);
        types
    })
}

/// The type of this name, if the table has it.
pub(crate) fn find(name: &str) -> Option<&'static Type> {
    let types = all();
    let index = types.binary_search_by_key(&name, |it| it.name).ok()?;
    types.get(index)
}

/// A line of the table. Cells that cannot be read count as nothing; a test looks that there are none.
fn read(line: &'static str) -> Type {
    let mut cells = line.split(' ').map(|cell| match cell {
        "-" => "",
        cell => cell,
    });
    let mut next = || cells.next().unwrap_or_default();
    let number = |text: &str| text.parse().unwrap_or_default();
    let some = |text: &'static str| Some(text).filter(|it| !it.is_empty());
    let list = |text: &'static str| -> Vec<&'static str> {
        text.split(',').filter(|it| !it.is_empty()).collect()
    };
    Type {
        name: next(),
        virtual_cpus: number(next()),
        cores: next().parse().ok(),
        threads_per_core: next().parse().ok(),
        memory: next().parse().unwrap_or_default(),
        architectures: list(next()),
        clock: some(next()),
        network: next().replace('_', " "),
        interfaces: number(next()),
        ipv4_per_interface: number(next()),
        ipv6_per_interface: number(next()),
        ena: next(),
        ebs_optimized: next(),
        ebs_bandwidth: next()
            .split_once('/')
            .map(|(always, at_times)| (number(always), number(at_times))),
        nvme: next(),
        disks: list(next()).into_iter().filter_map(disk).collect(),
        usage: list(next()),
        boot_modes: list(next()),
        hypervisor: some(next()),
        flags: next(),
    }
}

/// `2x900ssd`.
fn disk(text: &'static str) -> Option<Disk> {
    let (count, rest) = text.split_once('x')?;
    let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
    let (size, kind) = rest.split_at_checked(digits)?;
    Some(Disk {
        count: count.parse().ok()?,
        size: size.parse().ok()?,
        kind,
    })
}

/// Refuses what is not the name of a type: family, point, size.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn check(name: &str) -> Result<(), ApiError> {
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match name.split_once('.') {
        Some((family, size)) if plain(family) && plain(size) => Ok(()),
        _ => Err(invalid_value(format!(
            "Invalid value '{name}' for InstanceType."
        ))),
    }
}

/// Refuses an image that a type cannot run; those of which nothing is known pass.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn check_architecture(name: &str, image: &Image) -> Result<(), ApiError> {
    let (Some(found), Some(wanted)) = (find(name), image.architecture.as_deref()) else {
        return Ok(());
    };
    if found.architectures.contains(&wanted) {
        return Ok(());
    }
    Err(invalid_value(format!(
        "The architecture '{}' of the specified instance type does not match the architecture '{wanted}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.",
        found.architectures.join(",")
    )))
}

/// The refusal of what needs figures that the table does not have.
pub(super) fn without_figures(name: &str, what: &str) -> ApiError {
    ApiError::new(
        "UnsupportedOperation",
        format!("The twin does not know the figures of {name}, which {what} needs."),
    )
}
