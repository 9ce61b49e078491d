//! EC2's protocol: rules of the page that are about bytes.

use sandtable_model::Duration;
use sandtable_simulator::wire::{RequestIds, answer};
use sandtable_simulator::{TwinOptions, TwinService};

use crate::rule::section;
use crate::world::{World, nobody};

section! {
    "wire", "The protocol of EC2";
    post_and_get: "A call is POST / with a form, or GET with the same parameters", "Request";
    names_of_members: "Members go by queryName, locationName with a capital, or their own name", "Request [B, S]";
    lists_are_flat: "Lists are flat and numbered from 1: VolumeId.1, Filter.1.Value.1, TagSpecification.1.Tag.1.Key", "Request [B]";
    filters_are_filter: "Filters are sent as Filter.n", "Request [B, computed]";
    booleans_and_numbers: "Booleans are true or false; a bad number or Boolean is InvalidParameterValue", "Request; Error response";
    dry_run_where_modelled: "DryRun is no parameter of the operations whose input lacks it, such as ModifyVpcAttribute", "Request [B, computed]";
    success: "A success is 200, text/xml, with the root ActionResponse in EC2's namespace and the requestId first", "Success response [S, B]";
    headers: "Answers carry x-amzn-requestid, the same as the body, and a Date", "Success response; Traps 1 and 2";
    lists_are_wrapped: "Lists are wrapped with items; an empty list is an empty element", "Success response [B]";
    wrapper_names: "Wrappers have the model's irregular names: imagesSet, addressesSet, securityGroupInfo, keySet, launchTemplates", "Success response [B]";
    irregular_leaves: "The state of volumes and snapshots is called status", "Success response [B]";
    no_modelled_output: "Operations without modelled output answer return true", "Success response [B, D]";
    timestamps: "Timestamps are ISO 8601 UTC with milliseconds", "Success response [B]";
    half_failures: "Bulk deletes that fail in part answer 200 with unsuccessful items", "Success response [B]";
    error_body: "An error is Response, Errors, Error with Code and Message, and RequestID with a capital D", "Error response [B parsers, S]";
    status_400: "Ordinary errors are 400, not found too, never 404", "Error response";
    status_412: "DryRunOperation is 412", "Error response; ec2-semantics 1, DryRun [W]";
    status_403: "UnauthorizedOperation is 403", "Error response; ec2-semantics 1, DryRun [W]";
    status_503: "RequestLimitExceeded is 503", "Error response; ec2-throttling, Model";
    unauthorized_message: "UnauthorizedOperation names principal, action and resource, and ends with an encoded message", "Error response [E]";
    unknown_action: "An unknown action is InvalidAction", "Error response";
    unknown_parameter: "An unknown parameter is UnknownParameter, at any depth", "Error response";
    missing_parameter: "A missing parameter is MissingParameter: The request must contain the parameter X", "Error response";
    filter_names: "A bad filter name is InvalidParameterValue: The filter 'x' is invalid", "Error response";
    last_page: "The last page has no nextToken", "Success response";
}

/// What came back.
struct Seen {
    status: u16,
    body: String,
    headers: http::HeaderMap,
}

fn send(world: &World, method: &str, target: &str, body: &str) -> Seen {
    let mut service = TwinService::new(world.twin.fork(), Duration::ZERO);
    let request = http::Request::builder()
        .method(method)
        .uri(format!("http://localhost{target}"))
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260601/eu-central-1/ec2/aws4_request, SignedHeaders=host, Signature=0")
        .body(body.as_bytes().to_vec())
        .unwrap();
    let response = answer(&mut service, &RequestIds::default(), &request)
        .response
        .unwrap();
    let (head, body) = response.into_parts();
    Seen {
        status: head.status.as_u16(),
        body: String::from_utf8(body).unwrap(),
        headers: head.headers,
    }
}

fn post(world: &World, call: &str) -> Seen {
    send(
        world,
        "POST",
        "/",
        &format!("Action={call}&Version=2016-11-15"),
    )
}

#[track_caller]
fn refused(world: &World, call: &str, code: &str) -> Seen {
    let seen = post(world, call);
    let expected = format!("<Code>{code}</Code>");
    assert!(seen.body.contains(&expected), "{call}: {}", seen.body);
    seen
}

fn post_and_get(world: &mut World) {
    let one = post(world, "DescribeVpcs");
    let other = send(world, "GET", "/?Action=DescribeVpcs&Version=2016-11-15", "");
    assert_eq!((one.status, &one.body), (200, &other.body));
    assert_ne!(send(world, "PUT", "/", "Action=DescribeVpcs").status, 200);
}

fn names_of_members(world: &mut World) {
    // `GroupName` of a filter-like member, `dryRun` by locationName, `Domain` by its own name.
    assert_eq!(post(world, "AllocateAddress&Domain=vpc").status, 200);
    refused(world, "AllocateAddress&domain=vpc", "UnknownParameter");
    assert_eq!(post(world, "DescribeVpcs&DryRun=true").status, 412);
    refused(world, "DescribeVpcs&dryRun=true", "UnknownParameter");
}

fn lists_are_flat(world: &mut World) {
    let volume = world.volume();
    let seen = post(world, &format!("DescribeVolumes&VolumeId.1={volume}"));
    assert!(seen.body.contains(&volume), "{}", seen.body);
    refused(
        world,
        &format!("DescribeVolumes&VolumeId={volume}"),
        "UnknownParameter",
    );
    refused(
        world,
        &format!("DescribeVolumes&VolumeIds.1={volume}"),
        "UnknownParameter",
    );
    refused(
        world,
        &format!("DescribeVolumes&VolumeId.member.1={volume}"),
        "UnknownParameter",
    );
    let tags = "TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b";
    let seen = post(world, &format!("CreateVpc&CidrBlock=10.0.0.0%2F16&{tags}"));
    assert!(
        seen.body.contains("<key>a</key><value>b</value>"),
        "{}",
        seen.body
    );
    let call = format!("CreateTags&ResourceId.1={volume}&Tag.1.Key=a&Tag.1.Value=b");
    assert_eq!(post(world, &call).status, 200);
}

fn filters_are_filter(world: &mut World) {
    for action in [
        "DescribeVolumes",
        "DescribeVpcs",
        "DescribeNatGateways",
        "DescribeFlowLogs",
    ] {
        let call = format!("{action}&Filter.1.Name=tag-key&Filter.1.Value.1=x");
        assert_eq!(post(world, &call).status, 200, "{action}");
        let call = format!("{action}&Filters.1.Name=tag-key&Filters.1.Value.1=x");
        refused(world, &call, "UnknownParameter");
    }
}

fn booleans_and_numbers(world: &mut World) {
    assert_eq!(post(world, "DescribeVpcs&DryRun=false").status, 200);
    refused(world, "DescribeVpcs&DryRun=maybe", "InvalidParameterValue");
    refused(
        world,
        "DescribeVpcs&MaxResults=many",
        "InvalidParameterValue",
    );
}

fn dry_run_where_modelled(world: &mut World) {
    let vpc = world.vpc();
    let change = "EnableDnsSupport.Value=true";
    let call = format!("ModifyVpcAttribute&VpcId={vpc}&{change}");
    assert_eq!(post(world, &call).status, 200);
    refused(world, &format!("{call}&DryRun=true"), "UnknownParameter");
}

fn success(world: &mut World) {
    let seen = post(world, "DescribeVpcs");
    assert_eq!(seen.status, 200);
    assert_eq!(seen.headers["content-type"], "text/xml;charset=UTF-8");
    let root = "<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">";
    let after = seen
        .body
        .split_once(root)
        .unwrap_or_else(|| panic!("{}", seen.body))
        .1;
    assert!(after.trim_start().starts_with("<requestId>"), "{after}");
}

fn headers(world: &mut World) {
    let seen = post(world, "DescribeVpcs");
    let id = seen.headers["x-amzn-requestid"].to_str().unwrap();
    assert!(seen.body.contains(&format!("<requestId>{id}</requestId>")));
    assert_eq!(seen.headers["date"], "Mon, 01 Jun 2026 00:00:00 GMT");
}

fn lists_are_wrapped(world: &mut World) {
    let seen = post(world, "DescribeVolumes");
    let empty = seen.body.contains("<volumeSet/>") || seen.body.contains("<volumeSet></volumeSet>");
    assert!(empty, "{}", seen.body);
    world.volume();
    let seen = post(world, "DescribeVolumes");
    assert!(
        seen.body.contains("<volumeSet><item><volumeId>"),
        "{}",
        seen.body
    );
}

fn wrapper_names(world: &mut World) {
    for (action, element) in [
        ("DescribeImages", "imagesSet"),
        ("DescribeAddresses", "addressesSet"),
        ("DescribeSecurityGroups", "securityGroupInfo"),
        ("DescribeKeyPairs", "keySet"),
        ("DescribeLaunchTemplates", "launchTemplates"),
        ("DescribeInstances", "reservationSet"),
        ("DescribeVolumes", "volumeSet"),
        ("DescribeSnapshots", "snapshotSet"),
        ("DescribeNatGateways", "natGatewaySet"),
        ("DescribeRouteTables", "routeTableSet"),
        ("DescribeNetworkInterfaces", "networkInterfaceSet"),
        ("DescribeNetworkAcls", "networkAclSet"),
        ("DescribeInternetGateways", "internetGatewaySet"),
        (
            "DescribeEgressOnlyInternetGateways",
            "egressOnlyInternetGatewaySet",
        ),
        ("DescribeVpcEndpoints", "vpcEndpointSet"),
        ("DescribeVpcPeeringConnections", "vpcPeeringConnectionSet"),
        ("DescribeTransitGateways", "transitGatewaySet"),
        (
            "DescribeTransitGatewayVpcAttachments",
            "transitGatewayVpcAttachments",
        ),
        ("DescribeVpnGateways", "vpnGatewaySet"),
        ("DescribeVpnConnections", "vpnConnectionSet"),
        ("DescribeCustomerGateways", "customerGatewaySet"),
        ("DescribeFlowLogs", "flowLogSet"),
        ("DescribePlacementGroups", "placementGroupSet"),
        ("DescribeDhcpOptions", "dhcpOptionsSet"),
        ("DescribeTags", "tagSet"),
    ] {
        let seen = post(world, action);
        let open = [format!("<{element}>"), format!("<{element}/>")];
        assert!(
            open.iter().any(|it| seen.body.contains(it)),
            "{}",
            seen.body
        );
    }
    let instance = world.instance(serde_json::json!({}));
    let seen = post(
        world,
        &format!("TerminateInstances&InstanceId.1={instance}"),
    );
    assert!(seen.body.contains("<instancesSet><item>"), "{}", seen.body);
}

fn irregular_leaves(world: &mut World) {
    world.snapshot();
    for action in ["DescribeVolumes", "DescribeSnapshots&Owner.1=self"] {
        let seen = post(world, action);
        assert!(seen.body.contains("<status>"), "{}", seen.body);
    }
}

fn no_modelled_output(world: &mut World) {
    let (volume, vpc) = (world.volume(), world.vpc());
    for call in [
        format!("DeleteVolume&VolumeId={volume}"),
        format!("DeleteVpc&VpcId={vpc}"),
        format!("CreateTags&ResourceId.1={volume}&Tag.1.Key=a&Tag.1.Value=b"),
    ] {
        let seen = post(world, &call);
        assert!(seen.body.contains("<return>true</return>"), "{}", seen.body);
    }
}

fn timestamps(world: &mut World) {
    world.volume();
    let seen = post(world, "DescribeVolumes");
    let expected = "<createTime>2026-06-01T00:00:00.000Z</createTime>";
    assert!(seen.body.contains(expected), "{}", seen.body);
}

fn half_failures(world: &mut World) {
    let id = nobody("vpce");
    let seen = post(world, &format!("DeleteVpcEndpoints&VpcEndpointId.1={id}"));
    assert_eq!(seen.status, 200);
    let item = seen.body.split_once("<unsuccessful><item>").map(|it| it.1);
    let item = item.unwrap_or_else(|| panic!("{}", seen.body));
    for part in [
        format!("<resourceId>{id}</resourceId>").as_str(),
        "<error>",
        "<code>",
        "<message>",
    ] {
        assert!(item.contains(part), "{item}");
    }
}

fn error_body(world: &mut World) {
    let seen = refused(
        world,
        "DeleteVolume&VolumeId=vol-0123456789abcdef0",
        "InvalidVolume.NotFound",
    );
    let start = "<Response><Errors><Error><Code>";
    let compact: String = seen.body.split('\n').collect();
    assert!(compact.contains(start), "{compact}");
    let id = seen.headers["x-amzn-requestid"].to_str().unwrap();
    let end = format!("</Message></Error></Errors><RequestID>{id}</RequestID></Response>");
    assert!(compact.contains(&end), "{compact}");
}

fn status_400(world: &mut World) {
    for (call, code) in [
        (
            "DeleteVolume&VolumeId=vol-0123456789abcdef0",
            "InvalidVolume.NotFound",
        ),
        ("DeleteVolume&VolumeId=x", "InvalidVolumeID.Malformed"),
        ("DeleteVolume", "MissingParameter"),
        ("DescribeVpcs&MaxResults=1", "InvalidParameterValue"),
    ] {
        assert_eq!(refused(world, call, code).status, 400, "{call}");
    }
}

fn status_412(world: &mut World) {
    assert_eq!(
        refused(world, "DescribeVpcs&DryRun=true", "DryRunOperation").status,
        412
    );
}

fn restrict(world: &mut World) {
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]});
    let permissions = serde_json::json!({"identity": [policy]});
    let permissions = serde_json::from_value(permissions).unwrap();
    world
        .twin
        .set_permissions(Some(std::sync::Arc::new(permissions)));
}

fn status_403(world: &mut World) {
    let volume = world.volume();
    restrict(world);
    let call = format!("DeleteVolume&VolumeId={volume}");
    assert_eq!(refused(world, &call, "UnauthorizedOperation").status, 403);
}

fn status_503(_: &mut World) {
    let mut world = World::of(TwinOptions {
        call_time: Duration::ZERO,
        quotas: true,
        ..TwinOptions::default()
    });
    for _ in 0..100 {
        world.ok("DescribeVpcs", serde_json::json!({}));
    }
    let seen = refused(&world, "DescribeVpcs", "RequestLimitExceeded");
    assert_eq!(seen.status, 503);
}

fn unauthorized_message(world: &mut World) {
    let volume = world.volume();
    restrict(world);
    let call = format!("DeleteVolume&VolumeId={volume}");
    let seen = refused(world, &call, "UnauthorizedOperation");
    for part in [
        "You are not authorized to perform this operation. User: arn:aws:".to_owned(),
        " is not authorized to perform: ec2:DeleteVolume on resource: arn:aws:ec2:eu-central-1:"
            .to_owned(),
        format!("volume/{volume}"),
        "Encoded authorization failure message: ".to_owned(),
    ] {
        assert!(seen.body.contains(&part), "{part}\n{}", seen.body);
    }
}

fn unknown_action(world: &mut World) {
    refused(world, "MakeCoffee", "InvalidAction");
}

fn unknown_parameter(world: &mut World) {
    for call in [
        "DescribeVpcs&Colour=red",
        "DescribeVpcs&Filter.1.Colour=red",
        "RunInstances&MinCount=1&MaxCount=1&Placement.Colour=red",
        "RunInstances&MinCount=1&MaxCount=1&BlockDeviceMapping.1.Ebs.Colour=red",
    ] {
        refused(world, call, "UnknownParameter");
    }
}

fn missing_parameter(world: &mut World) {
    let seen = refused(world, "DeleteVolume", "MissingParameter");
    let message = "The request must contain the parameter VolumeId";
    assert!(seen.body.contains(message), "{}", seen.body);
}

fn filter_names(world: &mut World) {
    let call = "DescribeVolumes&Filter.1.Name=colour&Filter.1.Value.1=red";
    let seen = refused(world, call, "InvalidParameterValue");
    let message = seen.body.replace("&apos;", "'").replace("&#39;", "'");
    assert!(
        message.contains("The filter 'colour' is invalid"),
        "{message}"
    );
}

fn last_page(world: &mut World) {
    for _ in 0..6 {
        world.volume();
    }
    let first = post(world, "DescribeVolumes&MaxResults=5");
    let token = first.body.split_once("<nextToken>").map(|it| it.1);
    let token = token.and_then(|it| it.split_once('<')).map(|it| it.0);
    let token = token.unwrap_or_else(|| panic!("{}", first.body));
    let last = post(
        world,
        &format!("DescribeVolumes&MaxResults=5&NextToken={token}"),
    );
    assert!(!last.body.contains("nextToken"), "{}", last.body);
}
