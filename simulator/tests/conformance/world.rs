//! An account to try rules on: calls in AWS's words, and the things that tests begin with.

use sandtable_model::{AccountId, Duration, Region, Timestamp};
use sandtable_simulator::wire::Api;
use sandtable_simulator::{Twin, TwinOptions, dispatch};
use serde_json::{Value, json};

/// The Region of all calls that do not say otherwise.
pub(crate) const REGION: &str = "eu-central-1";
/// The digits of ids that nothing has.
pub(crate) const NOBODY: &str = "0123456789abcdef0";
/// What is left of a refusal that a test does not look at.
pub(crate) const ANY: &str = "";

/// An account in one Region.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) twin: Twin,
    pub(crate) region: Region,
}

impl World {
    /// An empty account with its default VPC; calls take no time.
    pub(crate) fn new() -> Self {
        Self::of(TwinOptions {
            call_time: Duration::ZERO,
            ..TwinOptions::default()
        })
    }

    pub(crate) fn of(options: TwinOptions) -> Self {
        let account = AccountId::new("123456789012").unwrap();
        let start = Timestamp::from_millis(1_780_272_000_000);
        let region = Region::new(REGION).unwrap();
        let mut twin = Twin::empty(account, start, options);
        twin.ensure_region(&region);
        World { twin, region }
    }

    /// Makes a call.
    pub(crate) fn call(&mut self, action: &str, input: Value) -> Result<Value, (String, String)> {
        self.call_of(Api::Ec2, action, input)
    }

    /// Makes a call of a service.
    pub(crate) fn call_of(
        &mut self,
        api: Api,
        action: &str,
        input: Value,
    ) -> Result<Value, (String, String)> {
        let ctx = self.twin.context(&self.region);
        let answer = dispatch::call_of(&mut self.twin, &ctx, api, action, input);
        answer.map_err(|error| (error.code.into_owned(), error.message))
    }

    /// Makes a call that AWS allows.
    #[track_caller]
    pub(crate) fn ok(&mut self, action: &str, input: Value) -> Value {
        let text = input.to_string();
        match self.call(action, input) {
            Ok(answer) => answer,
            Err((code, message)) => panic!("{action} {text}: {code}: {message}"),
        }
    }

    /// Makes a call that AWS refuses; nothing may change by it.
    #[track_caller]
    pub(crate) fn no(&mut self, action: &str, input: Value, code: &str, message: &str) {
        let before = self.twin.diff();
        self.no_but(action, input, code, message);
        assert!(
            before == self.twin.diff(),
            "{action} was refused, and acted"
        );
    }

    /// As [`World::no`], for calls that do a part before they fail.
    #[track_caller]
    pub(crate) fn no_but(&mut self, action: &str, input: Value, code: &str, message: &str) {
        let text = input.to_string();
        match self.call(action, input) {
            Ok(answer) => panic!("{action} {text} was allowed: {answer}"),
            Err((got, said)) => {
                assert_eq!(got, code, "{action} {text}: {said}");
                assert!(
                    said.contains(message),
                    "{action} {text} says\n  {said}\nwithout\n  {message}"
                );
            }
        }
    }

    /// The text at a path of the answer of an allowed call.
    #[track_caller]
    pub(crate) fn make(&mut self, action: &str, input: Value, path: &str) -> String {
        let answer = self.ok(action, input);
        text(&answer, path)
    }

    /// The list under a name in the answer of an allowed call.
    #[track_caller]
    pub(crate) fn all(&mut self, action: &str, input: Value, name: &str) -> Vec<Value> {
        let answer = self.ok(action, input);
        let list = answer[name].as_array();
        list.unwrap_or_else(|| panic!("no {name} in {answer}"))
            .clone()
    }

    /// The only entry of such a list.
    #[track_caller]
    pub(crate) fn one(&mut self, action: &str, input: Value, name: &str) -> Value {
        let mut all = self.all(action, input, name);
        assert_eq!(all.len(), 1, "{action}: {all:?}");
        all.remove(0)
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, seconds: i64) {
        self.twin.advance(Duration::from_secs(seconds));
    }

    /// Goes to another Region.
    pub(crate) fn go(&mut self, region: &str) {
        self.region = Region::new(region).unwrap();
        self.twin.ensure_region(&self.region);
    }

    pub(crate) fn zone(&self, letter: char) -> String {
        format!("{}{letter}", self.region)
    }

    pub(crate) fn volume(&mut self) -> String {
        self.volume_in('a')
    }

    pub(crate) fn volume_in(&mut self, letter: char) -> String {
        let input = json!({"AvailabilityZone": self.zone(letter), "Size": 8, "VolumeType": "gp3"});
        let id = self.make("CreateVolume", input, "/VolumeId");
        self.pass(10);
        id
    }

    pub(crate) fn snapshot(&mut self) -> String {
        let volume = self.volume();
        let id = self.make("CreateSnapshot", json!({"VolumeId": volume}), "/SnapshotId");
        self.pass(300);
        id
    }

    pub(crate) fn image(&mut self, name: &str, snapshot: &str) -> String {
        let device = json!({"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}});
        let input = json!({"Name": name, "RootDeviceName": "/dev/xvda", "Architecture": "x86_64",
                           "VirtualizationType": "hvm", "BlockDeviceMappings": [device]});
        self.make("RegisterImage", input, "/ImageId")
    }

    pub(crate) fn public_image(&mut self) -> String {
        let filter = json!([{"Name": "architecture", "Values": ["x86_64"]}]);
        let input = json!({"Owners": ["amazon"], "Filters": filter});
        self.make("DescribeImages", input, "/Images/0/ImageId")
    }

    /// A running instance; `more` is added to the request.
    pub(crate) fn instance(&mut self, more: Value) -> String {
        let mut input = json!({"ImageId": self.public_image(), "InstanceType": "t3.micro",
                               "MinCount": 1, "MaxCount": 1});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let id = self.make("RunInstances", input, "/Instances/0/InstanceId");
        self.pass(60);
        id
    }

    pub(crate) fn see_instance(&mut self, id: &str) -> Value {
        let input = json!({"InstanceIds": [id]});
        let reservation = self.one("DescribeInstances", input, "Reservations");
        reservation["Instances"][0].clone()
    }

    pub(crate) fn see_volume(&mut self, id: &str) -> Value {
        self.one("DescribeVolumes", json!({"VolumeIds": [id]}), "Volumes")
    }

    pub(crate) fn see_interface(&mut self, id: &str) -> Value {
        let input = json!({"NetworkInterfaceIds": [id]});
        self.one("DescribeNetworkInterfaces", input, "NetworkInterfaces")
    }

    pub(crate) fn vpc(&mut self) -> String {
        self.vpc_of("10.0.0.0/16")
    }

    pub(crate) fn vpc_of(&mut self, block: &str) -> String {
        self.make("CreateVpc", json!({"CidrBlock": block}), "/Vpc/VpcId")
    }

    pub(crate) fn default_vpc(&mut self) -> String {
        let filter = json!([{"Name": "is-default", "Values": ["true"]}]);
        self.make("DescribeVpcs", json!({"Filters": filter}), "/Vpcs/0/VpcId")
    }

    /// The default subnet of zone `a`.
    pub(crate) fn default_subnet(&mut self) -> String {
        let filter = json!([{"Name": "availability-zone", "Values": [self.zone('a')]},
                            {"Name": "default-for-az", "Values": ["true"]}]);
        self.make(
            "DescribeSubnets",
            json!({"Filters": filter}),
            "/Subnets/0/SubnetId",
        )
    }

    pub(crate) fn subnet(&mut self, vpc: &str, block: &str) -> String {
        let zone = self.zone('a');
        let input = json!({"VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone});
        self.make("CreateSubnet", input, "/Subnet/SubnetId")
    }

    pub(crate) fn group(&mut self, vpc: &str, name: &str) -> String {
        let input = json!({"VpcId": vpc, "GroupName": name, "Description": "a group"});
        self.make("CreateSecurityGroup", input, "/GroupId")
    }

    /// The default security group of a VPC.
    pub(crate) fn default_group(&mut self, vpc: &str) -> String {
        let filter = json!([{"Name": "vpc-id", "Values": [vpc]},
                            {"Name": "group-name", "Values": ["default"]}]);
        let input = json!({"Filters": filter});
        self.make("DescribeSecurityGroups", input, "/SecurityGroups/0/GroupId")
    }

    pub(crate) fn interface(&mut self, subnet: &str) -> String {
        let input = json!({"SubnetId": subnet});
        let path = "/NetworkInterface/NetworkInterfaceId";
        self.make("CreateNetworkInterface", input, path)
    }

    pub(crate) fn address(&mut self) -> String {
        self.make("AllocateAddress", json!({"Domain": "vpc"}), "/AllocationId")
    }

    pub(crate) fn gateway(&mut self, vpc: &str) -> String {
        let path = "/InternetGateway/InternetGatewayId";
        let id = self.make("CreateInternetGateway", json!({}), path);
        let input = json!({"InternetGatewayId": id, "VpcId": vpc});
        self.ok("AttachInternetGateway", input);
        id
    }

    pub(crate) fn table(&mut self, vpc: &str) -> String {
        let path = "/RouteTable/RouteTableId";
        self.make("CreateRouteTable", json!({"VpcId": vpc}), path)
    }

    /// An available public NAT gateway in a subnet whose VPC has an internet gateway.
    pub(crate) fn nat(&mut self, subnet: &str, address: &str) -> String {
        let input = json!({"SubnetId": subnet, "AllocationId": address});
        let id = self.make("CreateNatGateway", input, "/NatGateway/NatGatewayId");
        self.pass(180);
        id
    }

    pub(crate) fn see_nat(&mut self, id: &str) -> Value {
        let input = json!({"NatGatewayIds": [id]});
        self.one("DescribeNatGateways", input, "NatGateways")
    }

    /// An available interface endpoint.
    pub(crate) fn endpoint(&mut self, vpc: &str, subnet: &str) -> String {
        let input = json!({"VpcId": vpc, "VpcEndpointType": "Interface", "SubnetIds": [subnet],
                           "ServiceName": format!("com.amazonaws.{}.sqs", self.region)});
        let id = self.make("CreateVpcEndpoint", input, "/VpcEndpoint/VpcEndpointId");
        self.pass(300);
        id
    }

    /// An active peering connection.
    pub(crate) fn peering(&mut self, one: &str, other: &str) -> String {
        let path = "/VpcPeeringConnection/VpcPeeringConnectionId";
        let input = json!({"VpcId": one, "PeerVpcId": other});
        let id = self.make("CreateVpcPeeringConnection", input, path);
        self.pass(10);
        self.ok(
            "AcceptVpcPeeringConnection",
            json!({"VpcPeeringConnectionId": id}),
        );
        self.pass(10);
        id
    }

    /// An available transit gateway.
    pub(crate) fn transit(&mut self) -> String {
        let path = "/TransitGateway/TransitGatewayId";
        let id = self.make("CreateTransitGateway", json!({}), path);
        self.pass(300);
        id
    }

    /// An available attachment of a VPC to a transit gateway.
    pub(crate) fn attachment(&mut self, gateway: &str, vpc: &str, subnet: &str) -> String {
        let path = "/TransitGatewayVpcAttachment/TransitGatewayAttachmentId";
        let input = json!({"TransitGatewayId": gateway, "VpcId": vpc, "SubnetIds": [subnet]});
        let id = self.make("CreateTransitGatewayVpcAttachment", input, path);
        self.pass(300);
        id
    }

    pub(crate) fn tag(&mut self, id: &str, key: &str, value: &str) {
        let tags = json!([{"Key": key, "Value": value}]);
        self.ok("CreateTags", json!({"Resources": [id], "Tags": tags}));
    }
}

/// The text at a path.
#[track_caller]
pub(crate) fn text(value: &Value, path: &str) -> String {
    let found = value.pointer(path).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("no {path} in {value}"))
        .to_owned()
}

/// An id of a kind that nothing has.
pub(crate) fn nobody(prefix: &str) -> String {
    format!("{prefix}-{NOBODY}")
}

/// One filter.
pub(crate) fn filter(name: &str, values: &[&str]) -> Value {
    json!([{"Name": name, "Values": values}])
}
