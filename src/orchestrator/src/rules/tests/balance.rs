use sandtable_model::{Confidence, Kind};
use serde_json::{Value, json};

use crate::testing::{Estate, OLD};

const ARN: &str =
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/0123456789abcdef";
const GROUP: &str =
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef";
const BALANCER_ID: &str = "lb-us-east-1/web";
const GROUP_ID: &str = "tg-us-east-1/web";

fn listener(action: &Value) -> Value {
    json!([{"ListenerArn": format!("{ARN}/1"), "Port": 80, "Protocol": "HTTP",
            "DefaultActions": [action]}])
}

fn forward() -> Value {
    json!({"Type": "forward", "TargetGroupArn": GROUP})
}

fn balancer() -> (Kind, Value) {
    (
        Kind::LoadBalancer,
        json!({"LoadBalancerId": BALANCER_ID, "LoadBalancerName": "web", "LoadBalancerArn": ARN,
               "CreatedTime": OLD, "VpcId": "vpc-1", "State": {"Code": "active"},
               "Type": "application", "Listeners": listener(&forward())}),
    )
}

fn group(targets: &Value) -> (Kind, Value) {
    (
        Kind::TargetGroup,
        json!({"TargetGroupId": GROUP_ID, "TargetGroupName": "web", "TargetGroupArn": GROUP,
               "TargetType": "instance", "LoadBalancerArns": [ARN], "Targets": targets}),
    )
}

fn scaling(members: Value) -> (Kind, Value) {
    let mut group = json!({"AutoScalingGroupId": "asg-us-east-1/web", "AutoScalingGroupName": "web",
                           "MinSize": 0, "MaxSize": 4, "DesiredCapacity": 0});
    for (name, value) in members.as_object().unwrap() {
        group[name] = value.clone();
    }
    (Kind::AutoScalingGroup, group)
}

fn instance(state: &str) -> (Kind, Value) {
    (
        Kind::Instance,
        json!({"InstanceId": "i-1", "InstanceType": "m5.large", "State": {"Code": 0, "Name": state}}),
    )
}

fn fires(estate: &Estate, name: &str) -> bool {
    estate.findings().contains(&name.to_owned())
}

#[test]
fn l1_nothing_behind() {
    let empty = || Estate::of([balancer(), group(&json!([]))]);
    let name = format!("L1/{BALANCER_ID}");
    let finding = empty().finding(&name);
    assert_eq!(finding.confidence, Confidence::High);
    assert_eq!(finding.saving_usd_month.unwrap().to_string(), "16.425");
    assert!(finding.advice.is_some());

    let misses = [
        (json!({"State": {"Code": "provisioning"}}), None),
        (json!({"CreatedTime": empty().days_ago(2)}), Some("age")),
        (
            json!({"Listeners": listener(&json!({"Type": "redirect"}))}),
            Some("answers by itself"),
        ),
        (
            json!({"Tags": {"kubernetes.io/cluster/x": "owned"}}),
            Some("managed by something else"),
        ),
    ];
    for (change, guard) in misses {
        let mut estate = empty();
        estate.set(BALANCER_ID, change.clone());
        assert!(!fires(&estate, &name), "{change}");
        assert_eq!(
            estate.guard("L1", BALANCER_ID).as_deref(),
            guard,
            "{change}"
        );
    }
    for kind in [
        Kind::TargetGroup,
        Kind::VpcEndpointService,
        Kind::AutoScalingGroup,
    ] {
        let mut estate = empty();
        estate.unseen(kind);
        assert_eq!(
            estate.guard("L1", BALANCER_ID).as_deref(),
            Some("missing data"),
            "{kind}"
        );
    }
    let mut scaled = empty();
    let (kind, value) = scaling(json!({"TargetGroupARNs": [GROUP]}));
    scaled.add(kind, value);
    assert_eq!(
        scaled.guard("L1", BALANCER_ID).as_deref(),
        Some("scale to zero")
    );
    let mut served = empty();
    let service =
        json!({"ServiceId": "vpce-svc-1", "ServiceName": "s", "NetworkLoadBalancerArns": [ARN]});
    served.add(Kind::VpcEndpointService, service);
    assert_eq!(
        served.guard("L1", BALANCER_ID).as_deref(),
        Some("endpoint service")
    );
    let used = Estate::of([
        balancer(),
        group(&json!([{"Id": "i-1"}])),
        instance("running"),
    ]);
    assert!(!fires(&used, &name));
}

#[test]
fn g19_all_asleep() {
    let name = format!("G19/{BALANCER_ID}");
    let with = |state| Estate::of([balancer(), group(&json!([{"Id": "i-1"}])), instance(state)]);
    let finding = with("stopped").finding(&name);
    assert_eq!(finding.confidence, Confidence::Medium);
    for state in ["running", "pending", "stopping"] {
        assert!(!fires(&with(state), &name), "{state}");
    }
    let mut gone = with("stopped");
    gone.remove("i-1");
    assert!(fires(&gone, &name));
    gone.unseen(Kind::Instance);
    assert_eq!(
        gone.guard("G19", BALANCER_ID).as_deref(),
        Some("missing data")
    );
    let mut addresses = with("stopped");
    addresses.set(GROUP_ID, json!({"TargetType": "ip"}));
    assert!(!fires(&addresses, &name));
    let mut scaled = with("stopped");
    let (kind, value) = scaling(json!({"TargetGroupARNs": [GROUP]}));
    scaled.add(kind, value);
    assert_eq!(
        scaled.guard("G19", BALANCER_ID).as_deref(),
        Some("scale to zero")
    );
    let mut owned = with("stopped");
    owned.set(
        BALANCER_ID,
        json!({"Tags": {"aws:cloudformation:stack-name": "x"}}),
    );
    assert_eq!(
        owned.guard("G19", BALANCER_ID).as_deref(),
        Some("managed by something else")
    );
}

#[test]
fn l3_classic_without_instances() {
    let id = "clb-us-east-1/old";
    let classic = json!({"LoadBalancerId": id, "LoadBalancerName": "old", "CreatedTime": OLD});
    let empty = || Estate::of([(Kind::ClassicLoadBalancer, classic.clone())]);
    let finding = empty().finding(&format!("L3/{id}"));
    assert_eq!(finding.saving_usd_month.unwrap().to_string(), "18.25");
    assert_eq!(finding.confidence, Confidence::High);
    let misses = [
        (json!({"Instances": [{"InstanceId": "i-1"}]}), None),
        (json!({"CreatedTime": empty().days_ago(2)}), Some("age")),
        (
            json!({"Tags": {"kubernetes.io/cluster/x": "owned"}}),
            Some("managed by something else"),
        ),
    ];
    for (change, guard) in misses {
        let mut estate = empty();
        estate.set(id, change.clone());
        assert_eq!(estate.findings(), Vec::<String>::new(), "{change}");
        assert_eq!(estate.guard("L3", id).as_deref(), guard, "{change}");
    }
    let mut scaled = empty();
    let (kind, value) = scaling(json!({"LoadBalancerNames": ["old"]}));
    scaled.add(kind, value);
    assert_eq!(scaled.guard("L3", id).as_deref(), Some("scale to zero"));
    let mut blind = empty();
    blind.unseen(Kind::AutoScalingGroup);
    assert_eq!(blind.guard("L3", id).as_deref(), Some("missing data"));
}

#[test]
fn g23_orphans() {
    let orphan = || {
        let mut estate = Estate::of([group(&json!([]))]);
        estate.set(GROUP_ID, json!({"LoadBalancerArns": []}));
        estate
    };
    let name = format!("G23/{GROUP_ID}");
    assert_eq!(orphan().finding(&name).confidence, Confidence::Medium);
    assert!(
        !fires(&Estate::of([group(&json!([]))]), &name),
        "told by the group"
    );
    let mut named = orphan();
    let (kind, value) = balancer();
    named.add(kind, value);
    assert!(!fires(&named, &name), "told by the listener");
    let mut scaled = orphan();
    let (kind, value) = scaling(json!({"TargetGroupARNs": [GROUP]}));
    scaled.add(kind, value);
    assert_eq!(
        scaled.guard("G23", GROUP_ID).as_deref(),
        Some("Auto Scaling")
    );

    let template = json!({"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web"});
    let unused = Estate::of([(Kind::LaunchTemplate, template.clone())]);
    assert!(fires(&unused, "G23/lt-1"));
    for named in [
        json!({"LaunchTemplateId": "lt-1"}),
        json!({"LaunchTemplateName": "web"}),
    ] {
        let group = scaling(json!({"LaunchTemplate": named}));
        let used = Estate::of([(Kind::LaunchTemplate, template.clone()), group]);
        assert!(!fires(&used, "G23/lt-1"), "{named}");
    }
}
