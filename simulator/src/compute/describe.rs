//! Looking at instances.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use sandtable_model::resource::{Instance, InstanceState, InstanceStateName, NetworkInterface};
use sandtable_model::{AvailabilityZone, InstanceId};
use smol_str::SmolStr;

use super::filters;
use crate::rules::{self, Filter, Listing, describe};
use crate::{ApiError, Ctx, State, Twin};

/// `DescribeInstances`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeInstancesRequest {
    /// The instances; all when there are none.
    pub instance_ids: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most instances on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeInstances`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedInstances {
    /// The instances, by the call that launched them.
    pub reservations: Vec<Reservation>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// The instances of one launch.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Reservation {
    /// The id.
    pub reservation_id: SmolStr,
    /// The account.
    pub owner_id: SmolStr,
    /// The instances, as a describe answer shows them: with their interfaces in full.
    pub instances: Vec<Value>,
}

/// Lists instances.
///
/// # Errors
/// See [`describe`].
pub fn describe_instances(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeInstancesRequest,
) -> Result<DescribedInstances, ApiError> {
    let listing = Listing {
        ids: &request.instance_ids,
        filters: &request.filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(rules::UNCONSTRAINED),
        ids_exclude_pages: true,
    };
    let page = describe::<Instance>(&twin.state, ctx, &listing, filters::INSTANCE)?;
    let account = ctx.account.as_str();
    let mut reservations: BTreeMap<SmolStr, Reservation> = BTreeMap::new();
    for instance in page.all::<Instance>() {
        put(&twin.state, account, instance, &mut reservations);
    }
    Ok(DescribedInstances {
        reservations: reservations.into_values().collect(),
        next_token: page.next_token,
    })
}

/// The reservation of instances that were launched together.
pub(super) fn reservation_of(state: &State, ids: &[InstanceId]) -> Reservation {
    let mut reservations = BTreeMap::new();
    for instance in ids.iter().filter_map(|id| state.one::<Instance>(id)) {
        put(state, "", instance, &mut reservations);
    }
    reservations
        .into_values()
        .next()
        .unwrap_or_else(|| Reservation {
            reservation_id: SmolStr::default(),
            owner_id: SmolStr::default(),
            instances: Vec::new(),
        })
}

fn put(
    state: &State,
    account: &str,
    instance: &Instance,
    reservations: &mut BTreeMap<SmolStr, Reservation>,
) {
    // A snapshot may not know the reservation; then each instance is its own.
    let alone = || instance.instance_id.as_str().replacen("i-", "r-", 1).into();
    let id: SmolStr = instance.reservation_id.clone().unwrap_or_else(alone);
    let reservation = reservations
        .entry(id.clone())
        .or_insert_with(|| Reservation {
            reservation_id: id,
            owner_id: instance.owner_id.clone().unwrap_or_else(|| account.into()),
            instances: Vec::new(),
        });
    let shown = shown(state, instance, reservation.instances.len());
    reservation.instances.push(shown);
}

/// An instance as a describe answer shows it: without what stands around it or is an attribute, and
/// with its interfaces in full.
fn shown(state: &State, instance: &Instance, launch_index: usize) -> Value {
    let mut value = serde_json::to_value(instance).expect("an instance has only plain members");
    let members = value.as_object_mut().expect("an instance is an object");
    for name in [
        "ReservationId",
        "OwnerId",
        "DisableApiTermination",
        "DisableApiStop",
    ] {
        members.remove(name);
    }
    let interfaces = instance.network_interfaces.iter().map(|it| {
        let interface = state.one::<NetworkInterface>(&it.network_interface_id);
        interface.map_or_else(
            || json!({"NetworkInterfaceId": it.network_interface_id.as_str()}),
            shown_interface,
        )
    });
    members.insert("NetworkInterfaces".to_owned(), interfaces.collect());
    members.insert("AmiLaunchIndex".to_owned(), launch_index.into());
    members.insert("Hypervisor".to_owned(), "xen".into());
    members.insert("VirtualizationType".to_owned(), "hvm".into());
    value
}

/// The members that an interface has within an instance; the others stand with the interface alone.
fn shown_interface(interface: &NetworkInterface) -> Value {
    const MEMBERS: &[&str] = &[
        "Association",
        "Attachment",
        "Description",
        "Groups",
        "InterfaceType",
        "Ipv6Addresses",
        "MacAddress",
        "NetworkInterfaceId",
        "OwnerId",
        "PrivateDnsName",
        "PrivateIpAddress",
        "PrivateIpAddresses",
        "SourceDestCheck",
        "Status",
        "SubnetId",
        "VpcId",
    ];
    let mut value = serde_json::to_value(interface).expect("an interface has only plain members");
    let members = value.as_object_mut().expect("an interface is an object");
    members.retain(|name, _| MEMBERS.contains(&name.as_str()));
    if let Some(Value::Object(attachment)) = members.get_mut("Attachment") {
        attachment.remove("InstanceId");
        attachment.remove("InstanceOwnerId");
    }
    let strip = |association: Option<&mut Value>| {
        if let Some(Value::Object(association)) = association {
            association.remove("AllocationId");
            association.remove("AssociationId");
        }
    };
    strip(members.get_mut("Association"));
    if let Some(Value::Array(addresses)) = members.get_mut("PrivateIpAddresses") {
        for address in addresses {
            strip(address.get_mut("Association"));
        }
    }
    value
}

/// `DescribeInstanceStatus`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeInstanceStatusRequest {
    /// The instances; all when there are none.
    pub instance_ids: Vec<String>,
    /// Whether to tell of instances that do not run, too.
    pub include_all_instances: bool,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeInstanceStatus`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedStatus {
    /// The instances, by id.
    pub instance_statuses: Vec<InstanceStatus>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// How an instance does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceStatus {
    /// The instance.
    pub instance_id: InstanceId,
    /// The zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<AvailabilityZone>,
    /// Its state.
    pub instance_state: InstanceState,
    /// Its own health.
    pub instance_status: StatusSummary,
    /// The health of what it runs on.
    pub system_status: StatusSummary,
}

/// Health in one word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatusSummary {
    /// `ok`, or `not-applicable` for what does not run.
    pub status: &'static str,
    /// What it is made of.
    pub details: Vec<StatusDetail>,
}

/// One check of health.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatusDetail {
    /// `reachability`.
    pub name: &'static str,
    /// `passed`.
    pub status: &'static str,
}

/// Tells how instances do. The twin's running instances are always well.
///
/// # Errors
/// See [`describe`].
pub fn describe_instance_status(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeInstanceStatusRequest,
) -> Result<DescribedStatus, ApiError> {
    let mut filters = request.filters.clone();
    if !request.include_all_instances {
        filters.push(Filter {
            name: "instance-state-name".to_owned(),
            values: vec![InstanceStateName::Running.as_str().to_owned()],
        });
    }
    let listing = Listing {
        ids: &request.instance_ids,
        filters: &filters,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(rules::UNCONSTRAINED),
        ids_exclude_pages: true,
    };
    let page = describe::<Instance>(&twin.state, ctx, &listing, filters::STATUS)?;
    let statuses = page.all::<Instance>().map(|it| {
        let summary = summary(&it.state.name);
        InstanceStatus {
            instance_id: it.instance_id.clone(),
            availability_zone: it.placement.availability_zone.clone(),
            instance_state: it.state.clone(),
            instance_status: summary.clone(),
            system_status: summary,
        }
    });
    Ok(DescribedStatus {
        instance_statuses: statuses.collect(),
        next_token: page.next_token.clone(),
    })
}

fn summary(state: &InstanceStateName) -> StatusSummary {
    match state {
        InstanceStateName::Running => StatusSummary {
            status: "ok",
            details: vec![StatusDetail {
                name: "reachability",
                status: "passed",
            }],
        },
        _ => StatusSummary {
            status: "not-applicable",
            details: Vec::new(),
        },
    }
}
