//! Dedicated Hosts: allocate, change, release, and who runs on them.
//!
//! A host is paid for while it is allocated, whatever runs on it. Deliberately absent: Outposts,
//! host resource groups, Mac hosts (which cannot be released in their first day), reservations.

mod capacity;
mod describe;

pub(super) use capacity::{check_named, free, occupants, pick};
pub use describe::{DescribeHostsRequest, DescribedHosts, describe_hosts};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use sandtable_model::resource::{DedicatedHost, HostProperties, HostState};
use sandtable_model::{HostId, Kind, ResourceId};

use super::{Transition, types};
use crate::rules::{
    self, TagSpecification, invalid_combination, invalid_value, required, tags_for,
};
use crate::{ApiError, Ctx, Twin, place};

/// Sockets and cores of the hosts of a family (<https://aws.amazon.com/ec2/dedicated-hosts/pricing/>,
/// "Dedicated Hosts configuration"). Hosts of burstable families take more than their cores say and
/// are left out.
const FIGURES: &[(&str, u32, u32)] = &[
    ("a1", 1, 16),
    ("c4", 2, 20),
    ("c5", 2, 36),
    ("c5d", 2, 36),
    ("c5n", 2, 36),
    ("c6g", 1, 64),
    ("c6gd", 1, 64),
    ("c6i", 2, 64),
    ("c6id", 2, 64),
    ("c7g", 1, 64),
    ("m4", 2, 24),
    ("m5", 2, 48),
    ("m5d", 2, 48),
    ("m5dn", 2, 48),
    ("m5n", 2, 48),
    ("m6g", 1, 64),
    ("m6gd", 1, 64),
    ("m6i", 2, 64),
    ("m6id", 2, 64),
    ("m7g", 1, 64),
    ("r4", 2, 36),
    ("r5", 2, 48),
    ("r5d", 2, 48),
    ("r5dn", 2, 48),
    ("r5n", 2, 48),
    ("r6g", 1, 64),
    ("r6gd", 1, 64),
    ("r6i", 2, 64),
    ("r6id", 2, 64),
    ("r7g", 1, 64),
];

/// `AllocateHosts`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct AllocateHostsRequest {
    /// The only type that the hosts shall take.
    pub instance_type: Option<SmolStr>,
    /// The family whose types they shall take.
    pub instance_family: Option<SmolStr>,
    /// The zone.
    pub availability_zone: String,
    /// How many hosts; one when absent.
    pub quantity: Option<u32>,
    /// `on` or `off`; `on` when absent.
    pub auto_placement: Option<SmolStr>,
    /// `on` or `off`.
    pub host_recovery: Option<SmolStr>,
    /// `on` or `off`.
    pub host_maintenance: Option<SmolStr>,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
    /// Makes the call repeatable.
    pub client_token: Option<String>,
}

/// The answer of `AllocateHosts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AllocatedHosts {
    /// The hosts.
    pub host_ids: Vec<HostId>,
}

/// Allocates hosts; they are available at once.
///
/// # Errors
/// `InvalidHostConfiguration`, `InvalidZone.NotFound`, `InvalidParameterCombination`;
/// `UnsupportedOperation` for families whose figures the twin does not have.
pub fn allocate_hosts(
    twin: &mut Twin,
    ctx: &Ctx,
    request: AllocateHostsRequest,
) -> Result<AllocatedHosts, ApiError> {
    const NAME: &str = "AllocateHosts";
    let properties = properties(&request)?;
    let zone = required("availabilityZone", &request.availability_zone)?;
    let zone = place::require_zone(&twin.state, ctx, zone)?;
    let quantity = request.quantity.unwrap_or(1);
    if quantity == 0 {
        return Err(invalid_value(
            "Value (0) for parameter quantity is invalid. It must be at least 1.",
        ));
    }
    let auto_placement = switch("autoPlacement", request.auto_placement.as_deref(), "on")?;
    let host_recovery = switch("hostRecovery", request.host_recovery.as_deref(), "off")?;
    let host_maintenance = request.host_maintenance.as_deref();
    let host_maintenance = switch("hostMaintenance", host_maintenance, "off")?;
    let kind = Kind::DedicatedHost;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)? {
        let ids = made.into_iter().filter_map(|id| HostId::try_from(id).ok());
        return Ok(AllocatedHosts {
            host_ids: ids.collect(),
        });
    }
    ctx.end_dry_run()?;
    let mut host_ids = Vec::new();
    for _ in 0..quantity {
        let host = DedicatedHost {
            host_id: twin.fresh(HostId::from_number),
            owner_id: Some(ctx.account.clone()),
            availability_zone: zone.clone(),
            auto_placement: auto_placement.clone(),
            host_recovery: host_recovery.clone(),
            host_maintenance: host_maintenance.clone(),
            allows_multiple_instance_types: match properties.instance_family {
                Some(_) => "on".into(),
                None => "off".into(),
            },
            host_properties: properties.clone(),
            state: HostState::Available,
            allocation_time: Some(twin.now()),
            release_time: None,
            tags: tags.clone(),
        };
        host_ids.push(host.host_id.clone());
        twin.state.insert(&ctx.region, host);
    }
    let made: Vec<ResourceId> = host_ids.iter().map(Into::into).collect();
    twin.remember(ctx, NAME, token, &request, made);
    Ok(AllocatedHosts { host_ids })
}

fn properties(request: &AllocateHostsRequest) -> Result<HostProperties, ApiError> {
    let (family, example) = match (&request.instance_type, &request.instance_family) {
        (Some(_), Some(_)) => {
            return Err(invalid_combination(
                "You can specify InstanceType or InstanceFamily, but not both.",
            ));
        }
        (None, None) => {
            required("instanceType", "")?;
            return Ok(HostProperties::default());
        }
        (Some(name), None) => {
            types::check(name)?;
            (types::family(name), types::find(name))
        }
        (None, Some(family)) => {
            let mut types = types::all().iter();
            let plain = |it: &&types::Type| it.family() == family.as_str() && !it.is_bare_metal();
            (family.as_str(), types.find(plain))
        }
    };
    let figures = FIGURES.iter().find(|(name, _, _)| *name == family);
    let (Some(example), Some((_, sockets, cores))) = (example, figures) else {
        return Err(types::without_figures(family, "a Dedicated Host"));
    };
    if !example.has_hosts() {
        return Err(ApiError::new(
            "InvalidHostConfiguration",
            format!("Dedicated Hosts are not supported for {}.", example.name),
        ));
    }
    let threads = match example.virtual_cpus {
        // A small size may have one thread of a core, and bare metal has all.
        1 => 1,
        _ => example.threads_per_core.unwrap_or(1),
    };
    Ok(HostProperties {
        cores: Some(*cores),
        sockets: Some(*sockets),
        total_virtual_cpus: Some(cores * threads),
        instance_type: request.instance_type.clone(),
        instance_family: match &request.instance_type {
            Some(_) => None,
            None => Some(family.into()),
        },
    })
}

fn switch(parameter: &str, given: Option<&str>, usual: &str) -> Result<SmolStr, ApiError> {
    match given.unwrap_or(usual) {
        it @ ("on" | "off") => Ok(it.into()),
        other => Err(invalid_value(format!(
            "Value ({other}) for parameter {parameter} is invalid."
        ))),
    }
}

/// `ModifyHosts`. A host's types stay what they are: the twin does not model changing them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyHostsRequest {
    /// The hosts.
    pub host_ids: Vec<String>,
    /// `on` or `off`.
    pub auto_placement: Option<SmolStr>,
    /// `on` or `off`.
    pub host_recovery: Option<SmolStr>,
    /// `on` or `off`.
    pub host_maintenance: Option<SmolStr>,
}

/// `ReleaseHosts`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReleaseHostsRequest {
    /// The hosts.
    pub host_ids: Vec<String>,
}

/// The answer of `ModifyHosts` and `ReleaseHosts`: each host on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HostResults {
    /// The hosts for which it was done.
    pub successful: Vec<HostId>,
    /// Those for which it was not.
    pub unsuccessful: Vec<HostFailure>,
}

/// A host for which something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HostFailure {
    /// The host.
    pub resource_id: String,
    /// Why.
    pub error: HostError,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HostError {
    /// AWS's code, which begins with `Client.` here.
    pub code: SmolStr,
    /// The same in words.
    pub message: String,
}

/// Changes how hosts take instances.
///
/// # Errors
/// Malformed ids, `InvalidParameterValue`; what is wrong with one host stands in the answer.
pub fn modify_hosts(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyHostsRequest,
) -> Result<HostResults, ApiError> {
    let ids = ids(twin, &request.host_ids)?;
    let set = |name, given: &Option<SmolStr>| match given.as_deref() {
        None => Ok(None),
        given => switch(name, given, "off").map(Some),
    };
    let auto_placement = set("autoPlacement", &request.auto_placement)?;
    let host_recovery = set("hostRecovery", &request.host_recovery)?;
    let host_maintenance = set("hostMaintenance", &request.host_maintenance)?;
    ctx.end_dry_run()?;
    let mut results = HostResults::default();
    for id in ids {
        match usable(twin, ctx, &id) {
            Err(error) => results.unsuccessful.push(failure(&id, error)),
            Ok(host) => {
                let set = |own: &mut SmolStr, given: &Option<SmolStr>| {
                    if let Some(given) = given {
                        own.clone_from(given);
                    }
                };
                twin.state.update(&host, |it: &mut DedicatedHost| {
                    set(&mut it.auto_placement, &auto_placement);
                    set(&mut it.host_recovery, &host_recovery);
                    set(&mut it.host_maintenance, &host_maintenance);
                });
                results.successful.push(host);
            }
        }
    }
    Ok(results)
}

/// Releases hosts; they stay described for a while. A host on which something runs is not released:
/// stopping is enough (EC2 API reference, ReleaseHosts).
///
/// # Errors
/// Malformed ids; what is wrong with one host stands in the answer.
pub fn release_hosts(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ReleaseHostsRequest,
) -> Result<HostResults, ApiError> {
    let ids = ids(twin, &request.host_ids)?;
    ctx.end_dry_run()?;
    let mut results = HostResults::default();
    for id in ids {
        let host = usable(twin, ctx, &id).and_then(|host| {
            if occupants(&twin.state, &host).next().is_none() {
                return Ok(host);
            }
            Err(ApiError::new(
                "InvalidHost.Occupied",
                format!("Dedicated host '{host}' cannot be released as it is occupied."),
            ))
        });
        match host {
            Err(error) => results.unsuccessful.push(failure(&id, error)),
            Ok(host) => {
                let now = twin.now();
                twin.state.update(&host, |it: &mut DedicatedHost| {
                    it.state = HostState::Released;
                    it.release_time = Some(now);
                });
                let delay = twin.options.timings.lingering;
                twin.schedule(delay, Transition::HostForgotten(host.clone()));
                results.successful.push(host);
            }
        }
    }
    Ok(results)
}

fn ids(twin: &Twin, texts: &[String]) -> Result<Vec<ResourceId>, ApiError> {
    if texts.is_empty() {
        required("hostId", "")?;
    }
    let mut ids: Vec<ResourceId> = Vec::with_capacity(texts.len());
    for text in texts {
        let id = rules::parse(&twin.state, Kind::DedicatedHost, text)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn usable(twin: &Twin, ctx: &Ctx, id: &ResourceId) -> Result<HostId, ApiError> {
    let host = twin.state.get_in(&ctx.region, id);
    let host = host.and_then(|it| it.get::<DedicatedHost>());
    let host = host.ok_or_else(|| rules::not_found(id))?;
    match host.state {
        HostState::Released | HostState::ReleasedPermanentFailure => Err(ApiError::new(
            "InvalidHostState",
            format!("Dedicated host '{id}' is in the '{}' state.", host.state),
        )),
        _ => Ok(host.host_id.clone()),
    }
}

fn failure(id: &ResourceId, error: ApiError) -> HostFailure {
    HostFailure {
        resource_id: id.to_string(),
        error: HostError {
            code: format!("Client.{}", error.code).into(),
            message: error.message,
        },
    }
}

/// A released host is no longer described.
pub(super) fn forgotten(twin: &mut Twin, id: &HostId) {
    let host = twin.state.one::<DedicatedHost>(id);
    if host.is_some_and(|it| it.state == HostState::Released) {
        twin.state.remove(id);
    }
}
