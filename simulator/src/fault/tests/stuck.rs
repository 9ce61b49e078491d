//! Every kind of resource that passes through a state on its own can be stuck in it.

use sandtable_model::{Duration, Effect, Fault};
use serde_json::{Value, json};

use crate::dispatch;
use crate::testing::{Account, text};
use crate::wire::Api;

/// A call that begins something.
pub(super) struct Begun {
    pub(super) api: Api,
    pub(super) action: &'static str,
    pub(super) input: Value,
    /// The resource whose state is looked at; read from the answer at a pointer when it is made.
    pub(super) id: Result<String, &'static str>,
    /// Where its state stands.
    state: &'static str,
    /// The state it is stuck in.
    stuck: &'static str,
}

fn ec2(
    action: &'static str,
    input: Value,
    id: &str,
    state: &'static str,
    stuck: &'static str,
) -> Begun {
    Begun {
        api: Api::Ec2,
        action,
        input,
        id: Ok(id.to_owned()),
        state,
        stuck,
    }
}

fn made(
    action: &'static str,
    input: Value,
    id: &'static str,
    state: &'static str,
    stuck: &'static str,
) -> Begun {
    Begun {
        api: Api::Ec2,
        action,
        input,
        id: Err(id),
        state,
        stuck,
    }
}

/// What is there before: made once, for every row.
pub(super) struct Ground {
    pub(super) account: Account,
    zone: String,
    subnets: Vec<String>,
    vpc: String,
    volume: String,
    snapshot: String,
    instance: String,
}

impl Ground {
    pub(super) fn new() -> Self {
        let mut account = Account::new();
        let volume = account.volume(8);
        let snapshot = account.snapshot(&volume);
        let instance = account.instance(json!({}));
        let zone = format!("{}a", account.region);
        let found = account.ok("DescribeSubnets", json!({}));
        let found = found["Subnets"].as_array().unwrap();
        let subnets = found.iter().map(|it| text(it, "SubnetId")).collect();
        let vpc = text(&found[0], "VpcId");
        Ground {
            account,
            zone,
            subnets,
            vpc,
            volume,
            snapshot,
            instance,
        }
    }

    fn make(&mut self, action: &str, input: Value, pointer: &str) -> String {
        let answer = self.account.ok(action, input);
        self.account.pass(3600);
        answer
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap()
            .to_owned()
    }

    pub(super) fn of(&mut self, api: Api, action: &str, input: Value) -> Value {
        let ctx = self.account.twin.context(&self.account.region);
        let answer = dispatch::call_of(&mut self.account.twin, &ctx, api, action, input);
        answer.unwrap_or_else(|error| panic!("{action}: {error}"))
    }
}

/// How to get a row from the ground.
pub(super) type Prepare = fn(&mut Ground) -> Begun;

const STATE: &str = "/State";

const STORAGE: &[Prepare] = &[
    |g| {
        made(
            "CreateVolume",
            json!({"AvailabilityZone": g.zone, "Size": 1}),
            "/VolumeId",
            STATE,
            "creating",
        )
    },
    |g| {
        ec2(
            "DeleteVolume",
            json!({"VolumeId": g.volume}),
            &g.volume,
            STATE,
            "deleting",
        )
    },
    |g| {
        let input = json!({"VolumeId": g.volume, "InstanceId": g.instance, "Device": "/dev/sdf"});
        ec2(
            "AttachVolume",
            input,
            &g.volume,
            "/Attachments/0/State",
            "attaching",
        )
    },
    |g| {
        let input = json!({"VolumeId": g.volume, "InstanceId": g.instance, "Device": "/dev/sdf"});
        g.account.ok("AttachVolume", input);
        g.account.pass(60);
        let input = json!({"VolumeId": g.volume});
        ec2(
            "DetachVolume",
            input,
            &g.volume,
            "/Attachments/0/State",
            "detaching",
        )
    },
    |g| {
        made(
            "CreateSnapshot",
            json!({"VolumeId": g.volume}),
            "/SnapshotId",
            STATE,
            "pending",
        )
    },
    |g| {
        let input = json!({"SourceSnapshotId": g.snapshot, "SourceRegion": "eu-central-1"});
        made("CopySnapshot", input, "/SnapshotId", STATE, "pending")
    },
    |g| {
        made(
            "CreateImage",
            json!({"InstanceId": g.instance, "Name": "copy"}),
            "/ImageId",
            STATE,
            "pending",
        )
    },
];

const COMPUTE: &[Prepare] = &[
    |g| {
        let image = g.account.public_image();
        let input =
            json!({"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1});
        made(
            "RunInstances",
            input,
            "/Instances/0/InstanceId",
            "/State/Name",
            "pending",
        )
    },
    |g| {
        ec2(
            "StopInstances",
            json!({"InstanceIds": [g.instance]}),
            &g.instance,
            "/State/Name",
            "stopping",
        )
    },
    |g| {
        g.account
            .ok("StopInstances", json!({"InstanceIds": [g.instance]}));
        g.account.pass(600);
        ec2(
            "StartInstances",
            json!({"InstanceIds": [g.instance]}),
            &g.instance,
            "/State/Name",
            "pending",
        )
    },
    |g| {
        let input = json!({"InstanceIds": [g.instance]});
        ec2(
            "TerminateInstances",
            input,
            &g.instance,
            "/State/Name",
            "shutting-down",
        )
    },
    |g| {
        let id = g.make(
            "CreatePlacementGroup",
            json!({"GroupName": "near", "Strategy": "cluster"}),
            "/PlacementGroup/GroupId",
        );
        ec2(
            "DeletePlacementGroup",
            json!({"GroupName": "near"}),
            &id,
            STATE,
            "deleting",
        )
    },
];

fn nat_gateway(g: &mut Ground) -> Value {
    let address = g.make("AllocateAddress", json!({}), "/AllocationId");
    json!({"SubnetId": g.subnets[0], "AllocationId": address})
}

fn endpoint(g: &Ground) -> Value {
    json!({"VpcId": g.vpc, "VpcEndpointType": "Interface", "SubnetIds": [g.subnets[0]],
           "ServiceName": "com.amazonaws.eu-central-1.sqs"})
}

const NETWORK: &[Prepare] = &[
    |g| {
        let input = nat_gateway(g);
        made(
            "CreateNatGateway",
            input,
            "/NatGateway/NatGatewayId",
            STATE,
            "pending",
        )
    },
    |g| {
        let input = nat_gateway(g);
        let id = g.make("CreateNatGateway", input, "/NatGateway/NatGatewayId");
        ec2(
            "DeleteNatGateway",
            json!({"NatGatewayId": id}),
            &id,
            STATE,
            "deleting",
        )
    },
    |g| {
        made(
            "CreateVpcEndpoint",
            endpoint(g),
            "/VpcEndpoint/VpcEndpointId",
            STATE,
            "pending",
        )
    },
    |g| {
        let input = endpoint(g);
        let id = g.make("CreateVpcEndpoint", input, "/VpcEndpoint/VpcEndpointId");
        ec2(
            "DeleteVpcEndpoints",
            json!({"VpcEndpointIds": [id]}),
            &id,
            STATE,
            "deleting",
        )
    },
    |g| {
        let input = json!({"SubnetId": g.subnets[0]});
        let id = g.make(
            "CreateNetworkInterface",
            input,
            "/NetworkInterface/NetworkInterfaceId",
        );
        let zone = text(&g.account.see(&id), "AvailabilityZone");
        let mut instance = g.instance.clone();
        if g.account.see(&instance)["Placement"]["AvailabilityZone"] != zone.as_str() {
            instance = g.account.instance(json!({"SubnetId": g.subnets[0]}));
        }
        let input = json!({"NetworkInterfaceId": id, "InstanceId": instance, "DeviceIndex": 1});
        ec2(
            "AttachNetworkInterface",
            input,
            &id,
            "/Attachment/Status",
            "attaching",
        )
    },
    |_| {
        let input = json!({"PrefixListName": "all", "MaxEntries": 3, "AddressFamily": "IPv4"});
        made(
            "CreateManagedPrefixList",
            input,
            "/PrefixList/PrefixListId",
            STATE,
            "create-in-progress",
        )
    },
];

fn transit(g: &mut Ground) -> String {
    g.make(
        "CreateTransitGateway",
        json!({}),
        "/TransitGateway/TransitGatewayId",
    )
}

fn attachment(g: &mut Ground) -> Value {
    json!({"TransitGatewayId": transit(g), "VpcId": g.vpc, "SubnetIds": [g.subnets[0]]})
}

fn customer_gateway() -> Value {
    json!({"Type": "ipsec.1", "BgpAsn": 65000, "IpAddress": "203.0.113.9"})
}

fn vpn(g: &mut Ground) -> Value {
    let customer = g.make(
        "CreateCustomerGateway",
        customer_gateway(),
        "/CustomerGateway/CustomerGatewayId",
    );
    let gateway = g.make(
        "CreateVpnGateway",
        json!({"Type": "ipsec.1"}),
        "/VpnGateway/VpnGatewayId",
    );
    json!({"Type": "ipsec.1", "CustomerGatewayId": customer, "VpnGatewayId": gateway})
}

const CONNECTIVITY: &[Prepare] = &[
    |_| {
        made(
            "CreateTransitGateway",
            json!({}),
            "/TransitGateway/TransitGatewayId",
            STATE,
            "pending",
        )
    },
    |g| {
        let id = transit(g);
        ec2(
            "DeleteTransitGateway",
            json!({"TransitGatewayId": id}),
            &id,
            STATE,
            "deleting",
        )
    },
    |g| {
        let input = attachment(g);
        let id = "/TransitGatewayVpcAttachment/TransitGatewayAttachmentId";
        made(
            "CreateTransitGatewayVpcAttachment",
            input,
            id,
            STATE,
            "pending",
        )
    },
    |g| {
        let input = attachment(g);
        let pointer = "/TransitGatewayVpcAttachment/TransitGatewayAttachmentId";
        let id = g.make("CreateTransitGatewayVpcAttachment", input, pointer);
        let input = json!({"TransitGatewayAttachmentId": id});
        ec2(
            "DeleteTransitGatewayVpcAttachment",
            input,
            &id,
            STATE,
            "deleting",
        )
    },
    |g| {
        let input = json!({"TransitGatewayId": transit(g)});
        let id = "/TransitGatewayRouteTable/TransitGatewayRouteTableId";
        made(
            "CreateTransitGatewayRouteTable",
            input,
            id,
            STATE,
            "pending",
        )
    },
    |g| {
        let input = json!({"TransitGatewayId": transit(g)});
        let pointer = "/TransitGatewayRouteTable/TransitGatewayRouteTableId";
        let id = g.make("CreateTransitGatewayRouteTable", input, pointer);
        let input = json!({"TransitGatewayRouteTableId": id});
        ec2(
            "DeleteTransitGatewayRouteTable",
            input,
            &id,
            STATE,
            "deleting",
        )
    },
    |_| {
        let id = "/CustomerGateway/CustomerGatewayId";
        made(
            "CreateCustomerGateway",
            customer_gateway(),
            id,
            STATE,
            "pending",
        )
    },
    |g| {
        let input = vpn(g);
        made(
            "CreateVpnConnection",
            input,
            "/VpnConnection/VpnConnectionId",
            STATE,
            "pending",
        )
    },
    |g| {
        let input = vpn(g);
        let id = g.make(
            "CreateVpnConnection",
            input,
            "/VpnConnection/VpnConnectionId",
        );
        ec2(
            "DeleteVpnConnection",
            json!({"VpnConnectionId": id}),
            &id,
            STATE,
            "deleting",
        )
    },
    |g| {
        let vpc = g.make(
            "CreateVpc",
            json!({"CidrBlock": "10.9.0.0/16"}),
            "/Vpc/VpcId",
        );
        let input = json!({"VpcId": g.vpc, "PeerVpcId": vpc});
        let id = "/VpcPeeringConnection/VpcPeeringConnectionId";
        made(
            "CreateVpcPeeringConnection",
            input,
            id,
            "/Status/Code",
            "initiating-request",
        )
    },
];

fn database() -> Value {
    json!({"DBInstanceIdentifier": "main", "DBInstanceClass": "db.t3.micro", "Engine": "postgres",
        "AllocatedStorage": 20, "MasterUsername": "root", "MasterUserPassword": "secret-enough"})
}

fn with_database(g: &mut Ground) {
    g.of(Api::Rds, "CreateDBInstance", database());
    g.account.pass(3600);
}

fn rds(action: &'static str, input: Value, stuck: &'static str) -> Begun {
    let id = Ok("db-eu-central-1/main".to_owned());
    Begun {
        api: Api::Rds,
        action,
        input,
        id,
        state: "/DBInstanceStatus",
        stuck,
    }
}

const SERVICES: &[Prepare] = &[
    |_| rds("CreateDBInstance", database(), "creating"),
    |g| {
        with_database(g);
        rds(
            "StopDBInstance",
            json!({"DBInstanceIdentifier": "main"}),
            "stopping",
        )
    },
    |g| {
        with_database(g);
        g.of(
            Api::Rds,
            "StopDBInstance",
            json!({"DBInstanceIdentifier": "main"}),
        );
        g.account.pass(3600);
        rds(
            "StartDBInstance",
            json!({"DBInstanceIdentifier": "main"}),
            "starting",
        )
    },
    |g| {
        with_database(g);
        let input = json!({"DBInstanceIdentifier": "main", "SkipFinalSnapshot": true});
        rds("DeleteDBInstance", input, "deleting")
    },
    |g| {
        with_database(g);
        let input = json!({"DBInstanceIdentifier": "main", "DBSnapshotIdentifier": "kept"});
        let id = Ok("dbsnap-eu-central-1/kept".to_owned());
        Begun {
            api: Api::Rds,
            action: "CreateDBSnapshot",
            input,
            id,
            state: "/Status",
            stuck: "creating",
        }
    },
    |g| {
        let input = json!({"Name": "front", "Subnets": [g.subnets[0], g.subnets[1]]});
        let id = Ok("lb-eu-central-1/front".to_owned());
        Begun {
            api: Api::ElbV2,
            action: "CreateLoadBalancer",
            input,
            id,
            state: "/State/Code",
            stuck: "provisioning",
        }
    },
];

/// Every row.
pub(super) fn rows() -> impl Iterator<Item = &'static Prepare> {
    let all = [STORAGE, COMPUTE, NETWORK, CONNECTIVITY, SERVICES];
    all.into_iter().flatten()
}

const MONTH: i64 = 30 * 86_400;

/// Begins it with a fault; gives the state right after, after the times given, and whether it struck.
fn states(prepare: Prepare, effect: Option<Effect>, after: &[i64]) -> (Vec<Value>, Begun, usize) {
    let mut ground = Ground::new();
    let mut begun = prepare(&mut ground);
    let name = dispatch::full_name(begun.api, begun.action).into_owned();
    let faults: Vec<Fault> = effect
        .into_iter()
        .map(|it| Fault::new(name.clone(), it))
        .collect();
    ground.account.twin.set_faults(faults);
    let answer = ground.of(begun.api, begun.action, begun.input.clone());
    if let Err(pointer) = begun.id {
        let id = answer.pointer(pointer).and_then(Value::as_str);
        begun.id = Ok(id.unwrap_or_else(|| panic!("{answer}")).to_owned());
    }
    let id = begun.id.clone().unwrap();
    let mut seen = Vec::new();
    for seconds in std::iter::once(&0).chain(after) {
        ground.account.pass(*seconds);
        let state = ground.account.see(&id).pointer(begun.state).cloned();
        seen.push(state.unwrap_or_default());
    }
    (seen, begun, ground.account.twin.struck().len())
}

fn check(rows: &[Prepare]) {
    for prepare in rows {
        let (seen, begun, _) = states(*prepare, None, &[7200]);
        let (action, stuck) = (begun.action, Value::from(begun.stuck));
        assert_eq!(seen[0], stuck, "{action} begins something");
        assert_ne!(seen[1], stuck, "{action} comes to an end by itself");
        let forever = Effect::Stuck { millis: None };
        let (seen, _, struck) = states(*prepare, Some(forever), &[7200, MONTH]);
        assert_eq!(
            seen,
            [stuck.clone(), stuck.clone(), stuck.clone()],
            "{action}"
        );
        assert_eq!(struck, 1, "{action}");
        let long = Effect::Stuck {
            millis: Some(86_400_000),
        };
        let (seen, _, _) = states(*prepare, Some(long), &[86_399, 1]);
        assert_eq!(seen[..2], [stuck.clone(), stuck.clone()], "{action}");
        assert_ne!(seen[2], stuck, "{action}");
    }
}

#[test]
fn storage_hangs() {
    check(STORAGE);
}

#[test]
fn compute_hangs() {
    check(COMPUTE);
}

#[test]
fn networks_hang() {
    check(NETWORK);
}

#[test]
fn connectivity_hangs() {
    check(CONNECTIVITY);
}

#[test]
fn services_hang() {
    check(SERVICES);
}

#[test]
fn nothing_takes_less_time_by_a_fault() {
    let short = Effect::Stuck { millis: Some(1) };
    let delete = STORAGE[1];
    let (seen, ..) = states(delete, Some(short), &[19, 1]);
    assert_eq!(seen, [json!("deleting"), json!("deleting"), Value::Null]);
    assert_eq!(
        Duration::from_secs(20),
        crate::Timings::default().volume_delete
    );
}
