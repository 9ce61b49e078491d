//! Tests of the services beside EC2, through the tables of operations.

mod autoscaling;
mod elb;
mod elbv2;
mod properties;
mod rds;

use serde_json::{Value, json};

use crate::dispatch;
use crate::testing::{Account, text};
use crate::wire::{self, Api};
use crate::{ApiError, Ctx};

/// An account with a network of its own in two zones, called by AWS's names.
struct World {
    account: Account,
    api: Api,
    vpc: String,
    one: String,
    two: String,
    gateway: String,
    group: String,
}

impl World {
    /// A world whose calls go to a service.
    fn of(api: Api) -> Self {
        let mut account = Account::new();
        let vpc = account.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
        let vpc = text(&vpc["Vpc"], "VpcId");
        let gateway = account.ok("CreateInternetGateway", json!({}));
        let gateway = text(&gateway["InternetGateway"], "InternetGatewayId");
        account.ok(
            "AttachInternetGateway",
            json!({"VpcId": vpc, "InternetGatewayId": gateway}),
        );
        let mut subnet = |block: &str, zone: &str| {
            let zone = format!("eu-central-1{zone}");
            let input = json!({"VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone});
            text(&account.ok("CreateSubnet", input)["Subnet"], "SubnetId")
        };
        let (one, two) = (subnet("10.0.1.0/24", "a"), subnet("10.0.2.0/24", "b"));
        let group = account.ok(
            "CreateSecurityGroup",
            json!({"GroupName": "web", "Description": "web", "VpcId": vpc}),
        );
        let group = text(&group, "GroupId");
        World {
            account,
            api,
            vpc,
            one,
            two,
            gateway,
            group,
        }
    }

    fn ctx(&self) -> Ctx {
        self.account.twin.context(&self.account.region)
    }

    /// Makes a call of the service, whose answer AWS's shapes must have room for.
    fn call(&mut self, action: &str, input: Value) -> Result<Value, ApiError> {
        let ctx = self.ctx();
        let answer = dispatch::call_of(&mut self.account.twin, &ctx, self.api, action, input)?;
        let mut xml = Vec::new();
        wire::encode_xml(self.api.table(), action, &answer, "request", &mut xml)
            .unwrap_or_else(|error| panic!("{action}: {error}\n{answer:#}"));
        Ok(answer)
    }

    /// Makes a call that is allowed.
    #[track_caller]
    fn ok(&mut self, action: &str, input: Value) -> Value {
        let shown = input.to_string();
        self.call(action, input)
            .unwrap_or_else(|error| panic!("{action} {shown}: {error}"))
    }

    /// Makes a call that is refused, which changes nothing.
    #[track_caller]
    fn refused(&mut self, action: &str, input: Value, code: &str, message: &str) {
        let before = self.account.twin.diff();
        let shown = input.to_string();
        match self.call(action, input) {
            Ok(answer) => panic!("{action} {shown}: gave {answer}, expected {code}"),
            Err(error) => {
                assert_eq!(error.code, code, "{action} {shown}: {error}");
                assert!(error.message.contains(message), "{action} {shown}: {error}");
            }
        }
        assert_eq!(self.account.twin.diff(), before, "{action} {shown}");
    }

    /// Makes a call of EC2 that is allowed.
    #[track_caller]
    fn ec2(&mut self, action: &str, input: Value) -> Value {
        self.account.ok(action, input)
    }

    /// Makes a call of EC2 that is refused; gives the code.
    #[track_caller]
    fn ec2_code(&mut self, action: &str, input: Value) -> String {
        self.account.code(action, input)
    }

    fn pass(&mut self, seconds: i64) {
        self.account.pass(seconds);
    }

    /// The interfaces in a subnet.
    fn interfaces(&mut self, subnet: &str) -> Vec<Value> {
        let filter = json!([{"Name": "subnet-id", "Values": [subnet]}]);
        let answer = self.ec2("DescribeNetworkInterfaces", json!({"Filters": filter}));
        answer["NetworkInterfaces"].as_array().unwrap().clone()
    }

    /// A running instance in the first subnet.
    fn instance(&mut self) -> String {
        let subnet = self.one.clone();
        self.account.instance(json!({"SubnetId": subnet}))
    }
}

/// The only entry of a list.
#[track_caller]
fn only<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let list = answer[name]
        .as_array()
        .unwrap_or_else(|| panic!("no {name} in {answer}"));
    assert_eq!(list.len(), 1, "{answer:#}");
    &list[0]
}
