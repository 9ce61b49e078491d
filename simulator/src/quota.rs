//! Request quotas: a token bucket for each action in each Region (facts, ec2-throttling).
//!
//! Buckets fill on the virtual clock. Tokens are counted in millionths, so that rates such as 0.3 a
//! second are exact and nothing depends on rounding.

use std::collections::BTreeMap;

use sandtable_model::{Region, Timestamp};
use serde_json::Value;
use smol_str::SmolStr;

use crate::ApiError;

const TOKEN: u64 = 1_000_000;

/// The size of a bucket, and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens at most.
    pub burst: u32,
    /// Thousandths of a token a second.
    pub refill_milli: u32,
}

const fn rate(burst: u32, refill_milli: u32) -> Rate {
    Rate {
        burst,
        refill_milli,
    }
}

/// The bucket of an action (facts, ec2-throttling, "Default request buckets" and "Per-action
/// exceptions").
pub fn rate_of(action: &str, is_broad_read: bool) -> Rate {
    match action {
        "RunInstances" | "StartInstances" => rate(5, 2000),
        "TerminateInstances"
        | "CreateVolume"
        | "DeleteVolume"
        | "CreateSnapshot"
        | "CreateSnapshots"
        | "DeleteSnapshot"
        | "DeregisterImage"
        | "CreateNetworkInterface"
        | "DeleteNetworkInterface"
        | "AssignPrivateIpAddresses"
        | "UnassignPrivateIpAddresses"
        | "AssignIpv6Addresses"
        | "UnassignIpv6Addresses"
        | "ModifyNetworkInterfaceAttribute"
        | "ModifySnapshotAttribute"
        | "ModifyImageAttribute" => rate(100, 5000),
        "CopyImage" => rate(100, 1000),
        "CreateTags" | "DeleteTags" => rate(100, 10_000),
        "CreateNatGateway"
        | "DeleteNatGateway"
        | "AssociateNatGatewayAddress"
        | "DisassociateNatGatewayAddress"
        | "AssignPrivateNatGatewayAddress"
        | "UnassignPrivateNatGatewayAddress" => rate(10, 1000),
        "CreateVpcEndpoint" | "DeleteVpcEndpoints" | "ModifyVpcEndpoint" => rate(4, 300),
        "CreateDefaultVpc" | "CreateDefaultSubnet" => rate(1, 1000),
        "DescribeSecurityGroupReferences" | "DescribeStaleSecurityGroups" => rate(20, 5000),
        _ if is_broad_read => rate(50, 10_000),
        _ if is_read(action) => rate(100, 20_000),
        _ => rate(50, 5000),
    }
}

/// The second bucket of an action, charged by instances (facts, ec2-throttling, "Resource buckets").
pub fn instance_rate_of(action: &str) -> Option<Rate> {
    match action {
        "RunInstances" | "StartInstances" => Some(rate(1000, 2000)),
        "StopInstances" | "TerminateInstances" => Some(rate(1000, 20_000)),
        _ => None,
    }
}

/// Whether an action only reads.
pub(crate) fn is_read(action: &str) -> bool {
    let prefixes = ["Describe", "Get", "List", "Search"];
    prefixes.iter().any(|prefix| action.starts_with(prefix))
}

/// The reads that have a smaller bucket when they carry neither filter nor page size. A list of ids
/// counts as a filter here; AWS does not say (facts, ec2-throttling).
const BROAD_READS: &[&str] = &[
    "DescribeInstanceStatus",
    "DescribeInstances",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeSpotInstanceRequests",
    "DescribeVolumes",
];

/// The buckets of an account. A bucket that was never used is full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quotas {
    buckets: BTreeMap<(Region, SmolStr), Bucket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    millionths: u64,
    filled_at: Timestamp,
}

impl Quotas {
    /// Takes what a call costs.
    ///
    /// # Errors
    /// `RequestLimitExceeded` when a bucket has too little; then nothing is taken.
    pub(crate) fn charge(
        &mut self,
        region: &Region,
        action: &str,
        input: &Value,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let is_broad = BROAD_READS.contains(&action) && is_unfiltered(input);
        let name = match is_broad {
            true => SmolStr::from(format!("{action} of everything")),
            false => SmolStr::new(action),
        };
        let request = (region.clone(), name);
        let rate = rate_of(action, is_broad);
        let instances = instance_rate_of(action).map(|rate| {
            let key = (
                region.clone(),
                SmolStr::from(format!("{action} by instance")),
            );
            (key, rate, instances_of(input) * TOKEN)
        });
        let left = self.filled(&request, rate, now);
        let left = left.checked_sub(TOKEN).ok_or_else(exceeded)?;
        if let Some((key, rate, cost)) = instances {
            let left = self.filled(&key, rate, now);
            let left = left.checked_sub(cost).ok_or_else(exceeded)?;
            self.put(key, left, now);
        }
        self.put(request, left, now);
        Ok(())
    }

    fn filled(&self, key: &(Region, SmolStr), rate: Rate, now: Timestamp) -> u64 {
        let most = u64::from(rate.burst) * TOKEN;
        let Some(bucket) = self.buckets.get(key) else {
            return most;
        };
        let millis = now.since(bucket.filled_at).millis().unsigned_abs();
        // A thousandth of a token a second is a millionth a millisecond.
        let more = millis.saturating_mul(u64::from(rate.refill_milli));
        bucket.millionths.saturating_add(more).min(most)
    }

    fn put(&mut self, key: (Region, SmolStr), millionths: u64, now: Timestamp) {
        let bucket = Bucket {
            millionths,
            filled_at: now,
        };
        self.buckets.insert(key, bucket);
    }
}

/// The refusal of a call that comes too soon.
pub(crate) fn exceeded() -> ApiError {
    ApiError::new("RequestLimitExceeded", "Request limit exceeded.")
}

fn is_unfiltered(input: &Value) -> bool {
    let given = |name: &str| match input.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::Array(entries)) => !entries.is_empty(),
        Some(_) => true,
    };
    let Some(members) = input.as_object() else {
        return true;
    };
    !given("Filters")
        && !given("MaxResults")
        && !given("NextToken")
        && !members
            .keys()
            .any(|name| name.ends_with("Ids") && given(name))
}

fn instances_of(input: &Value) -> u64 {
    let named = input.get("InstanceIds").and_then(Value::as_array);
    let named = named.map(|ids| ids.len() as u64);
    named
        .or_else(|| input.get("MaxCount")?.as_u64())
        .unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sandtable_model::Duration;
    use serde_json::json;

    fn region() -> Region {
        Region::new("eu-west-1").unwrap()
    }

    /// Facts, ec2-throttling, "Model": 100 at most and 20 a second are full again after 5 s.
    #[test]
    fn buckets_fill_at_their_rate() {
        let mut quotas = Quotas::default();
        let start = Timestamp::from_millis(0);
        let input = json!({"Filters": [{"Name": "a", "Values": ["b"]}]});
        let mut call = |at| quotas.charge(&region(), "DescribeVolumes", &input, at);
        for _ in 0..100 {
            call(start).unwrap();
        }
        assert_eq!(call(start).unwrap_err().code, "RequestLimitExceeded");
        let later = start.plus(Duration::from_millis(50));
        call(later).unwrap();
        assert!(call(later).is_err());
        let full = later.plus(Duration::from_secs(5));
        for _ in 0..100 {
            call(full).unwrap();
        }
        assert!(call(full).is_err());
    }

    /// Facts, ec2-throttling: the seven reads without filter and page have half the bucket.
    #[test]
    fn broad_reads_have_a_bucket_of_their_own() {
        let mut quotas = Quotas::default();
        let now = Timestamp::from_millis(0);
        let broad = json!({});
        for _ in 0..50 {
            quotas
                .charge(&region(), "DescribeVolumes", &broad, now)
                .unwrap();
        }
        assert!(
            quotas
                .charge(&region(), "DescribeVolumes", &broad, now)
                .is_err()
        );
        let paged = json!({"MaxResults": 100});
        quotas
            .charge(&region(), "DescribeVolumes", &paged, now)
            .unwrap();
        quotas
            .charge(&region(), "DescribeVpcs", &broad, now)
            .unwrap();
        let other = Region::new("eu-west-2").unwrap();
        quotas
            .charge(&other, "DescribeVolumes", &broad, now)
            .unwrap();
    }

    /// Facts, ec2-throttling: endpoints fill at 0.3 a second, which must not be rounded away.
    #[test]
    fn fractions_of_tokens_count() {
        let mut quotas = Quotas::default();
        let mut at = Timestamp::from_millis(0);
        let mut call = |at| quotas.charge(&region(), "DeleteVpcEndpoints", &Value::Null, at);
        for _ in 0..4 {
            call(at).unwrap();
        }
        assert!(call(at).is_err());
        at = at.plus(Duration::from_millis(3333));
        assert!(call(at).is_err());
        at = at.plus(Duration::from_millis(1));
        call(at).unwrap();
    }

    /// Facts, ec2-throttling, "Resource buckets": either bucket throttles the call.
    #[test]
    fn instances_are_charged_one_by_one() {
        let mut quotas = Quotas::default();
        let now = Timestamp::from_millis(0);
        let many = json!({"MinCount": 1, "MaxCount": 600});
        quotas
            .charge(&region(), "RunInstances", &many, now)
            .unwrap();
        assert!(
            quotas
                .charge(&region(), "RunInstances", &many, now)
                .is_err()
        );
        let few = json!({"MinCount": 1, "MaxCount": 400});
        quotas.charge(&region(), "RunInstances", &few, now).unwrap();
    }
}
