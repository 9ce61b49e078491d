//! Rules of Spot requests (user guide, "Spot request status"; EC2 API reference).

use serde_json::{Value, json};

use crate::testing::{Account, text};

fn spot() -> Value {
    json!({"InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.05"}}})
}

fn request(account: &mut Account) -> Value {
    let answer = account.ok("DescribeSpotInstanceRequests", json!({}));
    answer["SpotInstanceRequests"][0].clone()
}

#[test]
fn requests_follow_their_instances() {
    let mut account = Account::new();
    let id = account.instance(spot());
    assert_eq!(account.see(&id)["InstanceLifecycle"], "spot");
    let made = request(&mut account);
    assert_eq!(made["State"], "active");
    assert_eq!(made["Status"]["Code"], "fulfilled");
    assert_eq!(made["SpotPrice"], "0.05");
    assert_eq!(made["InstanceId"], id.as_str());
    assert_eq!(
        account.see(&id)["SpotInstanceRequestId"],
        made["SpotInstanceRequestId"]
    );
    let (code, message) = account.refused("StopInstances", json!({"InstanceIds": [id]}));
    assert_eq!(code, "UnsupportedOperation");
    assert!(
        message.contains("one-time Spot Instance request"),
        "{message}"
    );
    account.ok("TerminateInstances", json!({"InstanceIds": [id]}));
    let closed = request(&mut account);
    assert_eq!(closed["State"], "closed");
    assert_eq!(closed["Status"]["Code"], "instance-terminated-by-user");
}

/// CancelSpotInstanceRequests does not end the instance.
#[test]
fn cancelled_requests_leave_their_instance() {
    let mut account = Account::new();
    let id = account.instance(spot());
    let sir = text(&request(&mut account), "SpotInstanceRequestId");
    let cancel = json!({"SpotInstanceRequestIds": [sir]});
    let answer = account.ok("CancelSpotInstanceRequests", cancel);
    assert_eq!(
        answer["CancelledSpotInstanceRequests"][0]["State"],
        "cancelled"
    );
    assert_eq!(account.see(&id)["State"]["Name"], "running");
    let seen = request(&mut account);
    assert_eq!(
        seen["Status"]["Code"],
        "request-canceled-and-instance-running"
    );
    account.ok("TerminateInstances", json!({"InstanceIds": [id]}));
    let seen = request(&mut account);
    assert_eq!(seen["State"], "cancelled");
    let by = json!({"Filters": [{"Name": "state", "Values": ["cancelled"]}]});
    let found = account.ok("DescribeSpotInstanceRequests", by);
    assert_eq!(found["SpotInstanceRequests"].as_array().unwrap().len(), 1);
    for (id, code) in [
        ("sir-0a1b2c3d", "InvalidSpotInstanceRequestID.NotFound"),
        ("sir-x", "InvalidSpotInstanceRequestID.Malformed"),
    ] {
        let input = json!({"SpotInstanceRequestIds": [id]});
        assert_eq!(
            account.code("CancelSpotInstanceRequests", input.clone()),
            code
        );
        assert_eq!(account.code("DescribeSpotInstanceRequests", input), code);
    }
}

#[test]
fn market_options_are_checked() {
    let mut account = Account::new();
    let image = account.public_image();
    let mut code = |options: Value| {
        let input = json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
                           "InstanceMarketOptions": options});
        account.code("RunInstances", input)
    };
    assert_eq!(code(json!({"MarketType": "flea"})), "InvalidParameterValue");
    assert_eq!(
        code(json!({"SpotOptions": {}})),
        "InvalidParameterCombination"
    );
    let spot = |options: Value| json!({"MarketType": "spot", "SpotOptions": options});
    assert_eq!(
        code(spot(json!({"MaxPrice": "cheap"}))),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(spot(json!({"SpotInstanceType": "persistent"}))),
        "UnsupportedOperation"
    );
    assert_eq!(
        code(spot(json!({"InstanceInterruptionBehavior": "stop"}))),
        "InvalidParameterCombination"
    );
    assert_eq!(
        code(json!({"MarketType": "capacity-block"})),
        "UnsupportedOperation"
    );
    assert_eq!(
        code(spot(json!({"BlockDurationMinutes": 60}))),
        "UnsupportedOperation"
    );
}
