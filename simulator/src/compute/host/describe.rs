//! Looking at Dedicated Hosts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use sandtable_model::resource::DedicatedHost;

use super::capacity::{cpus, occupants, taken};
use crate::compute::types;
use crate::rules::{Filter, FilterTable, Listing, describe};
use crate::{ApiError, Ctx, State, Twin, place};

/// `DescribeHosts`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeHostsRequest {
    /// The hosts; all when there are none.
    pub host_ids: Vec<String>,
    /// Filters.
    pub filter: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeHosts`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedHosts {
    /// The hosts, by id.
    pub hosts: Vec<Value>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

const FILTERS: FilterTable<DedicatedHost> = &[
    ("auto-placement", |_, it, out| out(&it.auto_placement)),
    ("availability-zone", |_, it, out| {
        out(it.availability_zone.as_str());
    }),
    ("instance-type", |_, it, out| {
        let only = it.host_properties.instance_type.iter();
        only.for_each(|it| out(it));
    }),
    ("state", |_, it, out| out(it.state.as_str())),
];

/// Lists Dedicated Hosts with what runs on them.
///
/// # Errors
/// See [`describe`].
pub fn describe_hosts(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeHostsRequest,
) -> Result<DescribedHosts, ApiError> {
    let listing = Listing {
        ids: &request.host_ids,
        filters: &request.filter,
        max_results: request.max_results,
        next_token: request.next_token.as_deref(),
        range: Some(5..=500),
        ids_exclude_pages: true,
    };
    let page = describe::<DedicatedHost>(&twin.state, ctx, &listing, FILTERS)?;
    Ok(DescribedHosts {
        hosts: page
            .all::<DedicatedHost>()
            .map(|it| shown(&twin.state, it))
            .collect(),
        next_token: page.next_token.clone(),
    })
}

fn shown(state: &State, host: &DedicatedHost) -> Value {
    let mut value = serde_json::to_value(host).unwrap_or_default();
    let owner = host.owner_id.as_ref().map(|it| it.as_str());
    let instances = occupants(state, &host.host_id).map(|it| {
        json!({"InstanceId": it.instance_id, "InstanceType": it.instance_type, "OwnerId": owner})
    });
    value["Instances"] = instances.collect();
    value["AvailabilityZoneId"] = place::zone_id(&host.availability_zone).into();
    if let Some(total) = host.host_properties.total_virtual_cpus {
        let left = total.saturating_sub(taken(state, host));
        let capacities = types::all().iter().filter(|it| {
            let properties = &host.host_properties;
            match (&properties.instance_type, &properties.instance_family) {
                (Some(only), _) => only == it.name,
                (None, Some(family)) => family == it.family() && it.virtual_cpus <= total,
                (None, None) => false,
            }
        });
        let capacities = capacities.filter_map(|it| {
            let each = Some(cpus(host, it.name)).filter(|it| *it > 0)?;
            Some(
                json!({"InstanceType": it.name, "AvailableCapacity": left / each,
                        "TotalCapacity": total / each}),
            )
        });
        value["AvailableCapacity"] = json!({
            "AvailableInstanceCapacity": capacities.collect::<Vec<Value>>(),
            "AvailableVCpus": left,
        });
    }
    value
}
