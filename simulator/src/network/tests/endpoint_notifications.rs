//! Notifications: EC2 API reference, CreateVpcEndpointConnectionNotification and its siblings.

use serde_json::{Value, json};

use super::{World, text, vpc};

const CREATE: &str = "CreateVpcEndpointConnectionNotification";
const DESCRIBE: &str = "DescribeVpcEndpointConnectionNotifications";
const MODIFY: &str = "ModifyVpcEndpointConnectionNotification";
const DELETE: &str = "DeleteVpcEndpointConnectionNotifications";
const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:endpoints";
const ID: &str = "/ConnectionNotification/ConnectionNotificationId";

fn service(world: &mut World) -> String {
    let arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/a/0123456789abcdef";
    let input = json!({"NetworkLoadBalancerArns": [arn]});
    let name = "CreateVpcEndpointServiceConfiguration";
    world.make(name, input, "/ServiceConfiguration/ServiceId")
}

fn about(service: &str, events: &[&str]) -> Value {
    json!({"ServiceId": service, "ConnectionNotificationArn": TOPIC, "ConnectionEvents": events})
}

#[test]
fn a_notification_lives() {
    let mut world = World::new();
    let service = service(&mut world);
    let mut input = about(&service, &["Accept"]);
    input["ClientToken"] = json!("one");
    let id = world.make(CREATE, input.clone(), ID);
    assert_eq!(world.make(CREATE, input.clone(), ID), id, "the same token");
    input["ConnectionEvents"] = json!(["Reject"]);
    world.refused(CREATE, input, "IdempotentParameterMismatch", "");
    let change = json!({"ConnectionNotificationId": id, "ConnectionEvents": ["Connect", "Delete"]});
    world.ok(MODIFY, change);
    let filter = json!({"Filters": [{"Name": "service-id", "Values": [service]},
                                    {"Name": "connection-notification-state",
                                     "Values": ["Enabled"]}]});
    let seen = world.one(DESCRIBE, filter);
    assert_eq!(seen["ConnectionEvents"], json!(["Connect", "Delete"]));
    assert_eq!(text(&seen, "/ConnectionNotificationArn"), TOPIC);
    let other = world.make(CREATE, about(&service, &["Reject"]), ID);
    let gone = json!({"ConnectionNotificationIds": [id, "vpce-nfn-0123456789abcdef0"]});
    let answer = world.ok(DELETE, gone);
    assert_eq!(answer["Unsuccessful"].as_array().unwrap().len(), 1);
    let code = "InvalidConnectionNotification";
    assert_eq!(text(&answer, "/Unsuccessful/0/Error/Code"), code);
    world.refused(DESCRIBE, json!({"ConnectionNotificationId": id}), code, &id);
    assert_eq!(
        text(&world.one(DESCRIBE, json!({})), "/ConnectionNotificationId"),
        other
    );
    // They go with what they are about.
    let name = "DeleteVpcEndpointServiceConfigurations";
    world.ok(name, json!({"ServiceIds": [service]}));
    assert_eq!(world.all(DESCRIBE, json!({})).len(), 0);
}

// "You can create a connection notification for interface endpoints only."
#[test]
fn what_cannot_be_notified() {
    let mut world = World::new();
    let service = service(&mut world);
    let vpc = vpc(&mut world, "10.0.0.0/16");
    let input = json!({"VpcId": vpc, "ServiceName": "com.amazonaws.eu-central-1.s3"});
    let gateway = world.make("CreateVpcEndpoint", input, "/VpcEndpoint/VpcEndpointId");
    for (input, code) in [
        (
            json!({"VpcEndpointId": gateway, "ConnectionNotificationArn": TOPIC,
                   "ConnectionEvents": ["Accept"]}),
            "InvalidParameter",
        ),
        (
            json!({"ConnectionNotificationArn": TOPIC, "ConnectionEvents": ["Accept"]}),
            "InvalidParameter",
        ),
        (about(&service, &["Explode"]), "InvalidParameterValue"),
        (about(&service, &[]), "MissingParameter"),
        (
            json!({"ServiceId": service, "ConnectionNotificationArn": "x",
                   "ConnectionEvents": ["Accept"]}),
            "InvalidParameterValue",
        ),
        (
            json!({"ServiceId": service, "ConnectionEvents": ["Accept"]}),
            "MissingParameter",
        ),
    ] {
        world.refused(CREATE, input, code, "");
    }
    let id = world.make(CREATE, about(&service, &["Accept"]), ID);
    let nothing = json!({"ConnectionNotificationId": id});
    world.refused(MODIFY, nothing, "MissingParameter", "");
}
