//! Buckets against the page, and against exact arithmetic.

use super::*;
use proptest::prelude::*;
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

/// Rows of the facts page, with what they say.
#[test]
fn rates_are_those_of_the_page() {
    for (action, burst, refill_milli) in [
        ("TerminateInstances", 100, 5000),
        ("RunInstances", 5, 2000),
        ("StartInstances", 5, 2000),
        ("StopInstances", 50, 5000),
        ("DeleteVolume", 100, 5000),
        ("DeregisterImage", 100, 5000),
        ("CopyImage", 100, 1000),
        ("DeleteNatGateway", 10, 1000),
        ("DisassociateNatGatewayAddress", 10, 1000),
        ("DeleteVpcEndpoints", 4, 300),
        ("DeleteVpcEndpointServiceConfigurations", 10, 1000),
        ("DeleteTags", 100, 10_000),
        ("CreateDefaultVpc", 1, 1000),
        ("DeleteSubnetCidrReservation", 5, 1000),
        ("DescribeStaleSecurityGroups", 20, 5000),
        ("DescribeReservedInstancesOfferings", 10, 10_000),
        ("CreateStoreImageTask", 50, 100),
        ("DescribeStoreImageTasks", 50, 500),
        ("EnableImageBlockPublicAccess", 1, 100),
        ("DescribeCapacityBlockOfferings", 10, 150),
        ("DescribeHostReservations", 5, 2000),
        ("ModifyInstanceMetadataDefaults", 2, 2000),
        // "Not listed (so category default applies)".
        ("ReleaseAddress", 50, 5000),
        ("DeleteVpc", 50, 5000),
        ("DetachVolume", 50, 5000),
        ("DeleteKeyPair", 50, 5000),
        ("RevokeSecurityGroupIngress", 50, 5000),
        ("DescribeVpcs", 100, 20_000),
        ("GetManagedPrefixListEntries", 100, 20_000),
        ("SearchTransitGatewayRoutes", 100, 20_000),
    ] {
        let expected = Rate {
            burst,
            refill_milli,
        };
        assert_eq!(rate_of(action, false), expected, "{action}");
    }
    let broad = Rate {
        burst: 50,
        refill_milli: 10_000,
    };
    assert_eq!(rate_of("DescribeVolumes", true), broad);
}

/// A row about an action that AWS does not have would never matter.
#[test]
fn exceptions_are_actions_of_ec2_and_stand_once() {
    let mut seen = std::collections::BTreeSet::new();
    for action in rates::exceptions() {
        let is_known = crate::iam::is_action(action);
        assert!(is_known, "EC2 has no action {action}");
        seen.insert(action);
    }
    // Three of the four that have a bucket by instance have a bucket by request of their own too.
    assert_eq!(rates::exceptions().count(), seen.len() + 3);
}

proptest! {
    /// Whatever the moments of the calls, no more and no fewer pass than exact arithmetic says:
    /// thousandths of a token a second times milliseconds are millionths of a token.
    #[test]
    fn buckets_are_exact(
        gaps in prop::collection::vec(0_i64..9000, 1..60),
        action in prop::sample::select(vec!["DeleteVpcEndpoints", "DescribeCapacityBlockOfferings",
                                            "DeleteNatGateway", "RunInstances"]),
    ) {
        let rate = rate_of(action, false);
        let full = u128::from(rate.burst) * 1_000_000;
        let (mut left, mut at, mut refused) = (full, 0_i64, 0);
        let mut quotas = Quotas::default();
        let input = json!({"MaxCount": 1});
        for gap in gaps {
            at += gap;
            left = full.min(left + u128::from(gap.unsigned_abs()) * u128::from(rate.refill_milli));
            let passes = left >= 1_000_000;
            left -= if passes { 1_000_000 } else { 0 };
            refused += u64::from(!passes);
            let result = quotas.charge(&region(), action, &input, Timestamp::from_millis(at));
            prop_assert_eq!(result.is_ok(), passes, "{} at {}", action, at);
        }
        prop_assert_eq!(quotas.refused(), refused);
    }
}
