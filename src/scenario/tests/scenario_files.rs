//! Reading scenario files: what is refused, where and why.

use std::path::Path;

use sandtable_scenario::{Loaded, SourceError, read_scenario};

fn read(text: &str) -> Result<Loaded, SourceError> {
    read_scenario(Path::new("x.yaml"), text)
}

fn fails(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

fn with_cloud(cloud: &str) -> String {
    let head = "format: sandtable/scenario/1\nname: x\ncloud:\n  now: 2026-11-24T00:00:00Z\n  regions:\n    eu-west-1:\n";
    format!("{head}{cloud}")
}

const VPC: &str = "      Vpcs: [{ VpcId: vpc-00000000000000001, CidrBlock: 10.0.0.0/16 }]
      RouteTables:
        - RouteTableId: rtb-00000000000000001
          VpcId: vpc-00000000000000001
          Associations: [{ RouteTableAssociationId: rtbassoc-00000000000000001, Main: true }]
      SecurityGroups:
        - { GroupId: sg-00000000000000001, GroupName: default, VpcId: vpc-00000000000000001 }
";

#[test]
fn what_aws_always_tells_is_filled_in() {
    let loaded = read(&with_cloud(VPC)).unwrap();
    let text = serde_json::to_string(&loaded.snapshot).unwrap();
    for part in [
        r#""OwnerId":"123456789012""#,
        r#""DestinationCidrBlock":"10.0.0.0/16","GatewayId":"local""#,
        r#""AssociationId":"vpc-cidr-assoc-00000000000000001""#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn ids_that_lead_nowhere_are_told_with_line_and_column() {
    let subnet = "      Subnets:
        - SubnetId: subnet-00000000000000001
          VpcId: vpc-00000000000000009
          CidrBlock: 10.0.0.0/24
          AvailabilityZone: eu-west-1a
";
    let text = with_cloud(&format!("{VPC}{subnet}"));
    let message = fails(&text);
    assert!(message.starts_with("x.yaml:15:11: "), "{message}");
    assert!(
        message.contains("names vpc-00000000000000009 (`VpcId`)"),
        "{message}"
    );
    let marked = text.replace(
        "  regions:",
        "  dangling: [vpc-00000000000000009]\n  regions:",
    );
    read(&marked).unwrap();
    let unseen = text.replace(
        "      Vpcs: [{ VpcId: vpc-00000000000000001, CidrBlock: 10.0.0.0/16 }]",
        "      coverage: { vpc: { unknown: { reason: denied } } }",
    );
    read(&unseen).unwrap();
}

#[test]
fn all_mistakes_are_told_at_once() {
    let message = fails(&with_cloud(
        "      Vpcs:
        - { VpcId: vpc-1, CidrBlock: 10.0.0.0/16 }
      Volumes:
        - { VolumeId: vol-00000000000000001, Size: 1, AvailabilityZone: eu-west-1a }
        - { VolumeId: vol-00000000000000001, Size: 1, AvailabilityZone: eu-west-1a }
",
    ));
    assert!(
        message.contains("x.yaml:8:11: `vpc-1` is not an id"),
        "{message}"
    );
    assert!(
        message.contains("vpc-1 has 0 of what every VPC has one: a main"),
        "{message}"
    );
    assert!(
        message.contains(
            "x.yaml:11:11: vol-00000000000000001 is there twice; the first is on line 10"
        ),
        "{message}"
    );
}

#[test]
fn unknown_members_and_wrong_forms_are_refused_in_place() {
    let typo = fails(&with_cloud("      Vpc: []\n"));
    assert!(typo.starts_with("x.yaml:7:7: "), "{typo}");
    let member = fails(&with_cloud(&VPC.replace("CidrBlock", "Cidr")));
    assert!(
        member.starts_with("x.yaml:7:") && member.contains("Cidr"),
        "{member}"
    );
    let version = fails(&with_cloud(VPC).replace("scenario/1", "scenario/9"));
    assert!(
        version.starts_with("x.yaml:1:9: ") && version.contains("scenario/9"),
        "{version}"
    );
    let account = fails(&with_cloud(VPC).replace("cloud:", "cloud:\n  account: 123456789012"));
    assert!(account.contains("quot"), "{account}");
    let expected = fails(&format!(
        "{}expect:\n  plan: [DeleteVpc]\n",
        with_cloud(VPC)
    ));
    assert!(
        expected.contains("`DeleteVpc` is not an operation and a target"),
        "{expected}"
    );
}

#[test]
fn mistakes_are_shown_in_the_text() {
    let text = with_cloud(&VPC.replace("vpc-00000000000000001, Cidr", "vpc-7, Cidr"));
    let report = miette::Report::new(read(&text).unwrap_err());
    let mut shown = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
        .render_report(&mut shown, report.as_ref())
        .unwrap();
    assert!(shown.contains("Vpcs: [{ VpcId: vpc-7"), "{shown}");
    assert!(shown.contains("docs/scenarios.md"), "{shown}");
}

#[test]
fn no_text_makes_the_reader_panic() {
    for text in [
        "",
        "[]",
        "\u{0}",
        "a: &a [*a]",
        "---\n---\n",
        "format: {",
        "\t",
        "cloud: {regions: {x: y}}",
    ] {
        assert!(read(text).is_err(), "{text:?}");
    }
    let good = with_cloud(VPC);
    for end in 0..good.len() {
        let _ = read(&good[..end]);
    }
}

#[test]
fn a_policy_is_read_as_strictly() {
    let read = |text| sandtable_scenario::read_policy(Path::new("p.yaml"), text);
    assert_eq!(
        read("volume_age_days_min: 30\n")
            .unwrap()
            .volume_age_days_min,
        30
    );
    assert_eq!(read("{}").unwrap(), sandtable_model::Policy::default());
    let error = read("teardown: true\nteardwn: false\n")
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("p.yaml:2:1: "), "{error}");
}

const EMPTY: &str = "format: sandtable/scenario/1\nname: x\ncloud: { now: 2026-11-24T00:00:00Z, \
                     regions: { eu-west-1: {} } }\n";

/// Mistakes in faults, each with its line and column and what to do.
#[test]
fn mistakes_in_faults_are_told_at_their_place() {
    for (faults, place, why) in [
        (
            "faults:\n  - { action: DeleteVolum, effect: throttle }\n",
            "5:15",
            "does not model the operation `DeleteVolum`; did you mean `DeleteVolume`?",
        ),
        (
            "faults:\n  - { action: CreateDBInstance, effect: throttle }\n",
            "5:15",
            "did you mean `rds:CreateDBInstance`?",
        ),
        (
            "faults:\n  - action: DeleteVolume\n    effect: throtle\n",
            "6:13",
            "throtle",
        ),
        (
            "faults:\n  - { action: DeleteVolume, effect: insufficient-capacity }\n",
            "5:37",
            "cannot come about at DeleteVolume",
        ),
        (
            "faults:\n  - { action: DeleteVolume }\n",
            "5:5",
            "a fault needs an `effect`: one of `throttle`",
        ),
        (
            "faults:\n  - { effect: throttle }\n",
            "5:5",
            "a fault needs an `action`",
        ),
        (
            "faults:\n  - { resource: vol-01234567 }\n",
            "5:5",
            "a fault needs `action` and `effect`, or `seed` and `rate`",
        ),
        (
            "faults:\n  - { action: DeleteVolume, occurrence: 0, effect: throttle }\n",
            "5:41",
            "`occurrence` is counted from 1",
        ),
        (
            "faults:\n  - { action: DeleteVolume, at: soon, effect: throttle }\n",
            "5:33",
            "`soon` is no span of time such as `30s`",
        ),
        (
            "faults:\n  - { action: DeleteVolume, effect: { stale-read: { count: 0 } } }\n",
            "5:37",
            "`count` of stale reads must be 1 at least",
        ),
        (
            "faults:\n  - { action: DeleteVolume, effect: { drift: { calls: [] } } }\n",
            "5:37",
            "`drift` needs `calls`",
        ),
        (
            "faults:\n  - { action: \"*\", effect: { drift: { calls: [{ action: \"*\" }] } } }\n",
            "5:28",
            "must be told by name",
        ),
        (
            "faults:\n  - { action: \"*\", effect: { drift-in-use: { resource: nothing } } }\n",
            "5:",
            "nothing",
        ),
        (
            "faults:\n  - { seed: 7 }\n",
            "5:5",
            "need a `rate`: at how many of the calls",
        ),
        ("faults:\n  - { rate: 5% }\n", "5:5", "need a `seed`"),
        (
            "faults:\n  - { seed: 7, rate: 150% }\n",
            "5:22",
            "`150%` is no rate",
        ),
        (
            "faults:\n  - { seed: 7, rate: 5%, effects: [throttle, drift] }\n",
            "5:46",
            "drift",
        ),
        (
            "faults:\n  - { seed: 7, rate: 5%, effects: [] }\n",
            "5:35",
            "`effects` is empty",
        ),
        (
            "faults:\n  - { seed: 7, rate: 5%, times: 3 }\n",
            "5:33",
            "`times` is for a fault that is told",
        ),
        (
            "faults:\n  - { seed: 7, rate: 5%, action: \"*\", effect: throttle }\n",
            "5:5",
            "either told (`action`, `effect`) or drawn",
        ),
        (
            "faults:\n  - { action: \"*\", effect: throttle, resources: [vol-01234567] }\n",
            "5:",
            "`resources` is for faults that a `seed` draws",
        ),
        (
            "faults:\n  - { action: \"*\", effect: throttle, volume: vol-01234567 }\n",
            "5:38",
            "volume",
        ),
    ] {
        let message = fails(&format!("{EMPTY}{faults}"));
        assert!(
            message.starts_with(&format!("x.yaml:{place}")),
            "{faults}{message}"
        );
        assert!(message.contains(why), "{faults}{message}");
    }
}
