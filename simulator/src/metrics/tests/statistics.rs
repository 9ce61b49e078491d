//! `GetMetricStatistics`
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>).

use serde_json::json;

use super::{account, from_now, series, statistics};

#[test]
fn nothing_and_zero_are_two_answers() {
    let mut nothing = account(&[]);
    assert_eq!(statistics(&mut nothing, 3600, 300, json!({})), json!([]));
    let mut zero = account(&[series(json!({"constant": 0}))]);
    let seen = statistics(&mut zero, 3600, 300, json!({}));
    assert_eq!(seen.as_array().unwrap().len(), 12);
    assert!(seen.as_array().unwrap().iter().all(|it| it["Sum"] == 0.0));
    let gaps = json!({"values": [1, null, null, 4]});
    let mut gaps = account(&[series(gaps)]);
    let seen = statistics(&mut gaps, 3600, 300, json!({}));
    let sums: Vec<f64> = seen
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["Sum"].as_f64().unwrap())
        .collect();
    assert_eq!(sums, [1.0, 4.0]);
}

#[test]
fn values_are_summed_up_over_periods() {
    let mut account = account(&[series(json!({"values": [1, 2, 3, 6]}))]);
    let seen = statistics(&mut account, 1200, 600, json!({}));
    assert_eq!(
        seen,
        json!([
            {"Timestamp": from_now(&account, -1200), "SampleCount": 2.0, "Sum": 3.0,
             "Average": 1.5, "Minimum": 1.0, "Maximum": 2.0, "Unit": "Bytes"},
            {"Timestamp": from_now(&account, -600), "SampleCount": 2.0, "Sum": 9.0,
             "Average": 4.5, "Minimum": 3.0, "Maximum": 6.0, "Unit": "Bytes"},
        ])
    );
    let one = statistics(&mut account, 300, 300, json!({"Statistics": ["Maximum"]}));
    assert_eq!(
        one,
        json!([{"Timestamp": from_now(&account, -300), "Maximum": 6.0, "Unit": "Bytes"}])
    );
}

#[test]
fn dimensions_units_and_regions_must_all_fit() {
    let mut account = account(&[series(json!({"constant": 5}))]);
    for more in [
        json!({"Dimensions": []}),
        json!({"Dimensions": [{"Name": "NatGatewayId", "Value": "nat-2"}]}),
        json!({"Unit": "Count"}),
        json!({"MetricName": "bytes"}),
    ] {
        assert_eq!(statistics(&mut account, 600, 300, more), json!([]));
    }
    account.region = sandtable_model::Region::new("eu-west-1").unwrap();
    assert_eq!(statistics(&mut account, 600, 300, json!({})), json!([]));
}

/// Metrics retention: a minute for 15 days, five for 63, an hour for 455.
#[test]
fn datapoints_fade_with_age() {
    const DAY: i64 = 86_400;
    let mut account = account(&[series(json!({"constant": 1, "days": 100, "period": 60}))]);
    let mut count = |from: i64, period: i64| {
        let window = json!({"EndTime": from_now(&account, 3600 - from)});
        let seen = statistics(&mut account, from, period, window);
        seen.as_array().map(Vec::len)
    };
    assert_eq!(count(DAY, 60), Some(60));
    assert_eq!(count(16 * DAY, 60), Some(0));
    assert_eq!(count(16 * DAY, 300), Some(12));
    assert_eq!(count(64 * DAY, 300), Some(0));
    assert_eq!(count(64 * DAY, 3600), Some(1));
    assert_eq!(count(101 * DAY, 3600), Some(0));
}

#[test]
fn a_constant_goes_on_and_values_do_not() {
    let five = json!({"constant": 5, "metric": "Steady"});
    let mut account = account(&[series(five), series(json!({"values": [7]}))]);
    account.pass(3600);
    let steady = json!({"MetricName": "Steady"});
    let seen = statistics(&mut account, 3600, 300, steady);
    assert_eq!(seen.as_array().unwrap().len(), 12);
    assert_eq!(statistics(&mut account, 3600, 300, json!({})), json!([]));
    assert_eq!(
        statistics(&mut account, 4200, 300, json!({}))[0]["Sum"],
        7.0
    );
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let mut account = account(&[]);
    let mut code = |seconds, period, more| statistics(&mut account, seconds, period, more);
    assert_eq!(code(600, 90, json!({})), "InvalidParameterValue");
    assert_eq!(code(0, 60, json!({})), "InvalidParameterValue");
    assert_eq!(code(86_460, 60, json!({})), "InvalidParameterCombination");
    assert_eq!(code(86_400, 60, json!({})), json!([]));
    let none = json!({"Statistics": []});
    assert_eq!(code(600, 60, none), "InvalidParameterCombination");
    let median = json!({"Statistics": ["Median"]});
    assert_eq!(code(600, 60, median), "InvalidParameterValue");
    assert_eq!(
        code(600, 60, json!({"Unit": "Cups"})),
        "InvalidParameterValue"
    );
    let percentile = json!({"ExtendedStatistics": ["p99"]});
    assert_eq!(code(600, 60, percentile), "UnsupportedOperation");
    let twice = json!([{"Name": "a", "Value": "1"}, {"Name": "a", "Value": "2"}]);
    let twice = json!({"Dimensions": twice});
    assert_eq!(code(600, 60, twice), "InvalidParameterValue");
}

#[test]
fn series_that_cannot_be_served_are_refused() {
    for broken in [
        json!({}),
        json!({"values": [1], "constant": 1}),
        json!({"constant": 1, "unit": "Cups"}),
        json!({"constant": 1, "period": 61}),
        json!({"constant": 1, "days": 456}),
        json!({"constant": 1, "namespace": ""}),
        json!({"values": vec![1; 500], "period": 86_400}),
    ] {
        assert!(series(broken.clone()).check().is_err(), "{broken}");
    }
}
