//! Stacks, read (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/>).

use sandtable_model::{AccountId, Kind, Region, Resource, ResourceId, Snapshot, Timestamp};
use serde_json::{Value, json};

use crate::testing::Account;
use crate::wire::{Api, encode_xml};
use crate::{ApiError, Bond, Twin, TwinOptions, dispatch};

const VOLUME: &str = "vol-0123456789abcdef0";

fn account() -> Account {
    let account = AccountId::new("123456789012").unwrap();
    let region = Region::new("eu-west-1").unwrap();
    let now: Timestamp = "2026-07-01T00:00:00Z".parse().unwrap();
    let mut snapshot = Snapshot::new(account, now, "test");
    let made = json!([
        {"LogicalResourceId": "Data", "PhysicalResourceId": VOLUME,
         "ResourceType": "AWS::EC2::Volume"},
        {"LogicalResourceId": "Gone", "PhysicalResourceId": "vol-0123456789abcdef1",
         "ResourceType": "AWS::EC2::Volume", "ResourceStatus": "DELETE_COMPLETE"},
    ]);
    let mut stacks = vec![
        json!({"StackId": "stack-eu-west-1/web", "Resources": made, "Tags": {"team": "a"},
               "CreationTime": "2026-01-02T03:04:05Z", "EnableTerminationProtection": true,
               "Outputs": [{"OutputKey": "Id", "OutputValue": VOLUME}]}),
        json!({"StackId": "stack-eu-west-1/old", "StackStatus": "DELETE_COMPLETE",
               "DeletionTime": "2026-06-01T00:00:00Z"}),
        json!({"StackId": "stack-eu-west-1/older", "StackStatus": "DELETE_COMPLETE",
               "DeletionTime": "2026-01-01T00:00:00Z"}),
    ];
    let more = (0..120).map(|n| json!({"StackId": format!("stack-eu-west-1/x{n:03}")}));
    stacks.extend(more);
    for stack in stacks {
        let stack = Resource::deserialize_as(Kind::Stack, stack).unwrap();
        snapshot.insert(&region, stack).unwrap();
    }
    let twin = Twin::from_snapshot(&snapshot, TwinOptions::default());
    Account { twin, region }
}

fn ask(account: &mut Account, action: &str, input: Value) -> Result<Value, ApiError> {
    let ctx = account.twin.context(&account.region);
    let answer = dispatch::call_of(&mut account.twin, &ctx, Api::CloudFormation, action, input)?;
    let mut xml = Vec::new();
    encode_xml(Api::CloudFormation.table(), action, &answer, "id", &mut xml)
        .unwrap_or_else(|error| panic!("{action}: {error}"));
    Ok(answer)
}

fn message(account: &mut Account, action: &str, input: Value) -> String {
    ask(account, action, input).unwrap_err().to_string()
}

#[test]
fn a_stack_is_found_by_name_and_by_arn() {
    let mut account = account();
    let named = ask(&mut account, "DescribeStacks", json!({"StackName": "web"})).unwrap();
    let stack = &named["Stacks"][0];
    assert_eq!(stack["StackName"], "web");
    assert_eq!(stack["StackStatus"], "CREATE_COMPLETE");
    assert_eq!(stack["CreationTime"], "2026-01-02T03:04:05.000Z");
    assert_eq!(stack["Outputs"][0]["OutputValue"], VOLUME);
    assert_eq!(stack["Tags"], json!([{"Key": "team", "Value": "a"}]));
    let arn = stack["StackId"].as_str().unwrap().to_owned();
    let begin = "arn:aws:cloudformation:eu-west-1:123456789012:stack/web/";
    assert!(
        arn.starts_with(begin) && arn.len() == begin.len() + 36,
        "{arn}"
    );
    let by_arn = ask(&mut account, "DescribeStacks", json!({"StackName": arn})).unwrap();
    assert_eq!(by_arn, named);
    assert_eq!(
        message(&mut account, "DescribeStacks", json!({"StackName": "none"})),
        "ValidationError: Stack with id none does not exist"
    );
    account.region = Region::new("eu-central-1").unwrap();
    assert!(ask(&mut account, "DescribeStacks", json!({"StackName": "web"})).is_err());
}

/// `API_ListStacks`: deleted stacks are told of for 90 days; `API_DescribeStacks`: by ARN alone.
#[test]
fn deleted_stacks_are_remembered_for_a_while() {
    let mut account = account();
    let deleted = json!({"StackStatusFilter": ["DELETE_COMPLETE"]});
    let listed = ask(&mut account, "ListStacks", deleted.clone()).unwrap();
    let all = listed["StackSummaries"].as_array().unwrap();
    assert_eq!((all.len(), &all[0]["StackName"]), (1, &json!("old")));
    let arn = all[0]["StackId"].clone();
    assert!(ask(&mut account, "DescribeStacks", json!({"StackName": arn})).is_ok());
    assert!(ask(&mut account, "DescribeStacks", json!({"StackName": "old"})).is_err());
    account.pass(61 * 86_400);
    let listed = ask(&mut account, "ListStacks", deleted).unwrap();
    assert_eq!(listed["StackSummaries"], json!([]));
    let unknown = json!({"StackStatusFilter": ["GONE"]});
    let error = message(&mut account, "ListStacks", unknown);
    assert!(error.starts_with("ValidationError: 1 validation error detected"));
}

#[test]
fn long_lists_come_in_pages() {
    let mut account = account();
    for (action, key, count) in [
        ("DescribeStacks", "Stacks", 121),
        ("ListStacks", "StackSummaries", 122),
    ] {
        let mut names = Vec::new();
        let mut input = json!({});
        loop {
            let page = ask(&mut account, action, input).unwrap();
            let entries = page[key].as_array().unwrap();
            assert!(entries.len() <= 100);
            names.extend(entries.iter().map(|it| it["StackName"].to_string()));
            if page.get("NextToken").is_none() {
                break;
            }
            input = json!({"NextToken": page["NextToken"]});
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "{action}");
    }
    let bad = message(&mut account, "ListStacks", json!({"NextToken": "x"}));
    assert!(bad.starts_with("ValidationError"), "{bad}");
}

#[test]
fn resources_are_found_from_both_sides() {
    let mut account = account();
    let web = json!({"StackName": "web"});
    let listed = ask(&mut account, "ListStackResources", web.clone()).unwrap();
    assert_eq!(
        listed["StackResourceSummaries"].as_array().unwrap().len(),
        2
    );
    let described = ask(&mut account, "DescribeStackResources", web).unwrap();
    let by_id = json!({"PhysicalResourceId": VOLUME});
    let found = ask(&mut account, "DescribeStackResources", by_id).unwrap();
    assert_eq!(found, described);
    assert_eq!(found["StackResources"][0]["StackName"], "web");
    let one = json!({"StackName": "web", "LogicalResourceId": "Data"});
    let detail = ask(&mut account, "DescribeStackResource", one.clone()).unwrap();
    assert_eq!(detail["StackResourceDetail"]["PhysicalResourceId"], VOLUME);
    let only = ask(&mut account, "DescribeStackResources", one).unwrap();
    assert_eq!(only["StackResources"].as_array().unwrap().len(), 1);
    for (input, error) in [
        (
            json!({"PhysicalResourceId": "i-1"}),
            "Stack for i-1 does not exist",
        ),
        (
            json!({"PhysicalResourceId": "vol-0123456789abcdef1"}),
            "Stack for vol-0123456789abcdef1 does not exist",
        ),
        (
            json!({}),
            "Either StackName or PhysicalResourceId must be specified",
        ),
        (
            json!({"StackName": "web", "PhysicalResourceId": VOLUME}),
            "Both StackName and PhysicalResourceId cannot be specified",
        ),
        (
            json!({"StackName": "web", "LogicalResourceId": "No"}),
            "Resource No does not exist for stack web",
        ),
    ] {
        let said = message(&mut account, "DescribeStackResources", input);
        assert_eq!(said, format!("ValidationError: {error}"));
    }
}

#[test]
fn a_stack_names_what_it_made_and_holds_nothing() {
    let account = account();
    let volume = ResourceId::new(VOLUME).unwrap();
    let state = account.twin.state();
    let owners: Vec<&ResourceId> = state.referrers(&volume).collect();
    assert_eq!(owners.len(), 1);
    let owner = state.get(owners[0]).unwrap();
    let bonds = crate::state::references_of(owner);
    assert_eq!(bonds, [(volume, Bond::Past)]);
}

#[test]
fn changes_are_refused_by_name() {
    let mut account = account();
    for action in ["DeleteStack", "CreateStack", "UpdateStack"] {
        let said = message(&mut account, action, json!({"StackName": "web"}));
        assert!(said.starts_with("UnsupportedOperation") && said.contains(action));
    }
}
