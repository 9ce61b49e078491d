//! Tests of networks, through the table of operations; every answer is also written as XML, which
//! refuses members that AWS's shapes do not have.

mod acls;
mod address_extras;
mod addresses;
mod cidr_reservations;
mod classic;
mod conformance;
mod describe;
mod dhcp_options;
mod egress_only;
mod endpoint_changes;
mod endpoint_notifications;
mod endpoint_services;
mod endpoints;
mod flow_logs;
mod interface_extras;
mod interfaces;
mod ipv6;
mod nat_gateway_addresses;
mod nat_gateways;
mod prefix_lists;
mod properties;
mod routing;
mod security_group_changes;
mod security_groups;
mod subnet_attributes;
mod vpcs;

use sandtable_model::{AccountId, Duration, Region, Snapshot, Timestamp};
use serde_json::{Value, json};

use crate::{ApiError, Ctx, Twin, TwinOptions, dispatch, wire};

/// A twin and who calls it.
struct World {
    twin: Twin,
    ctx: Ctx,
}

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-central-1";
/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600_000;

impl World {
    fn new() -> Self {
        Self::seeded(1)
    }

    fn seeded(seed: u64) -> Self {
        let account = AccountId::new(ACCOUNT).unwrap();
        let snapshot = Snapshot::new(account, Timestamp::from_millis(START), "test");
        Self::of(&snapshot, seed)
    }

    fn of(snapshot: &Snapshot, seed: u64) -> Self {
        let options = TwinOptions {
            seed,
            ..TwinOptions::default()
        };
        let twin = Twin::from_snapshot(snapshot, options);
        let ctx = twin.context(&Region::new(REGION).unwrap());
        World { twin, ctx }
    }

    fn call(&mut self, action: &str, input: Value) -> Result<Value, ApiError> {
        let answer = dispatch::call(&mut self.twin, &self.ctx, action, input)?;
        let mut xml = Vec::new();
        wire::encode(action, &answer, "id", &mut xml)
            .unwrap_or_else(|error| panic!("{action}: {error}\n{answer:#}"));
        Ok(answer)
    }

    #[track_caller]
    fn ok(&mut self, action: &str, input: Value) -> Value {
        let shown = input.to_string();
        self.call(action, input)
            .unwrap_or_else(|error| panic!("{action} {shown}: {error}"))
    }

    /// A call that makes something; gives the text at `path` of the answer.
    #[track_caller]
    fn make(&mut self, action: &str, input: Value, path: &str) -> String {
        let answer = self.ok(action, input);
        text(&answer, path)
    }

    #[track_caller]
    fn refused(&mut self, action: &str, input: Value, code: &str, message: &str) {
        let before = self.twin.diff();
        let shown = input.to_string();
        match self.call(action, input) {
            Ok(answer) => panic!("{action} {shown}: gave {answer}, expected {code}"),
            Err(error) => {
                assert_eq!(error.code, code, "{action} {shown}: {error}");
                assert!(error.message.contains(message), "{action} {shown}: {error}");
            }
        }
        assert_eq!(
            self.twin.diff(),
            before,
            "{action} {shown}: a refused call changes nothing"
        );
    }

    /// The only entry of a describe answer.
    #[track_caller]
    fn one(&mut self, action: &str, input: Value) -> Value {
        let mut all = self.all(action, input);
        assert_eq!(all.len(), 1, "{action}: {all:#?}");
        all.remove(0)
    }

    #[track_caller]
    fn all(&mut self, action: &str, input: Value) -> Vec<Value> {
        let answer = self.ok(action, input);
        let lists = answer.as_object().unwrap().values();
        lists.into_iter().find_map(Value::as_array).unwrap().clone()
    }

    fn wait(&mut self, seconds: i64) {
        self.twin.advance(Duration::from_secs(seconds));
    }
}

/// The text at a path such as `/Vpc/VpcId`.
#[track_caller]
fn text(value: &Value, path: &str) -> String {
    let found = value
        .pointer(path)
        .unwrap_or_else(|| panic!("no {path} in {value:#}"));
    match found {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A small network: a public subnet with a NAT gateway, a private one that leads to it.
struct Net {
    world: World,
    vpc: String,
    public: String,
    private: String,
    gateway: String,
    public_table: String,
    private_table: String,
    address: String,
    nat: String,
}

impl Net {
    fn new() -> Self {
        let mut world = World::new();
        let (vpc, gateway) = vpc_with_gateway(&mut world);
        let public = subnet(&mut world, &vpc, "10.0.0.0/24");
        let private = subnet(&mut world, &vpc, "10.0.1.0/24");
        let public_table = table(&mut world, &vpc, &public);
        let private_table = table(&mut world, &vpc, &private);
        world.ok(
            "CreateRoute",
            json!({"RouteTableId": public_table, "DestinationCidrBlock": "0.0.0.0/0",
                   "GatewayId": gateway}),
        );
        let address = world.make("AllocateAddress", json!({}), "/AllocationId");
        let nat = world.make(
            "CreateNatGateway",
            json!({"SubnetId": public, "AllocationId": address}),
            "/NatGateway/NatGatewayId",
        );
        world.wait(300);
        world.ok(
            "CreateRoute",
            json!({"RouteTableId": private_table, "DestinationCidrBlock": "0.0.0.0/0",
                   "NatGatewayId": nat}),
        );
        Net {
            world,
            vpc,
            public,
            private,
            gateway,
            public_table,
            private_table,
            address,
            nat,
        }
    }

    fn interface(&mut self, subnet: &str) -> String {
        interface(&mut self.world, subnet)
    }

    fn nat_state(&mut self) -> String {
        let nat = self
            .world
            .one("DescribeNatGateways", json!({"NatGatewayIds": [self.nat]}));
        text(&nat, "/State")
    }

    /// The route with this destination in the private table.
    fn private_route(&mut self, destination: &str) -> Value {
        let input = json!({"RouteTableIds": [self.private_table]});
        let table = self.world.one("DescribeRouteTables", input);
        let routes = table["Routes"].as_array().unwrap();
        let found = routes
            .iter()
            .find(|it| it["DestinationCidrBlock"] == destination);
        found
            .unwrap_or_else(|| panic!("no route to {destination}: {routes:#?}"))
            .clone()
    }
}

fn vpc(world: &mut World, block: &str) -> String {
    world.make("CreateVpc", json!({"CidrBlock": block}), "/Vpc/VpcId")
}

fn vpc_with_gateway(world: &mut World) -> (String, String) {
    let vpc = vpc(world, "10.0.0.0/16");
    let path = "/InternetGateway/InternetGatewayId";
    let gateway = world.make("CreateInternetGateway", json!({}), path);
    let input = json!({"InternetGatewayId": gateway, "VpcId": vpc});
    world.ok("AttachInternetGateway", input);
    (vpc, gateway)
}

fn subnet(world: &mut World, vpc: &str, block: &str) -> String {
    let input = json!({"VpcId": vpc, "CidrBlock": block});
    world.make("CreateSubnet", input, "/Subnet/SubnetId")
}

fn table(world: &mut World, vpc: &str, subnet: &str) -> String {
    let table = world.make(
        "CreateRouteTable",
        json!({"VpcId": vpc}),
        "/RouteTable/RouteTableId",
    );
    world.ok(
        "AssociateRouteTable",
        json!({"RouteTableId": table, "SubnetId": subnet}),
    );
    table
}

fn interface(world: &mut World, subnet: &str) -> String {
    let path = "/NetworkInterface/NetworkInterfaceId";
    world.make("CreateNetworkInterface", json!({"SubnetId": subnet}), path)
}

fn group(world: &mut World, vpc: &str, name: &str) -> String {
    let input = json!({"GroupName": name, "Description": name, "VpcId": vpc});
    world.make("CreateSecurityGroup", input, "/GroupId")
}
