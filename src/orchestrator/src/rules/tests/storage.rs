use sandtable_model::{Confidence, Kind};
use serde_json::{Value, json};

use crate::testing::{Estate, OLD};

fn volume() -> (Kind, Value) {
    let value = json!({"VolumeId": "vol-1", "Size": 100, "VolumeType": "gp3",
                       "AvailabilityZone": "us-east-1a", "CreateTime": OLD});
    (Kind::Volume, value)
}

fn snapshot() -> (Kind, Value) {
    let value = json!({"SnapshotId": "snap-1", "VolumeId": "vol-0gone", "VolumeSize": 40,
                       "StartTime": OLD, "OwnerId": "123456789012"});
    (Kind::EbsSnapshot, value)
}

#[test]
fn v1_prices_an_unattached_volume() {
    let finding = Estate::of([volume()]).finding("V1/vol-1");
    assert_eq!(finding.saving_usd_month.unwrap().to_string(), "8.00");
    assert_eq!(finding.confidence, Confidence::High);
}

#[test]
fn v1_near_misses() {
    let mut estate = Estate::of([volume()]);
    estate.set(
        "vol-1",
        json!({"State": "in-use", "Attachments": [{"InstanceId": "i-1"}]}),
    );
    assert!(estate.findings().is_empty());
    assert_eq!(
        estate.guard("V1", "vol-1"),
        None,
        "an attached volume is no near miss"
    );

    let cases = [
        (json!({"CreateTime": "2026-11-20T00:00:00Z"}), "age"),
        (json!({"CreateTime": null}), "age"),
        (
            json!({"Tags": {"kubernetes.io/created-for/pvc/name": "data"}}),
            "managed by something else",
        ),
        (
            json!({"Tags": {"ebs.csi.aws.com/cluster": "true"}}),
            "managed by something else",
        ),
        (
            json!({"Tags": {"KubernetesCluster": "prod"}}),
            "managed by something else",
        ),
        (
            json!({"Tags": {"aws:cloudformation:stack-id": "arn:x"}}),
            "managed by something else",
        ),
        (
            json!({"Tags": {"managed-by": "Terraform"}}),
            "managed by something else",
        ),
    ];
    for (change, guard) in cases {
        let mut estate = Estate::of([volume()]);
        estate.set("vol-1", change.clone());
        assert!(estate.findings().is_empty(), "{change}");
        assert_eq!(
            estate.guard("V1", "vol-1").as_deref(),
            Some(guard),
            "{change}"
        );
    }
}

#[test]
fn v1_heeds_the_policy() {
    let mut estate = Estate::of([volume()]);
    estate.policy.protected_resources = vec!["vol-1".parse().unwrap()];
    assert_eq!(
        estate.guard("V1", "vol-1").as_deref(),
        Some("protected by policy")
    );

    let mut estate = Estate::of([volume()]);
    estate.set("vol-1", json!({"Tags": {"keep": "yes"}}));
    estate
        .policy
        .protected_tags
        .insert("keep".to_owned(), "no".to_owned());
    assert_eq!(
        estate.findings(),
        ["V1/vol-1"],
        "another value is not protected"
    );
    estate
        .policy
        .protected_tags
        .insert("keep".to_owned(), String::new());
    assert!(estate.findings().is_empty());

    let mut estate = Estate::of([volume()]);
    estate.policy.disabled_rules = vec!["v1".into()];
    assert!(estate.findings().is_empty());
    assert_eq!(
        estate.understand().not_evaluated,
        ["v1: switched off by the policy"]
    );
}

#[test]
fn s2_flags_an_orphan_with_medium_confidence() {
    let finding = Estate::of([snapshot()]).finding("S2/snap-1");
    assert_eq!(finding.saving_usd_month.unwrap().to_string(), "2.00");
    assert_eq!(finding.confidence, Confidence::Medium);
}

#[test]
fn s2_near_misses() {
    let image = |id: &str, of: &str| {
        let value = json!({"ImageId": id, "BlockDeviceMappings": [{"Ebs": {"SnapshotId": of}}]});
        (Kind::Image, value)
    };
    let mut estate = Estate::of([snapshot(), image("ami-1", "snap-1")]);
    assert_eq!(
        estate.guard("S2", "snap-1").as_deref(),
        Some("in use by an image")
    );

    // CreateImage made it for an image that is still there, though that does not name it.
    estate.add(Kind::Image, image("ami-1", "snap-other").1);
    let description = "Created by CreateImage(i-0aa) for ami-1";
    estate.set("snap-1", json!({"Description": description}));
    assert_eq!(
        estate.guard("S2", "snap-1").as_deref(),
        Some("in use by an image")
    );
    estate.remove("ami-1");
    assert_eq!(
        estate.findings(),
        ["S2/snap-1"],
        "once the image is gone it is an orphan"
    );

    let cases = [
        (
            json!({"VolumeId": "vol-ffffffff"}),
            Some("origin not known"),
        ),
        (json!({"StartTime": "2026-11-01T00:00:00Z"}), Some("age")),
        (
            json!({"Tags": {"aws:backup:source-resource": "x"}}),
            Some("managed by something else"),
        ),
        (
            json!({"Tags": {"dlm:managed": "true"}}),
            Some("managed by something else"),
        ),
        (
            json!({"Tags": {"sandtable:safety-snapshot-of": "vol-0gone"}}),
            Some("safety snapshot"),
        ),
        (
            json!({"Description": "This snapshot is created by the AWS Backup service."}),
            Some("backup service"),
        ),
        (json!({"State": "pending"}), None),
        (json!({"OwnerId": "999999999999"}), None),
    ];
    for (change, guard) in cases {
        let mut estate = Estate::of([snapshot()]);
        estate.set("snap-1", change.clone());
        assert!(estate.findings().is_empty(), "{change}");
        assert_eq!(estate.guard("S2", "snap-1").as_deref(), guard, "{change}");
    }
}

#[test]
fn s2_says_nothing_without_all_volumes_and_images() {
    for kind in [Kind::Volume, Kind::Image] {
        let mut estate = Estate::of([snapshot()]);
        estate.unseen(kind);
        assert!(estate.findings().is_empty());
        assert_eq!(
            estate.guard("S2", "snap-1").as_deref(),
            Some("missing data")
        );
        assert!(
            estate
                .understand()
                .not_evaluated
                .iter()
                .any(|it| it.starts_with("S2: "))
        );
    }
}
