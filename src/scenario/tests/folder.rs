//! Folders of describe answers, small ones made here.

use std::path::Path;

use sandtable_model::{Coverage, Kind, Region, ResourceId};
use sandtable_scenario::{Loaded, Source, SourceError, SourceOptions};

type Files<'a> = &'a [(&'a str, &'a str)];

fn folder(files: Files<'_>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn open(files: Files<'_>) -> Loaded {
    Source::open(folder(files).path()).unwrap()
}

fn fails(files: Files<'_>) -> String {
    Source::open(folder(files).path()).unwrap_err().to_string()
}

fn region(name: &str) -> Region {
    Region::new(name).unwrap()
}

fn place(loaded: &Loaded, id: &str) -> String {
    let id = ResourceId::new(id).unwrap();
    loaded.snapshot.region_of(&id).unwrap().to_string()
}

const SUBNETS: &str = r#"{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24",
    "AvailabilityZone": "eu-west-1a", "OwnerId": "111122223333"}]}"#;
const GROUPS: &str = r#"{"SecurityGroups": [{"GroupId": "sg-1", "GroupName": "a", "VpcId": "vpc-1",
    "OwnerId": "111122223333"}]}"#;

#[test]
fn regions_spread_along_references_even_through_what_is_not_described() {
    // `vpc-1` is in no file; the group knows it, and the subnet knows it and its zone.
    let loaded = open(&[("subnets.json", SUBNETS), ("groups.json", GROUPS)]);
    assert_eq!(place(&loaded, "sg-1"), "eu-west-1");
    assert_eq!(loaded.snapshot.account.as_str(), "111122223333");
}

#[test]
fn arns_tell_region_and_account() {
    let arn = "arn:aws:ec2:ap-south-1:444455556666:internet-gateway/igw-1";
    let text =
        format!(r#"{{"InternetGateways": [{{"InternetGatewayId": "igw-1", "Arn": "{arn}"}}]}}"#);
    let loaded = open(&[("gateways.json", &text)]);
    assert_eq!(place(&loaded, "igw-1"), "ap-south-1");
    assert_eq!(loaded.snapshot.account.as_str(), "444455556666");
}

#[test]
fn what_tells_no_region_is_where_the_rest_is_or_where_asked() {
    let snapshots =
        r#"{"Snapshots": [{"SnapshotId": "snap-1", "VolumeId": "vol-1", "VolumeSize": 8}]}"#;
    let folder = folder(&[("s.json", snapshots), ("subnets.json", SUBNETS)]);
    let loaded = Source::open(folder.path()).unwrap();
    assert_eq!(place(&loaded, "snap-1"), "eu-west-1");
    assert!(
        loaded.notes.iter().any(|note| note.contains("snap-1")),
        "{:?}",
        loaded.notes
    );
    let options = SourceOptions {
        region: Some(region("us-west-2")),
        ..SourceOptions::default()
    };
    let loaded = Source::open_with(folder.path(), &options).unwrap();
    assert_eq!(place(&loaded, "snap-1"), "us-west-2");
    assert_eq!(place(&loaded, "subnet-1"), "eu-west-1");
}

#[test]
fn what_no_file_lists_is_unknown_and_an_empty_list_is_complete() {
    let loaded = open(&[
        ("subnets.json", SUBNETS),
        ("nat.json", r#"{"NatGateways": []}"#),
    ]);
    let coverage = |kind| loaded.snapshot.coverage(&region("eu-west-1"), kind);
    assert_eq!(coverage(Kind::Subnet), Coverage::Complete);
    assert_eq!(coverage(Kind::NatGateway), Coverage::Complete);
    assert!(matches!(
        coverage(Kind::NetworkInterface),
        Coverage::Unknown { .. }
    ));
}

#[test]
fn an_empty_list_says_nothing_about_a_second_region() {
    let second = SUBNETS
        .replace("subnet-1", "subnet-2")
        .replace("eu-west-1a", "us-east-1a");
    let loaded = open(&[
        ("one.json", SUBNETS),
        ("two.json", &second.replace("vpc-1", "vpc-2")),
        ("nat.json", r#"{"NatGateways": []}"#),
        ("us-east-1/addresses.json", r#"{"Addresses": []}"#),
    ]);
    let coverage = |place: &str, kind| loaded.snapshot.coverage(&region(place), kind);
    assert!(matches!(
        coverage("us-east-1", Kind::NatGateway),
        Coverage::Unknown { .. }
    ));
    assert_eq!(coverage("us-east-1", Kind::Address), Coverage::Complete);
    assert!(matches!(
        coverage("eu-west-1", Kind::Address),
        Coverage::Unknown { .. }
    ));
}

/// The snapshot may be in us-east-1, of which no volume was listed: its volume is not known to be gone.
#[test]
fn what_a_resource_of_unknown_region_names_may_be_where_nobody_looked() {
    let volumes =
        r#"{"Volumes": [{"VolumeId": "vol-1", "Size": 8, "AvailabilityZone": "eu-west-1a"}]}"#;
    let snapshots =
        r#"{"Snapshots": [{"SnapshotId": "snap-1", "VolumeId": "vol-9", "VolumeSize": 8}]}"#;
    let second = SUBNETS
        .replace("subnet-1", "subnet-2")
        .replace("eu-west-1a", "us-east-1a");
    let coverage = |files| {
        open(files)
            .snapshot
            .coverage(&region("eu-west-1"), Kind::Volume)
    };
    let one = [("v.json", volumes), ("s.json", snapshots)];
    assert_eq!(coverage(&one), Coverage::Complete);
    let both = [
        ("v.json", volumes),
        ("s.json", snapshots),
        ("u.json", second.as_str()),
    ];
    assert!(matches!(coverage(&both), Coverage::Partial { .. }));
    let named = [
        ("v.json", volumes),
        ("eu-west-1/s.json", snapshots),
        ("u.json", second.as_str()),
    ];
    assert_eq!(coverage(&named), Coverage::Complete);
    let key = r#""KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/0", "VolumeId""#;
    let keyed = snapshots.replace(r#""VolumeId""#, key);
    let keyed = [
        ("v.json", volumes),
        ("s.json", keyed.as_str()),
        ("u.json", second.as_str()),
    ];
    assert_eq!(coverage(&keyed), Coverage::Complete);
}

#[test]
fn pages_and_unreadable_entries_make_a_kind_partial() {
    let page = SUBNETS.replacen('{', r#"{"NextToken": "abc", "#, 1);
    let loaded = open(&[("one.json", &page)]);
    let coverage = loaded.snapshot.coverage(&region("eu-west-1"), Kind::Subnet);
    assert!(matches!(coverage, Coverage::Partial { .. }), "{coverage:?}");
    let broken = SUBNETS.replacen("[{", r#"[{"SubnetId": "subnet-9"}, {"#, 1);
    let loaded = open(&[("one.json", &broken)]);
    let coverage = loaded.snapshot.coverage(&region("eu-west-1"), Kind::Subnet);
    assert!(matches!(coverage, Coverage::Partial { .. }), "{coverage:?}");
    assert!(
        loaded.notes.iter().any(|it| it.contains("subnet-9")),
        "{:?}",
        loaded.notes
    );
}

#[test]
fn files_of_one_kind_are_merged_and_repetitions_resolved() {
    let other = SUBNETS.replace("10.0.0.0/24", "10.0.9.0/24");
    let loaded = open(&[("a.json", SUBNETS), ("b.json", SUBNETS)]);
    assert_eq!(loaded.snapshot.len(), 1);
    assert!(
        !loaded.notes.iter().any(|it| it.contains("twice")),
        "{:?}",
        loaded.notes
    );
    let loaded = open(&[("a.json", SUBNETS), ("b.json", &other)]);
    assert_eq!(loaded.snapshot.len(), 1);
    assert!(
        loaded
            .notes
            .iter()
            .any(|it| it.contains("subnet-1 is described twice"))
    );
}

#[test]
fn the_moment_is_the_newest_one_or_as_told() {
    let volumes = r#"{"Volumes": [
        {"VolumeId": "vol-1", "Size": 8, "AvailabilityZone": "eu-west-1a", "CreateTime": "2026-01-02T03:04:05+00:00"},
        {"VolumeId": "vol-2", "Size": 8, "AvailabilityZone": "eu-west-1a", "CreateTime": "2025-01-02T03:04:05Z"}]}"#;
    let folder = folder(&[("volumes.json", volumes)]);
    let loaded = Source::open(folder.path()).unwrap();
    assert_eq!(loaded.snapshot.taken_at.to_string(), "2026-01-02T03:04:05Z");
    let now = "2026-11-24T00:00:00Z".parse().unwrap();
    let options = SourceOptions {
        now: Some(now),
        ..SourceOptions::default()
    };
    assert_eq!(
        Source::open_with(folder.path(), &options)
            .unwrap()
            .snapshot
            .taken_at,
        now
    );
}

#[test]
fn other_kinds_are_passed_over_and_named() {
    let loaded = open(&[
        ("subnets.json", SUBNETS),
        ("buckets.json", r#"{"Buckets": []}"#),
    ]);
    let note = loaded
        .notes
        .iter()
        .find(|it| it.contains("passed over"))
        .unwrap();
    assert!(
        note.contains("buckets.json") && note.contains("Buckets"),
        "{note}"
    );
}

#[test]
fn answers_about_other_kinds_alone_leave_everything_unknown() {
    let loaded = open(&[("tags.json", r#"{"Tags": []}"#)]);
    assert!(loaded.snapshot.is_empty());
    let region = loaded.snapshot.regions().next().unwrap().clone();
    let coverage = loaded
        .snapshot
        .coverage(&region, sandtable_model::Kind::Vpc);
    assert!(
        matches!(coverage, sandtable_model::Coverage::Unknown { .. }),
        "{coverage:?}"
    );
}

#[test]
fn mistakes_are_told_with_their_place() {
    assert!(fails(&[("x.json", "{\"Vpcs\": [\n  {,}]}")]).contains("x.json:2:4"));
    assert!(fails(&[("x.json", r#"{"Vpcs": {}}"#)]).contains("`Vpcs` is not a list"));
    assert!(fails(&[("x.json", "[]")]).contains("no describe answer"));
    assert!(fails(&[("package.json", r#"{"name": "x"}"#)]).contains("no describe answer"));
    assert!(fails(&[]).contains("no describe answer"));
    let folder = folder(&[]);
    std::fs::write(folder.path().join("x.json"), [0xff, 0xfe, b'{', 0]).unwrap();
    let error = Source::open(folder.path()).unwrap_err();
    assert!(matches!(error, SourceError::Encoding { .. }), "{error}");
    assert!(Source::open(Path::new("no/such/folder")).is_err());
}
