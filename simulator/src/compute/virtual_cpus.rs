//! The quota of virtual CPUs, where it is switched on.

use sandtable_model::resource::{Instance, InstanceStateName};

use super::choices::VirtualCpus;
use super::types;
use crate::{ApiError, Ctx, Twin};

/// Checks that `count` more instances of a type may run on demand (facts, ec2-semantics, section 5;
/// `VcpuLimitExceeded`). A type without figures counts nothing.
///
/// # Errors
/// `VcpuLimitExceeded`.
pub(super) fn check(twin: &Twin, ctx: &Ctx, name: &str, count: u32) -> Result<(), ApiError> {
    let Some(limits) = &twin.compute.choices.virtual_cpus_on_demand else {
        return Ok(());
    };
    let Some(most) = limit(limits, name) else {
        return Ok(());
    };
    let bucket = bucket(types::family(name));
    let running = twin.state.all::<Instance>(&ctx.region).filter(|it| {
        matches!(
            it.state.name,
            InstanceStateName::Pending | InstanceStateName::Running
        ) && it.instance_lifecycle.is_none()
            && self::bucket(types::family(&it.instance_type)) == bucket
    });
    let used: u32 = running.map(|it| cpus(&it.instance_type)).sum();
    if used.saturating_add(cpus(name).saturating_mul(count)) <= most {
        return Ok(());
    }
    Err(ApiError::new(
        "VcpuLimitExceeded",
        format!(
            "You have requested more vCPU capacity than your current vCPU limit of {most} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
        ),
    ))
}

fn cpus(name: &str) -> u32 {
    types::find(name).map_or(0, |it| it.virtual_cpus)
}

/// The letters before a family's generation: `m` of `m5dn`.
fn bucket(family: &str) -> &'static str {
    let letters = family.find(|it: char| it.is_ascii_digit());
    let letters = family.get(..letters.unwrap_or(family.len()));
    match letters.unwrap_or_default() {
        "a" | "c" | "d" | "h" | "i" | "im" | "is" | "m" | "r" | "t" | "z" => "standard",
        "f" => "f",
        "g" | "gr" | "vt" => "g",
        "inf" => "inf",
        "p" => "p",
        "trn" => "trn",
        "x" => "x",
        _ => "",
    }
}

fn limit(limits: &VirtualCpus, name: &str) -> Option<u32> {
    match bucket(types::family(name)) {
        "standard" => Some(limits.standard),
        "f" => Some(limits.f),
        "g" => Some(limits.g),
        "inf" => Some(limits.inf),
        "p" => Some(limits.p),
        "trn" => Some(limits.trn),
        "x" => Some(limits.x),
        _ => None,
    }
}
