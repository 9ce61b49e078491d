//! `GetMetricData`, `ListMetrics` and alarms.

use serde_json::{Value, json};

use super::{account, ask, from_now, series};
use crate::testing::Account;

fn query(id: &str, more: Value) -> Value {
    let mut stat = json!({"Metric": {"Namespace": "AWS/NATGateway", "MetricName": "Bytes",
        "Dimensions": [{"Name": "NatGatewayId", "Value": "nat-1"}]}, "Period": 300, "Stat": "Sum"});
    for (name, value) in more.as_object().into_iter().flatten() {
        stat[name] = value.clone();
    }
    json!({"Id": id, "MetricStat": stat})
}

fn data(account: &mut Account, queries: Value, more: Value) -> Result<Value, String> {
    let mut input = json!({"MetricDataQueries": queries,
        "StartTime": from_now(account, -1200), "EndTime": from_now(account, 0)});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    ask(account, "GetMetricData", input).map_err(|error| error.code.into_owned())
}

#[test]
fn results_are_complete_with_or_without_values() {
    let mut account = account(&[series(json!({"values": [1, 2, null, 4]}))]);
    let queries = json!([query("a", json!({})), query("b", json!({"Unit": "Count"}))]);
    let seen = data(&mut account, queries.clone(), json!({})).unwrap();
    let times = [-300, -900, -1200].map(|it| from_now(&account, it));
    assert_eq!(
        seen["MetricDataResults"],
        json!([
            {"Id": "a", "Label": "Bytes", "Timestamps": times, "Values": [4.0, 2.0, 1.0],
             "StatusCode": "Complete"},
            {"Id": "b", "Label": "Bytes", "Timestamps": [], "Values": [],
             "StatusCode": "Complete"},
        ])
    );
    let ascending = json!({"ScanBy": "TimestampAscending"});
    let seen = data(&mut account, queries, ascending).unwrap();
    assert_eq!(
        seen["MetricDataResults"][0]["Values"],
        json!([1.0, 2.0, 4.0])
    );
}

#[test]
fn pages_join_to_the_whole() {
    let mut account = account(&[series(json!({"values": [1, 2, 3, 4]}))]);
    let queries = json!([
        query("a", json!({})),
        query("b", json!({"Stat": "Maximum"}))
    ]);
    let whole = data(&mut account, queries.clone(), json!({})).unwrap();
    for size in 1..9 {
        let mut joined = [Vec::new(), Vec::new()];
        let mut token = Value::Null;
        loop {
            let mut more = json!({"MaxDatapoints": size});
            if !token.is_null() {
                more["NextToken"] = token;
            }
            let page = data(&mut account, queries.clone(), more).unwrap();
            for (result, all) in page["MetricDataResults"]
                .as_array()
                .unwrap()
                .iter()
                .zip(&mut joined)
            {
                all.extend(result["Values"].as_array().unwrap().clone());
            }
            token = page["NextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        for (number, all) in joined.into_iter().enumerate() {
            assert_eq!(whole["MetricDataResults"][number]["Values"], json!(all));
        }
    }
}

#[test]
fn expressions_and_percentiles_are_refused_by_name() {
    let mut account = account(&[]);
    let mut code = |queries, more| data(&mut account, queries, more).unwrap_err();
    let sum = json!([{"Id": "a", "Expression": "SUM(METRICS())"}]);
    assert_eq!(code(sum, json!({})), "UnsupportedOperation");
    let p99 = json!([query("a", json!({"Stat": "p99"}))]);
    assert_eq!(code(p99, json!({})), "UnsupportedOperation");
    let fine = || json!([query("a", json!({}))]);
    for (queries, more) in [
        (json!([]), json!({})),
        (json!([{"Id": "a"}]), json!({})),
        (json!([query("A", json!({}))]), json!({})),
        (
            json!([query("a", json!({})), query("a", json!({}))]),
            json!({}),
        ),
        (fine(), json!({"ScanBy": "Sideways"})),
        (fine(), json!({"MaxDatapoints": 0})),
        (fine(), json!({"EndTime": "2020-01-01T00:00:00Z"})),
    ] {
        assert_eq!(code(queries, more), "ValidationError");
    }
    let token = json!({"NextToken": "nonsense"});
    assert_eq!(code(fine(), token), "InvalidNextToken");
}

#[test]
fn metrics_are_listed_while_they_report() {
    let old = json!({"metric": "Old", "values": [1]});
    let other = json!({"namespace": "AWS/EC2", "constant": 1, "dimensions": {"A": "1", "B": "2"}});
    let mut account = account(&[series(json!({"constant": 1})), series(old), series(other)]);
    let list = |account: &mut Account, input: Value| -> Vec<String> {
        let answer = ask(account, "ListMetrics", input).unwrap();
        let metrics = answer["Metrics"].as_array().unwrap();
        let name = |it: &Value| format!("{} {}", it["Namespace"], it["MetricName"]);
        metrics
            .iter()
            .map(name)
            .map(|it| it.replace('"', ""))
            .collect()
    };
    let all = [
        "AWS/EC2 Bytes",
        "AWS/NATGateway Bytes",
        "AWS/NATGateway Old",
    ];
    assert_eq!(list(&mut account, json!({})), all);
    let nat = json!({"Namespace": "AWS/NATGateway", "MetricName": "Old"});
    assert_eq!(list(&mut account, nat), all[2..]);
    let filter = json!({"Dimensions": [{"Name": "A"}, {"Name": "B", "Value": "2"}]});
    assert_eq!(list(&mut account, filter), all[..1]);
    let filter = json!({"Dimensions": [{"Name": "A", "Value": "2"}]});
    assert!(list(&mut account, filter).is_empty());
    account.pass(4 * 3600);
    let recent = json!({"RecentlyActive": "PT3H"});
    assert_eq!(list(&mut account, recent), all[..2]);
    assert_eq!(list(&mut account, json!({})), all);
    account.pass(14 * 86_400);
    assert_eq!(list(&mut account, json!({})), all[..2]);
}

#[test]
fn there_are_no_alarms() {
    let mut account = account(&[]);
    let none = ask(
        &mut account,
        "DescribeAlarms",
        json!({"AlarmNamePrefix": "x"}),
    )
    .unwrap();
    assert_eq!(none, json!({"MetricAlarms": [], "CompositeAlarms": []}));
    let error = ask(&mut account, "DescribeAlarms", json!({"MaxRecords": 101})).unwrap_err();
    assert_eq!(error.code, "InvalidParameterValue");
    let error = ask(&mut account, "PutMetricAlarm", json!({})).unwrap_err();
    assert_eq!(error.code, "UnsupportedOperation");
}
