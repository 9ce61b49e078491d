//! Tags of resources of any kind (facts, ec2-semantics, section 1).

use std::collections::BTreeMap;

use sandtable_model::{Kind, ResourceId};
use serde_json::{Value, json};

use crate::testing::Account;
use crate::{Twin, TwinOptions, dispatch, estate};

fn call(twin: &mut Twin, id: &ResourceId, action: &str, mut input: Value) -> Result<Value, String> {
    let region = twin.state().region_of(id).unwrap().clone();
    let ctx = twin.context(&region);
    if action != "DescribeTags" {
        input["Resources"] = json!([id]);
    }
    dispatch::call(twin, &ctx, action, input).map_err(|error| error.code.into_owned())
}

/// Every kind of an estate that belongs to EC2, one resource of each.
#[test]
fn every_kind_can_be_tagged() {
    let snapshot = estate::generate(3, 300);
    let mut twin = Twin::from_snapshot(&snapshot, TwinOptions::default());
    let mut ids: BTreeMap<Kind, ResourceId> = BTreeMap::new();
    for (_, resource) in twin.state().everything() {
        ids.entry(resource.kind()).or_insert_with(|| resource.id());
    }
    ids.retain(|kind, _| kind.is_of_ec2());
    assert!(ids.len() >= 10, "{ids:?}");
    for (kind, id) in ids {
        let all: Vec<Value> = (0..50)
            .map(|index| json!({"Key": format!("key {index}"), "Value": format!("{index}")}))
            .collect();
        call(&mut twin, &id, "DeleteTags", json!({})).unwrap();
        call(&mut twin, &id, "CreateTags", json!({"Tags": all})).unwrap();
        let more = call(
            &mut twin,
            &id,
            "CreateTags",
            json!({"Tags": [{"Key": "more"}]}),
        );
        assert_eq!(more.unwrap_err(), "TagLimitExceeded");
        let filters = json!({"Filters": [
            {"Name": "resource-id", "Values": [id]},
            {"Name": "tag:key 7", "Values": ["7", "8"]},
        ]});
        let seen = call(&mut twin, &id, "DescribeTags", filters).unwrap();
        assert_eq!(
            seen["Tags"],
            json!([{"ResourceId": id, "ResourceType": kind.as_str(), "Key": "key 7", "Value": "7"}])
        );
        let some = json!({"Tags": [{"Key": "key 1", "Value": ""}, {"Key": "key 2"}]});
        call(&mut twin, &id, "DeleteTags", some).unwrap();
        let filters = json!({"Filters": [{"Name": "resource-id", "Values": [id]}]});
        let seen = call(&mut twin, &id, "DescribeTags", filters).unwrap();
        assert_eq!(seen["Tags"].as_array().unwrap().len(), 49, "{kind:?}");
    }
}

/// EC2 API reference, CreateTags and DeleteTags: up to 1000 resources, all of them or none; tags of AWS
/// itself neither count nor go.
#[test]
fn calls_tag_all_resources_or_none() {
    let mut account = Account::new();
    let volume = account.volume(1);
    let tag = json!([{"Key": "a", "Value": "b"}]);
    let many = |count: usize| vec![volume.clone(); count];
    let input = |ids: Vec<String>| json!({"Resources": ids, "Tags": tag});
    assert_eq!(
        account.code("CreateTags", input(many(1001))),
        "InvalidParameterValue"
    );
    assert_eq!(
        account.code("DeleteTags", input(many(1001))),
        "InvalidParameterValue"
    );
    account.ok("CreateTags", input(many(1000)));
    let half = vec![volume.clone(), "snap-0123456789abcdef0".to_owned()];
    let other = json!({"Resources": half, "Tags": [{"Key": "c"}]});
    assert_eq!(
        account.code("CreateTags", other),
        "InvalidSnapshot.NotFound"
    );
    assert_eq!(account.see(&volume)["Tags"].as_array().unwrap().len(), 1);
    for (action, input) in [
        ("CreateTags", json!({"Tags": tag})),
        ("CreateTags", json!({"Resources": [volume]})),
        ("DeleteTags", json!({"Tags": tag})),
        (
            "CreateTags",
            json!({"Resources": [volume], "Tags": [{"Key": ""}]}),
        ),
    ] {
        assert_eq!(account.code(action, input), "MissingParameter", "{action}");
    }
    let id = ResourceId::new(&volume).unwrap();
    account.twin.state.update_any(&id, |it| {
        it.tags_mut().insert("aws:cloudformation:stack-name", "web");
    });
    let reserved =
        json!({"Resources": [volume], "Tags": [{"Key": "aws:cloudformation:stack-name"}]});
    assert_eq!(
        account.code("DeleteTags", reserved),
        "InvalidParameterValue"
    );
    let fifty: Vec<Value> = (0..50)
        .map(|index| json!({"Key": index.to_string()}))
        .collect();
    account.ok("DeleteTags", json!({"Resources": [volume]}));
    account.ok("CreateTags", json!({"Resources": [volume], "Tags": fifty}));
    assert_eq!(account.see(&volume)["Tags"].as_array().unwrap().len(), 51);
    account.ok("DeleteTags", json!({"Resources": [volume]}));
    let left = account.see(&volume)["Tags"].clone();
    assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
}

/// EC2 API reference, the lists of filters: what has no tags cannot be asked for them.
#[test]
fn only_what_is_tagged_is_filtered_by_tags() {
    let mut account = Account::new();
    for (action, name) in [
        ("DescribeTags", "tag-key"),
        ("DescribeTags", "tag-value"),
        ("DescribeVolumeStatus", "tag:a"),
        ("DescribeVolumesModifications", "tag-key"),
        ("DescribeSnapshotTierStatus", "tag:a"),
        ("DescribeLockedSnapshots", "tag:a"),
        ("DescribeFastSnapshotRestores", "tag:a"),
        ("DescribeStoreImageTasks", "tag:a"),
    ] {
        let input = json!({"Filters": [{"Name": name, "Values": ["x"]}]});
        let (code, message) = account.refused(action, input);
        assert_eq!(code, "InvalidParameterValue");
        assert_eq!(message, format!("The filter '{name}' is invalid"));
    }
}
