//! `PutMetricData`
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>).

use serde_json::{Value, json};

use super::{account, ask, from_now};
use crate::testing::Account;

fn put(account: &mut Account, datum: Value) -> String {
    let mut whole = json!({"MetricName": "Load"});
    for (name, value) in datum.as_object().into_iter().flatten() {
        whole[name] = value.clone();
    }
    let input = json!({"Namespace": "Own", "MetricData": [whole]});
    match ask(account, "PutMetricData", input) {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.code.into_owned(),
    }
}

fn seen(account: &mut Account) -> Value {
    let input = json!({"Namespace": "Own", "MetricName": "Load", "Period": 60,
        "StartTime": from_now(account, -60), "EndTime": from_now(account, 60),
        "Statistics": ["SampleCount", "Sum", "Minimum", "Maximum"]});
    ask(account, "GetMetricStatistics", input).unwrap()["Datapoints"].clone()
}

#[test]
fn what_is_put_can_be_read() {
    let mut account = account(&[]);
    assert_eq!(put(&mut account, json!({"Value": 4})), "ok");
    let values = json!({"Values": [1, 9], "Counts": [2, 1]});
    assert_eq!(put(&mut account, values), "ok");
    let set = json!({"SampleCount": 2, "Sum": 4, "Minimum": 0, "Maximum": 4});
    assert_eq!(put(&mut account, json!({"StatisticValues": set})), "ok");
    let data = seen(&mut account);
    assert_eq!(
        data,
        json!([{"Timestamp": from_now(&account, 0), "SampleCount": 6.0, "Sum": 19.0,
                "Minimum": 0.0, "Maximum": 9.0, "Unit": "None"}])
    );
}

#[test]
fn what_is_none_of_the_callers_or_no_value_is_refused() {
    let mut account = account(&[]);
    let past = from_now(&account, -14 * 86_400 - 1);
    let ahead = from_now(&account, 2 * 3600 + 1);
    let huge = 2_f64.powi(361);
    for (datum, code) in [
        (json!({}), "MissingParameter"),
        (
            json!({"Value": 1, "Values": [1]}),
            "InvalidParameterCombination",
        ),
        (json!({"Value": 1, "Unit": "Cups"}), "InvalidParameterValue"),
        (json!({"Value": huge}), "InvalidParameterValue"),
        (
            json!({"Value": 1, "Timestamp": past}),
            "InvalidParameterValue",
        ),
        (
            json!({"Value": 1, "Timestamp": ahead}),
            "InvalidParameterValue",
        ),
        (
            json!({"Values": [1], "Counts": [1, 2]}),
            "InvalidParameterValue",
        ),
        (
            json!({"Value": 1, "StorageResolution": 30}),
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(put(&mut account, datum.clone()), code, "{datum}");
    }
    let aws = json!({"Namespace": "AWS/EC2", "MetricData": [{"MetricName": "a", "Value": 1}]});
    let error = ask(&mut account, "PutMetricData", aws).unwrap_err();
    assert_eq!(error.code, "InvalidParameterValue");
    // One that is refused takes the others with it.
    let mixed = json!({"Namespace": "Own", "MetricData": [
        {"MetricName": "Load", "Value": 1}, {"MetricName": "Load"}]});
    assert!(ask(&mut account, "PutMetricData", mixed).is_err());
    assert_eq!(seen(&mut account), json!([]));
}
