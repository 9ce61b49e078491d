//! Request quotas: a token bucket for each action in each Region (facts, ec2-throttling).
//!
//! Buckets fill on the virtual clock. Tokens are counted in millionths, so that rates such as 0.3 a
//! second are exact and nothing depends on rounding.

mod rates;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use sandtable_model::{Region, Timestamp};
use serde_json::Value;
use smol_str::SmolStr;

use crate::ApiError;

pub use rates::{Rate, instance_rate_of, rate_of};

const TOKEN: u64 = 1_000_000;

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
    refused: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    millionths: u64,
    filled_at: Timestamp,
}

impl Quotas {
    /// How many calls were refused.
    pub(crate) const fn refused(&self) -> u64 {
        self.refused
    }

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
        let result = self.take(region, action, input, now);
        self.refused += u64::from(result.is_err());
        result
    }

    fn take(
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
            (key, rate, instances_of(input).saturating_mul(TOKEN))
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
