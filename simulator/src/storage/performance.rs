//! Size, IO operations and throughput of a volume: what goes together.
//!
//! The limits are those of the table "Amazon EBS volume types" of the EBS user guide
//! (<https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html>).

use sandtable_model::resource::VolumeType;

use crate::ApiError;
use crate::rules::{invalid_combination, invalid_value};

/// What a volume is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Performance {
    pub(crate) volume_type: VolumeType,
    /// GiB.
    pub(crate) size: u32,
    /// IO operations a second.
    pub(crate) iops: Option<u32>,
    /// MiB a second.
    pub(crate) throughput: Option<u32>,
}

struct Limits {
    size: (u32, u32),
    /// The range that may be asked for; `None` when it may not.
    iops: Option<(u32, u32)>,
}

const GP3_IOPS: u32 = 3000;
const GP3_THROUGHPUT: u32 = 125;
const GP3_THROUGHPUT_MAX: u32 = 1000;

fn limits(volume_type: &VolumeType) -> Option<Limits> {
    let (size, iops) = match volume_type {
        VolumeType::Standard => ((1, 1024), None),
        VolumeType::Gp2 => ((1, 16_384), None),
        VolumeType::Gp3 => ((1, 16_384), Some((GP3_IOPS, 16_000))),
        VolumeType::Io1 => ((4, 16_384), Some((100, 64_000))),
        VolumeType::Io2 => ((4, 65_536), Some((100, 256_000))),
        VolumeType::St1 | VolumeType::Sc1 => ((125, 16_384), None),
        VolumeType::Other(_) => return None,
    };
    Some(Limits { size, iops })
}

impl Performance {
    /// Checks what was asked for and fills in the type's baselines.
    ///
    /// # Errors
    /// `UnknownVolumeType`, `MissingParameter`, `InvalidParameterValue`, `InvalidParameterCombination`.
    pub(crate) fn checked(self) -> Result<Self, ApiError> {
        let name = self.volume_type.as_str().to_owned();
        let limits = limits(&self.volume_type).ok_or_else(|| {
            ApiError::new(
                "UnknownVolumeType",
                format!("Unsupported volume type '{name}' for volume creation."),
            )
        })?;
        self.check_size(limits.size)?;
        let iops = self.checked_iops(limits.iops)?;
        let throughput = self.checked_throughput()?;
        Ok(Performance {
            iops,
            throughput,
            ..self
        })
    }

    fn check_size(&self, (least, most): (u32, u32)) -> Result<(), ApiError> {
        let size = self.size;
        if size < least {
            return Err(invalid_value(format!(
                "Volume of {size}GiB is too small; minimum is {least}GiB."
            )));
        }
        if size > most {
            return Err(invalid_value(format!(
                "Volume of {size}GiB is too large for volume type {}; maximum is {most}GiB.",
                self.volume_type
            )));
        }
        Ok(())
    }

    fn checked_iops(&self, range: Option<(u32, u32)>) -> Result<Option<u32>, ApiError> {
        let name = &self.volume_type;
        match (range, self.iops) {
            (None, Some(_)) => Err(invalid_combination(format!(
                "The parameter iops is not supported for {name} volumes."
            ))),
            (None, None) if *name == VolumeType::Gp2 => {
                Ok(Some(self.size.saturating_mul(3).clamp(100, 16_000)))
            }
            (None, None) => Ok(None),
            (Some(_), None) if *name == VolumeType::Gp3 => Ok(Some(GP3_IOPS)),
            (Some(_), None) => Err(ApiError::new(
                "MissingParameter",
                "The request must contain the parameter iops",
            )),
            (Some((least, most)), Some(iops)) if (least..=most).contains(&iops) => Ok(Some(iops)),
            (Some((least, most)), Some(iops)) => Err(invalid_value(format!(
                "Volume iops of {iops} is out of range for {name} volumes; it must be between {least} and {most}."
            ))),
        }
    }

    fn checked_throughput(&self) -> Result<Option<u32>, ApiError> {
        let is_gp3 = self.volume_type == VolumeType::Gp3;
        match self.throughput {
            None => Ok(is_gp3.then_some(GP3_THROUGHPUT)),
            Some(_) if !is_gp3 => Err(invalid_combination(format!(
                "The parameter throughput is not supported for {} volumes.",
                self.volume_type
            ))),
            Some(wanted) if (GP3_THROUGHPUT..=GP3_THROUGHPUT_MAX).contains(&wanted) => {
                Ok(Some(wanted))
            }
            Some(wanted) => Err(invalid_value(format!(
                "Volume throughput of {wanted} is out of range; it must be between {GP3_THROUGHPUT} and {GP3_THROUGHPUT_MAX}."
            ))),
        }
    }
}
