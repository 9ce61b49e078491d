//! What the tests of operations share: an account with a network, and calls in AWS's words.

use sandtable_model::{Duration, Region, ResourceId, Timestamp};
use serde_json::{Value, json};

use crate::{ApiError, Twin, TwinOptions, dispatch};

/// An account in one Region, called by AWS's names.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) twin: Twin,
    pub(crate) region: Region,
}

impl Account {
    /// An empty account with its default VPC.
    pub(crate) fn new() -> Self {
        let account = sandtable_model::AccountId::new("123456789012").unwrap();
        let start = Timestamp::from_millis(1_780_272_000_000);
        let options = TwinOptions {
            seed: 1,
            call_time: Duration::ZERO,
            ..TwinOptions::default()
        };
        let region = Region::new("eu-central-1").unwrap();
        let mut twin = Twin::empty(account, start, options);
        twin.ensure_region(&region);
        Account { twin, region }
    }

    /// Makes a call.
    pub(crate) fn call(&mut self, action: &str, input: Value) -> Result<Value, ApiError> {
        let ctx = self.twin.context(&self.region);
        dispatch::call(&mut self.twin, &ctx, action, input)
    }

    /// Makes a call that is allowed, whose answer AWS's shapes must have room for.
    pub(crate) fn ok(&mut self, action: &str, input: Value) -> Value {
        let text = input.to_string();
        let answer = self.call(action, input);
        let answer = answer.unwrap_or_else(|error| panic!("{action} {text}: {error}"));
        let mut xml = Vec::new();
        crate::wire::encode(action, &answer, "request", &mut xml)
            .unwrap_or_else(|error| panic!("{action}: {error}"));
        answer
    }

    /// Makes a call that is refused; gives code and message.
    pub(crate) fn refused(&mut self, action: &str, input: Value) -> (String, String) {
        let text = input.to_string();
        match self.call(action, input) {
            Ok(answer) => panic!("{action} {text} was allowed: {answer}"),
            Err(error) => (error.code.into_owned(), error.message),
        }
    }

    /// The code with which a call is refused.
    pub(crate) fn code(&mut self, action: &str, input: Value) -> String {
        self.refused(action, input).0
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, seconds: i64) {
        self.twin.advance(Duration::from_secs(seconds));
    }

    /// One resource as JSON.
    pub(crate) fn see(&self, id: &str) -> Value {
        let id = ResourceId::new(id).unwrap();
        let resource = self.twin.state().get(&id);
        resource.map_or(Value::Null, |it| it.to_value().unwrap())
    }

    /// A volume that is available.
    pub(crate) fn volume(&mut self, size: u32) -> String {
        let zone = format!("{}a", self.region);
        let input = json!({"AvailabilityZone": zone, "Size": size, "VolumeType": "gp3"});
        let made = self.ok("CreateVolume", input);
        self.pass(10);
        text(&made, "VolumeId")
    }

    /// A snapshot that is completed.
    pub(crate) fn snapshot(&mut self, volume: &str) -> String {
        let made = self.ok("CreateSnapshot", json!({"VolumeId": volume}));
        self.pass(300);
        text(&made, "SnapshotId")
    }

    /// An image of a snapshot.
    pub(crate) fn image(&mut self, name: &str, snapshot: &str) -> String {
        let device = json!({"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}});
        let input = json!({"Name": name, "RootDeviceName": "/dev/xvda",
                           "Architecture": "x86_64", "VirtualizationType": "hvm",
                           "BlockDeviceMappings": [device]});
        text(&self.ok("RegisterImage", input), "ImageId")
    }

    /// Amazon's image.
    pub(crate) fn public_image(&mut self) -> String {
        let images = self.ok("DescribeImages", json!({"Owners": ["amazon"]}));
        text(&images["Images"][0], "ImageId")
    }

    /// A running instance of Amazon's image; `more` is added to the request.
    pub(crate) fn instance(&mut self, more: Value) -> String {
        let mut input = json!({"ImageId": self.public_image(), "InstanceType": "t3.micro",
                               "MinCount": 1, "MaxCount": 1});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let made = self.ok("RunInstances", input);
        self.pass(60);
        text(&made["Instances"][0], "InstanceId")
    }
}

/// A text member.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {value}"))
        .to_owned()
}
