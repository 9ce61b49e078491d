//! The table of instance types.

use serde_json::{Value, json};

use crate::compute::types;
use crate::testing::Account;

/// Every cell of the table was read.
#[test]
fn the_table_is_whole() {
    assert!(types::all().len() > 700);
    for it in types::all() {
        let name = it.name;
        assert!(types::check(name).is_ok(), "{name}");
        assert!(
            it.virtual_cpus > 0 && it.memory > 0 && it.interfaces > 0,
            "{name}"
        );
        assert!(
            it.cores.is_some() && it.threads_per_core.is_some(),
            "{name}"
        );
        assert!(
            !it.architectures.is_empty() && !it.usage.is_empty(),
            "{name}"
        );
        assert!(
            !it.boot_modes.is_empty() && !it.network.is_empty(),
            "{name}"
        );
        assert!(
            it.disks.iter().all(|it| it.count > 0 && it.size > 0),
            "{name}"
        );
        assert!(
            types::find(name).is_some_and(|found| found.name == name),
            "{name}"
        );
    }
}

/// <https://aws.amazon.com/ec2/instance-types/>: figures that are known by heart.
#[test]
fn figures_are_awss() {
    let mut account = Account::new();
    let names = json!(["m5.large", "i3.4xlarge", "t2.micro", "c7g.16xlarge"]);
    let answer = account.ok("DescribeInstanceTypes", json!({"InstanceTypes": names}));
    let find = |name: &str| -> &Value {
        let mut types = answer["InstanceTypes"].as_array().unwrap().iter();
        types.find(|it| it["InstanceType"] == name).unwrap()
    };
    for (name, cpus, memory, architecture) in [
        ("m5.large", 2, 8192, "x86_64"),
        ("i3.4xlarge", 16, 124_928, "x86_64"),
        ("c7g.16xlarge", 64, 131_072, "arm64"),
    ] {
        let it = find(name);
        assert_eq!(it["VCpuInfo"]["DefaultVCpus"], cpus, "{name}");
        assert_eq!(it["MemoryInfo"]["SizeInMiB"], memory, "{name}");
        let architectures = &it["ProcessorInfo"]["SupportedArchitectures"];
        assert_eq!(*architectures, json!([architecture]), "{name}");
    }
    assert_eq!(
        find("m5.large")["NetworkInfo"]["MaximumNetworkInterfaces"],
        3
    );
    assert_eq!(find("m5.large")["InstanceStorageSupported"], false);
    assert_eq!(
        find("i3.4xlarge")["InstanceStorageInfo"]["TotalSizeInGB"],
        3800
    );
    assert_eq!(find("t2.micro")["BurstablePerformanceSupported"], true);
}

#[test]
fn types_are_filtered_and_paged() {
    let mut account = Account::new();
    let by = |name: &str, value: &str| json!({"Name": name, "Values": [value]});
    let filters = json!([
        by("instance-type", "m5.*"),
        by("vcpu-info.default-vcpus", "2")
    ]);
    let found = account.ok("DescribeInstanceTypes", json!({"Filters": filters}));
    assert_eq!(found["InstanceTypes"].as_array().unwrap().len(), 1);
    let mut seen = 0;
    let mut input = json!({"MaxResults": 100});
    loop {
        let page = account.ok("DescribeInstanceTypes", input.clone());
        seen += page["InstanceTypes"].as_array().unwrap().len();
        let Some(token) = page.get("NextToken") else {
            break;
        };
        input["NextToken"] = token.clone();
    }
    assert_eq!(seen, types::all().len());
    let unknown = json!({"InstanceTypes": ["m5.large", "m5.tiny"]});
    let (code, message) = account.refused("DescribeInstanceTypes", unknown);
    assert_eq!(code, "InvalidInstanceType");
    assert!(message.ends_with("[m5.tiny]"), "{message}");
}

/// The message of AWS for an image of another architecture, as quoted in many threads.
#[test]
fn types_run_images_of_their_architecture() {
    let mut account = Account::new();
    let image = account.public_image();
    let run = json!({"ImageId": image, "InstanceType": "t4g.micro", "MinCount": 1, "MaxCount": 1});
    let (code, message) = account.refused("RunInstances", run);
    assert_eq!(code, "InvalidParameterValue");
    assert!(message.starts_with("The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the specified AMI."), "{message}");
}
