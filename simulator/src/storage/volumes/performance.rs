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
    /// The most IO operations a second for each GiB.
    ratio: u32,
}

const GP3_IOPS: u32 = 3000;
const GP3_THROUGHPUT: u32 = 125;
const GP3_THROUGHPUT_MAX: u32 = 2000;
/// The IO operations a second that gp3 needs for each MiB a second.
const GP3_IOPS_PER_THROUGHPUT: u32 = 4;

fn limits(volume_type: &VolumeType) -> Option<Limits> {
    let (size, iops, ratio) = match volume_type {
        VolumeType::Standard => ((1, 1024), None, 0),
        VolumeType::Gp2 => ((1, 16_384), None, 0),
        VolumeType::Gp3 => ((1, 65_536), Some((GP3_IOPS, 80_000)), 500),
        VolumeType::Io1 => ((4, 16_384), Some((100, 64_000)), 50),
        VolumeType::Io2 => ((4, 65_536), Some((100, 256_000)), 1000),
        VolumeType::St1 | VolumeType::Sc1 => ((125, 16_384), None, 0),
        VolumeType::Other(_) => return None,
    };
    Some(Limits { size, iops, ratio })
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
        self.check_ratio(iops.filter(|_| limits.iops.is_some()), limits.ratio)?;
        let throughput = self.checked_throughput(iops)?;
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
            (Some((least, _)), Some(iops)) if iops < least => Err(invalid_value(format!(
                "Volume iops of {iops} is too low; minimum is {least}."
            ))),
            (Some((_, most)), Some(iops)) if iops > most => Err(invalid_value(format!(
                "Volume iops of {iops} is too high; maximum is {most}."
            ))),
            (Some(_), Some(iops)) => Ok(Some(iops)),
        }
    }

    /// The baseline of gp3 is there for any size.
    fn check_ratio(&self, iops: Option<u32>, most: u32) -> Result<(), ApiError> {
        let is_baseline = |iops: &u32| self.volume_type == VolumeType::Gp3 && *iops <= GP3_IOPS;
        match iops.filter(|it| !is_baseline(it)) {
            Some(iops) if iops > most.saturating_mul(self.size) => Err(invalid_value(format!(
                "Iops to volume size ratio of {:.6} is too high; maximum is {most}",
                f64::from(iops) / f64::from(self.size)
            ))),
            _ => Ok(()),
        }
    }

    fn checked_throughput(&self, iops: Option<u32>) -> Result<Option<u32>, ApiError> {
        let is_gp3 = self.volume_type == VolumeType::Gp3;
        match self.throughput {
            None => Ok(is_gp3.then_some(GP3_THROUGHPUT)),
            Some(_) if !is_gp3 => Err(invalid_combination(format!(
                "The parameter throughput is not supported for {} volumes.",
                self.volume_type
            ))),
            Some(wanted) if wanted < GP3_THROUGHPUT => Err(invalid_value(format!(
                "Volume throughput of {wanted} is too low; minimum is {GP3_THROUGHPUT}."
            ))),
            Some(wanted) if wanted > GP3_THROUGHPUT_MAX => Err(invalid_value(format!(
                "Volume throughput of {wanted} is too high; maximum is {GP3_THROUGHPUT_MAX}."
            ))),
            Some(wanted) => match iops {
                Some(iops) if wanted.saturating_mul(GP3_IOPS_PER_THROUGHPUT) > iops => {
                    Err(invalid_value(format!(
                        "Throughput (MiBps) to iops ratio of {:.6} is too high; maximum is 0.250000 MiBps per iops.",
                        f64::from(wanted) / f64::from(iops)
                    )))
                }
                _ => Ok(Some(wanted)),
            },
        }
    }
}
