//! The documents of version 1, as they were first written. What is in these files can be read for as
//! long as the version stands, and its digests never change: approvals and journals name them.

use sandtable_model::{Document, Plan, Receipt, Snapshot};

const DIGESTS: [(&str, &str); 3] = [
    (
        "plan",
        "sha256:96b61d8bcaeef85986e84118a62fad249a69b3595028edfaaa1030aa3b4c8c24",
    ),
    (
        "receipt",
        "sha256:2d12193e38369b7b4a7dd520f59501d6d9876cbf9026f184b67c03d5d4fd3d98",
    ),
    (
        "snapshot",
        "sha256:2fe1d3f03d61d1d17f5165338bc92771d62f888f7367cb6780280a9d80161e4a",
    ),
];

#[test]
fn documents_of_version_1_keep_their_digests() {
    let plan: Plan = read("plan");
    let receipt: Receipt = read("receipt");
    let snapshot: Snapshot = read("snapshot");
    assert_eq!(plan.digest().unwrap().to_string(), digest("plan"));
    assert_eq!(receipt.digest().unwrap().to_string(), digest("receipt"));
    assert_eq!(snapshot.digest().unwrap().to_string(), digest("snapshot"));
    assert_eq!(
        receipt.plan,
        plan.digest().unwrap(),
        "the receipt is of this plan"
    );
    assert_eq!(
        receipt.after,
        snapshot.digest().unwrap(),
        "the snapshot is the state after it"
    );
}

#[test]
fn documents_are_written_as_they_were() {
    assert_eq!(read::<Plan>("plan").to_pretty().unwrap(), text("plan"));
    assert_eq!(
        read::<Receipt>("receipt").to_pretty().unwrap(),
        text("receipt")
    );
    assert_eq!(
        read::<Snapshot>("snapshot").to_pretty().unwrap(),
        text("snapshot")
    );
}

#[test]
fn documents_are_strict() {
    for name in ["plan", "receipt", "snapshot"] {
        let extra = text(name).replacen('{', "{\"extra\": 1,", 1);
        let later = text(name).replacen("/1\"", "/2\"", 1);
        let message = |text: &str| match name {
            "plan" => Plan::from_json(text).unwrap_err().to_string(),
            "receipt" => Receipt::from_json(text).unwrap_err().to_string(),
            _ => Snapshot::from_json(text).unwrap_err().to_string(),
        };
        assert!(
            message(&extra).contains("extra"),
            "{name}: {}",
            message(&extra)
        );
        assert!(
            message(&later).contains("/2`"),
            "{name}: {}",
            message(&later)
        );
    }
}

fn digest(name: &str) -> &'static str {
    DIGESTS.iter().find(|(it, _)| *it == name).unwrap().1
}

fn read<D: Document>(name: &str) -> D {
    D::from_json(&text(name)).unwrap()
}

fn text(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    std::fs::read_to_string(format!("{folder}/{name}-1.json")).unwrap()
}
