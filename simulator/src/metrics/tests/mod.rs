//! CloudWatch: what was observed, what was put, and how it is summed up.

mod data;
mod put;
mod statistics;

use sandtable_model::Timestamp;
use serde_json::{Value, json};

use super::MetricSeries;
use crate::testing::Account;
use crate::wire::{Api, encode_xml};
use crate::{ApiError, dispatch};

/// A call, whose answer AWS's shapes must have room for.
fn ask(account: &mut Account, action: &str, input: Value) -> Result<Value, ApiError> {
    let ctx = account.twin.context(&account.region);
    let answer = dispatch::call_of(&mut account.twin, &ctx, Api::CloudWatch, action, input)?;
    let mut xml = Vec::new();
    encode_xml(Api::CloudWatch.table(), action, &answer, "id", &mut xml)
        .unwrap_or_else(|error| panic!("{action}: {error}"));
    Ok(answer)
}

/// A NAT gateway's metric in eu-central-1.
fn series(more: Value) -> MetricSeries {
    let mut series = json!({"region": "eu-central-1", "namespace": "AWS/NATGateway",
                            "metric": "Bytes", "dimensions": {"NatGatewayId": "nat-1"},
                            "unit": "Bytes"});
    for (name, value) in more.as_object().into_iter().flatten() {
        series[name] = value.clone();
    }
    serde_json::from_value(series).unwrap()
}

fn account(all: &[MetricSeries]) -> Account {
    let mut account = Account::new();
    account.twin.observe_metrics(all).unwrap();
    account
}

/// A moment so many seconds from now.
fn from_now(account: &Account, seconds: i64) -> String {
    let millis = account.twin.now().millis() + 1000 * seconds;
    Timestamp::from_millis(millis).to_wire()
}

/// The metric of [`series`] over some seconds until now.
fn statistics(account: &mut Account, seconds: i64, period: i64, more: Value) -> Value {
    let mut input = json!({"Namespace": "AWS/NATGateway", "MetricName": "Bytes",
        "Dimensions": [{"Name": "NatGatewayId", "Value": "nat-1"}],
        "StartTime": from_now(account, -seconds), "EndTime": from_now(account, 0),
        "Period": period, "Statistics": ["Sum", "SampleCount", "Average", "Minimum", "Maximum"]});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    match ask(account, "GetMetricStatistics", input) {
        Ok(answer) => answer["Datapoints"].clone(),
        Err(error) => error.code.into(),
    }
}
