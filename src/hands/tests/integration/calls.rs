//! Every action as it stands on the wire, and what answers come to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use sandtable_cloud::{Act, DryRun, ErrorClass, Observe, Query};
use sandtable_describe::{AllowList, LOOKS as READS};
use sandtable_hands::{Aws, OPERATIONS, SystemClock};
use sandtable_model::{Action, Region, ResourceId};
use serde_json::{Value, json};

/// Answers every request in one way, and keeps what was sent.
#[derive(Clone, Debug)]
struct Wire {
    sent: Arc<Mutex<Vec<String>>>,
    answer: Answer,
}

#[derive(Clone, Debug)]
enum Answer {
    /// A success with these members.
    Success(&'static str),
    /// A refusal.
    Refusal(u16, &'static str),
    /// A body that is no answer of EC2.
    Garbage(u16),
    /// None in time.
    Timeout,
    /// A connection that broke.
    Broken,
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let action = body
            .strip_prefix("Action=")
            .and_then(|it| it.split('&').next());
        let action = action.unwrap_or_default().to_owned();
        self.sent.lock().unwrap().push(body);
        let respond = |status: u16, body: String| {
            let status = StatusCode::try_from(status).unwrap();
            Ok(HttpResponse::new(status, SdkBody::from(body)))
        };
        HttpConnectorFuture::ready(match self.answer {
            Answer::Success(members) => respond(
                200,
                format!(
                    "<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
                     <requestId>r</requestId>{members}</{action}Response>"
                ),
            ),
            Answer::Refusal(status, code) => respond(
                status,
                format!(
                    "<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error>\
                     </Errors><RequestID>r</RequestID></Response>"
                ),
            ),
            Answer::Garbage(status) => respond(status, "<html>what?</html>".to_owned()),
            Answer::Timeout => Err(ConnectorError::timeout("too late".into())),
            Answer::Broken => Err(ConnectorError::io("connection reset by peer".into())),
        })
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn region() -> Region {
    Region::new("eu-central-1").unwrap()
}

fn cloud(answer: Answer) -> (Aws<SystemClock>, Wire) {
    let wire = Wire {
        sent: Arc::default(),
        answer,
    };
    let conf = aws_sdk_ec2::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(aws_sdk_ec2::config::Region::new("eu-central-1"))
        .credentials_provider(Credentials::for_tests())
        .retry_config(aws_sdk_ec2::config::retry::RetryConfig::disabled())
        .http_client(wire.clone())
        .interceptor(AllowList::new(&[READS, OPERATIONS]));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let clients = BTreeMap::from([(region(), Client::from_conf(conf.build()))]);
    (Aws::new(runtime, clients, SystemClock), wire)
}

fn action(name: &str, parameters: Value) -> Action {
    Action::from_parts(name, parameters).unwrap()
}

/// An action, and the parameters that it must put on the wire.
fn table() -> Vec<(Action, &'static str)> {
    let rules = json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
        "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "in"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}], "PrefixListIds": [{"PrefixListId": "pl-1"}],
        "UserIdGroupPairs": [{"GroupId": "sg-2", "GroupName": "web", "UserId": "123456789012"}]}]);
    let on_wire = "GroupId=sg-1&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=443\
        &IpPermissions.1.ToPort=443&IpPermissions.1.Groups.1.UserId=123456789012\
        &IpPermissions.1.Groups.1.GroupId=sg-2&IpPermissions.1.IpRanges.1.Description=in\
        &IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8\
        &IpPermissions.1.Ipv6Ranges.1.CidrIpv6=::/0&IpPermissions.1.PrefixListIds.1.PrefixListId=pl-1";
    let group = |name: &str| action(name, json!({"GroupId": "sg-1", "IpPermissions": rules}));
    let gateway = json!({"InternetGatewayId": "igw-1", "VpcId": "vpc-1"});
    vec![
        (
            action(
                "CreateSnapshot",
                json!({"VolumeId": "vol-1", "Description": "kept", "Tags": [{"Key": "a", "Value": "b"}]}),
            ),
            "Description=kept&VolumeId=vol-1&TagSpecification.1.ResourceType=snapshot\
             &TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b",
        ),
        (
            action("DeleteVolume", json!({"VolumeId": "vol-1"})),
            "VolumeId=vol-1",
        ),
        (
            action("DeleteSnapshot", json!({"SnapshotId": "snap-1"})),
            "SnapshotId=snap-1",
        ),
        (
            action(
                "DisassociateAddress",
                json!({"AllocationId": "eipalloc-1", "AssociationId": "eipassoc-1"}),
            ),
            "AssociationId=eipassoc-1",
        ),
        (
            action(
                "AssociateAddress",
                json!({"AllocationId": "eipalloc-1", "NetworkInterfaceId": "eni-1",
                       "PrivateIpAddress": "10.0.0.4"}),
            ),
            "AllocationId=eipalloc-1&NetworkInterfaceId=eni-1&PrivateIpAddress=10.0.0.4\
             &AllowReassociation=false",
        ),
        (
            action("ReleaseAddress", json!({"AllocationId": "eipalloc-1"})),
            "AllocationId=eipalloc-1",
        ),
        (
            action(
                "DeleteNetworkInterface",
                json!({"NetworkInterfaceId": "eni-1"}),
            ),
            "NetworkInterfaceId=eni-1",
        ),
        (
            action(
                "DeleteRoute",
                json!({"RouteTableId": "rtb-1", "DestinationIpv6CidrBlock": "::/0"}),
            ),
            "RouteTableId=rtb-1&DestinationIpv6CidrBlock=::/0",
        ),
        (
            action(
                "CreateRoute",
                json!({"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0",
                       "NatGatewayId": "nat-1"}),
            ),
            "RouteTableId=rtb-1&DestinationCidrBlock=0.0.0.0/0&NatGatewayId=nat-1",
        ),
        (
            action("DeleteNatGateway", json!({"NatGatewayId": "nat-1"})),
            "NatGatewayId=nat-1",
        ),
        (
            action("DeleteVpcEndpoints", json!({"VpcEndpointId": "vpce-1"})),
            "VpcEndpointId.1=vpce-1",
        ),
        (
            action("DetachInternetGateway", gateway.clone()),
            "InternetGatewayId=igw-1&VpcId=vpc-1",
        ),
        (
            action("AttachInternetGateway", gateway),
            "InternetGatewayId=igw-1&VpcId=vpc-1",
        ),
        (
            action(
                "DeleteInternetGateway",
                json!({"InternetGatewayId": "igw-1"}),
            ),
            "InternetGatewayId=igw-1",
        ),
        (
            action(
                "DisassociateRouteTable",
                json!({"RouteTableId": "rtb-1", "AssociationId": "rtbassoc-1"}),
            ),
            "AssociationId=rtbassoc-1",
        ),
        (
            action(
                "AssociateRouteTable",
                json!({"RouteTableId": "rtb-1", "SubnetId": "subnet-1"}),
            ),
            "RouteTableId=rtb-1&SubnetId=subnet-1",
        ),
        (
            action("DeleteRouteTable", json!({"RouteTableId": "rtb-1"})),
            "RouteTableId=rtb-1",
        ),
        (
            action("DeleteSubnet", json!({"SubnetId": "subnet-1"})),
            "SubnetId=subnet-1",
        ),
        (group("RevokeSecurityGroupIngress"), on_wire),
        (group("RevokeSecurityGroupEgress"), on_wire),
        (group("AuthorizeSecurityGroupIngress"), on_wire),
        (group("AuthorizeSecurityGroupEgress"), on_wire),
        (
            action("DeleteSecurityGroup", json!({"GroupId": "sg-1"})),
            "GroupId=sg-1",
        ),
        (
            action("DeleteVpc", json!({"VpcId": "vpc-1"})),
            "VpcId=vpc-1",
        ),
    ]
}

fn parameters(body: &str) -> BTreeSet<String> {
    let decoded = body.replace("%2F", "/").replace("%3A", ":");
    decoded.split('&').map(str::to_owned).collect()
}

#[test]
fn every_action_is_one_call_with_its_own_parameters() {
    let mut names = BTreeSet::new();
    for (action, expected) in table() {
        for (dry_run, flag) in [(false, "DryRun=false"), (true, "DryRun=true")] {
            let (mut cloud, wire) = cloud(Answer::Success("<return>true</return>"));
            if dry_run {
                let error = cloud.dry_run(&region(), &action).unwrap_err();
                assert_eq!(error.code, "DryRunIgnored");
            } else {
                cloud.perform(&region(), &action).unwrap();
            }
            let sent = wire.sent.lock().unwrap();
            let [body] = sent.as_slice() else {
                panic!("{}: {sent:?}", action.name());
            };
            let start = format!(
                "Action={}&Version=2016-11-15&{flag}&{expected}",
                action.name()
            );
            assert_eq!(parameters(body), parameters(&start), "{body}");
        }
        names.insert(action.name());
    }
    assert_eq!(
        names,
        OPERATIONS.iter().copied().collect(),
        "the table misses an action"
    );
}

#[test]
fn every_destination_and_target_of_a_route_has_its_parameter() {
    let (mut cloud, wire) = cloud(Answer::Success("<return>true</return>"));
    let targets = [
        ("GatewayId", "igw-1"),
        ("NatGatewayId", "nat-1"),
        ("NetworkInterfaceId", "eni-1"),
        ("TransitGatewayId", "tgw-1"),
        ("VpcPeeringConnectionId", "pcx-1"),
        ("EgressOnlyInternetGatewayId", "eigw-1"),
    ];
    for (member, id) in targets {
        let route = json!({"RouteTableId": "rtb-1", "DestinationPrefixListId": "pl-1", member: id});
        cloud
            .perform(&region(), &action("CreateRoute", route))
            .unwrap();
        let sent = wire.sent.lock().unwrap().pop().unwrap();
        let sent = parameters(&sent);
        assert!(sent.contains(&format!("{member}={id}")), "{sent:?}");
        assert!(sent.contains("DestinationPrefixListId=pl-1"), "{sent:?}");
    }
}

fn delete_vpc() -> Action {
    action("DeleteVpc", json!({"VpcId": "vpc-1"}))
}

#[test]
fn a_snapshot_that_was_made_is_told() {
    let (mut cloud, _) = cloud(Answer::Success("<snapshotId>snap-9</snapshotId>"));
    let make = action(
        "CreateSnapshot",
        json!({"VolumeId": "vol-1", "Description": "kept"}),
    );
    let performed = cloud.perform(&region(), &make).unwrap();
    assert_eq!(performed.created, Some(ResourceId::new("snap-9").unwrap()));
}

#[test]
fn an_item_that_failed_in_a_bulk_deletion_is_a_failure() {
    let (mut cloud, _) = cloud(Answer::Success(
        "<unsuccessful><item><resourceId>vpce-1</resourceId><error>\
         <code>InvalidVpcEndpoint.NotFound</code><message>gone</message></error></item></unsuccessful>",
    ));
    let delete = action("DeleteVpcEndpoints", json!({"VpcEndpointId": "vpce-1"}));
    let error = cloud.perform(&region(), &delete).unwrap_err();
    assert_eq!(
        (error.class, &*error.code),
        (ErrorClass::NotFound, "InvalidVpcEndpoint.NotFound")
    );
}

#[test]
fn a_dry_run_says_whether_the_call_would_be_allowed() {
    let (mut permitted, _) = cloud(Answer::Refusal(412, "DryRunOperation"));
    assert_eq!(
        permitted.dry_run(&region(), &delete_vpc()),
        Ok(DryRun::Allowed)
    );
    let (mut denied, _) = cloud(Answer::Refusal(403, "UnauthorizedOperation"));
    let error = denied.dry_run(&region(), &delete_vpc()).unwrap_err();
    assert_eq!(error.class, ErrorClass::Denied);
}

#[test]
fn failures_mean_what_the_executor_relies_on() {
    for (answer, class) in [
        (
            Answer::Refusal(400, "DependencyViolation"),
            ErrorClass::Blocked,
        ),
        (
            Answer::Refusal(400, "InvalidVpcID.NotFound"),
            ErrorClass::NotFound,
        ),
        (
            Answer::Refusal(503, "RequestLimitExceeded"),
            ErrorClass::Throttled,
        ),
        (Answer::Refusal(500, "InternalError"), ErrorClass::Transient),
        (
            Answer::Refusal(500, "NobodyKnowsThisOne"),
            ErrorClass::Transient,
        ),
        (
            Answer::Refusal(403, "NobodyKnowsThisOne"),
            ErrorClass::Denied,
        ),
        (
            Answer::Refusal(400, "NobodyKnowsThisOne"),
            ErrorClass::Unknown,
        ),
        (Answer::Timeout, ErrorClass::Ambiguous),
        (Answer::Broken, ErrorClass::Ambiguous),
    ] {
        let text = format!("{answer:?}");
        let (mut cloud, wire) = cloud(answer);
        let error = cloud.perform(&region(), &delete_vpc()).unwrap_err();
        assert_eq!(error.class, class, "{text}: {error}");
        assert_eq!(
            wire.sent.lock().unwrap().len(),
            1,
            "{text}: no call is made twice"
        );
    }
}

#[test]
fn a_failure_without_a_code_may_have_taken_effect() {
    let (mut cloud, _) = cloud(Answer::Garbage(502));
    let error = cloud.perform(&region(), &delete_vpc()).unwrap_err();
    let open = matches!(error.class, ErrorClass::Transient | ErrorClass::Ambiguous);
    assert!(open, "{error:?}");
}

#[test]
fn looking_at_what_is_gone_is_no_error_and_at_what_is_denied_is() {
    let look = |answer| {
        let (mut cloud, _) = cloud(answer);
        let id = ResourceId::new("vpc-1").unwrap();
        cloud.look(&region(), &Query::Resource(id))
    };
    assert_eq!(
        look(Answer::Refusal(400, "InvalidVpcID.NotFound")),
        Ok(Vec::new())
    );
    let error = look(Answer::Refusal(403, "UnauthorizedOperation")).unwrap_err();
    assert_eq!(error.class, ErrorClass::Denied);
}

#[test]
fn a_region_without_a_client_is_refused() {
    let (mut cloud, wire) = cloud(Answer::Success(""));
    let elsewhere = Region::new("us-east-1").unwrap();
    let error = cloud.perform(&elsewhere, &delete_vpc()).unwrap_err();
    assert_eq!(error.class, ErrorClass::Invalid);
    assert!(wire.sent.lock().unwrap().is_empty());
}

#[test]
fn the_iam_policy_allows_what_the_lists_let_pass_and_nothing_else() {
    let policy: Value = serde_json::from_str(include_str!("../../iam-policy.json")).unwrap();
    let actions = |index: usize| -> Vec<&str> {
        let actions = policy["Statement"][index]["Action"]
            .as_array()
            .unwrap()
            .iter();
        actions.map(|it| it.as_str().unwrap()).collect()
    };
    let listed =
        |list: &[&str]| -> Vec<String> { list.iter().map(|it| format!("ec2:{it}")).collect() };
    assert_eq!(actions(0), listed(READS));
    assert_eq!(actions(1), listed(OPERATIONS));
    // A snapshot gets its tags as it is made, which AWS counts as a call of its own.
    assert_eq!(actions(2), ["ec2:CreateTags"]);
    let condition = &policy["Statement"][2]["Condition"]["StringEquals"]["ec2:CreateAction"];
    assert_eq!(condition, "CreateSnapshot");
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 3);
}
