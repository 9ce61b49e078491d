//! Describing load balancers and the account's limits.

use sandtable_model::resource::LoadBalancer;
use serde_json::Value;

use super::{balancer, not_found};
use crate::network::request::{answers, requests};
use crate::services::common::{in_range, page, shown, validation};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeLoadBalancers.
    DescribeLoadBalancersRequest {
        load_balancer_arns: Vec<String>,
        names: Vec<String>,
        marker: Option<String>,
        page_size: Option<i64>,
    }
    /// DescribeAccountLimits.
    DescribeAccountLimitsRequest { marker: Option<String>, page_size: Option<i64> }
}

answers! {
    /// The answer of DescribeLoadBalancers.
    DescribedLoadBalancers {
        load_balancers: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_marker: Option<String>,
    }
    /// The answer of DescribeAccountLimits.
    DescribedAccountLimits {
        limits: Vec<Limit>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_marker: Option<String>,
    }
    /// A limit of the account.
    Limit { name: &'static str, max: &'static str }
}

/// What an account may have in a Region (Service Quotas, Elastic Load Balancing).
const LIMITS: &[(&str, &str)] = &[
    ("application-load-balancers", "50"),
    ("gateway-load-balancers", "100"),
    ("listeners-per-application-load-balancer", "50"),
    ("listeners-per-network-load-balancer", "50"),
    ("network-load-balancers", "50"),
    ("rules-per-application-load-balancer", "100"),
    ("target-groups", "3000"),
    ("target-groups-per-application-load-balancer", "100"),
    ("targets-per-target-group", "1000"),
];

/// A balancer as answers show it.
pub(super) fn show(balancer: &LoadBalancer) -> Result<Value, ApiError> {
    let beside = ["LoadBalancerId", "Attributes", "Listeners", "Tags"];
    shown(balancer, &beside)
}

/// The entries of a page.
///
/// # Errors
/// `ValidationError` for a size out of range and for a marker that no answer gave.
pub(super) fn paged<T>(
    all: Vec<(String, T)>,
    marker: Option<&str>,
    size: Option<i64>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let size = match size {
        None => 400,
        Some(size) => in_range("pageSize", size, 1, 400)?,
    };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    page(all, marker, size).ok_or_else(|| {
        let marker = marker.unwrap_or_default();
        validation(format!("Invalid marker '{marker}'"))
    })
}

/// Lists load balancers.
///
/// # Errors
/// `LoadBalancerNotFound` for any ARN or name that is not there; `ValidationError`.
pub fn describe_load_balancers(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeLoadBalancersRequest,
) -> Result<DescribedLoadBalancers, ApiError> {
    let (arns, names) = (&request.load_balancer_arns, &request.names);
    if !arns.is_empty() && !names.is_empty() {
        return Err(validation(
            "You cannot specify both load balancer ARNs and names",
        ));
    }
    let all: Vec<&LoadBalancer> = twin.state.all(&ctx.region).collect();
    let found: Vec<&LoadBalancer> = if !arns.is_empty() {
        let found: Result<Vec<_>, _> = arns.iter().map(|it| balancer(twin, ctx, it)).collect();
        found?
    } else if !names.is_empty() {
        let unknown = |name: &&String| all.iter().all(|it| it.load_balancer_name != name.as_str());
        if let Some(name) = names.iter().find(unknown) {
            return Err(ApiError::new(
                "LoadBalancerNotFound",
                format!("Load balancers '[{name}]' not found"),
            ));
        }
        let wanted = |it: &&LoadBalancer| names.iter().any(|name| it.load_balancer_name == *name);
        all.into_iter().filter(wanted).collect()
    } else {
        all
    };
    let mut keyed = Vec::new();
    for it in found {
        keyed.push((it.load_balancer_name.to_string(), show(it)?));
    }
    keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
    keyed.dedup_by(|(one, _), (other, _)| one == other);
    let (load_balancers, next_marker) = paged(keyed, request.marker.as_deref(), request.page_size)?;
    Ok(DescribedLoadBalancers {
        load_balancers,
        next_marker,
    })
}

/// Tells what the account may have.
///
/// # Errors
/// `ValidationError`.
pub fn describe_account_limits(
    _: &mut Twin,
    _: &Ctx,
    request: DescribeAccountLimitsRequest,
) -> Result<DescribedAccountLimits, ApiError> {
    let limit = |(name, max): &(&'static str, &'static str)| Limit { name, max };
    let all = LIMITS
        .iter()
        .map(|it| (it.0.to_owned(), limit(it)))
        .collect();
    let (limits, next_marker) = paged(all, request.marker.as_deref(), request.page_size)?;
    Ok(DescribedAccountLimits {
        limits,
        next_marker,
    })
}

/// The refusal of a load balancer that is not there, for lists that begin with one.
pub(super) fn no_balancer() -> ApiError {
    not_found("LoadBalancerNotFound", "load balancers")
}
