//! Rules of key pairs; each test names its row of the facts.

use serde_json::{Value, json};

use crate::testing::{Account, text};

/// Section 2, row key pair; section 1, "Idempotency" (a second deletion succeeds).
#[test]
fn key_pairs_come_and_go() {
    let mut account = Account::new();
    let tags = json!([{"ResourceType": "key-pair", "Tags": [{"Key": "a", "Value": "b"}]}]);
    let made = account.ok(
        "CreateKeyPair",
        json!({"KeyName": "web", "TagSpecifications": tags}),
    );
    let id = text(&made, "KeyPairId");
    assert!(text(&made, "KeyMaterial").starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    // SHA-1 in pairs of digits.
    assert_eq!(text(&made, "KeyFingerprint").split(':').count(), 20);
    assert_eq!(
        account.code("CreateKeyPair", json!({"KeyName": "web"})),
        "InvalidKeyPair.Duplicate"
    );
    let seen = account.ok("DescribeKeyPairs", json!({"KeyNames": ["web"]}));
    let pair = &seen["KeyPairs"][0];
    assert_eq!(pair["KeyPairId"], id.as_str());
    assert_eq!(pair["PublicKey"], Value::Null);
    assert_eq!(pair["Tags"], json!([{"Key": "a", "Value": "b"}]));
    let whole = json!({"KeyPairIds": [id], "IncludePublicKey": true});
    let seen = account.ok("DescribeKeyPairs", whole);
    assert!(text(&seen["KeyPairs"][0], "PublicKey").starts_with("ssh-rsa "));
    for (input, code) in [
        (json!({"KeyNames": ["none"]}), "InvalidKeyPair.NotFound"),
        (
            json!({"KeyPairIds": ["key-0123456789abcdef0"]}),
            "InvalidKeyPair.NotFound",
        ),
        (json!({"KeyPairIds": ["key-x"]}), "InvalidKeyPair.Malformed"),
        (
            json!({"Filters": [{"Name": "colour", "Values": ["x"]}]}),
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(account.code("DescribeKeyPairs", input), code);
    }
    let gone = account.ok("DeleteKeyPair", json!({"KeyName": "web"}));
    assert_eq!(gone, json!({"Return": true, "KeyPairId": id}));
    let again = account.ok("DeleteKeyPair", json!({"KeyName": "web"}));
    assert_eq!(again, json!({"Return": true}));
    assert_eq!(account.code("DeleteKeyPair", json!({})), "MissingParameter");
}

/// Section 2, row key pair: a launch needs the pair; its deletion does not ask who was launched with
/// it (section 3, Key pair).
#[test]
fn launches_need_their_key_pair() {
    let mut account = Account::new();
    let image = account.public_image();
    let run = json!({"ImageId": image, "InstanceType": "t3.micro", "KeyName": "web",
                     "MinCount": 1, "MaxCount": 1});
    let (code, message) = account.refused("RunInstances", run.clone());
    assert_eq!(code, "InvalidKeyPair.NotFound");
    assert_eq!(message, "The key pair 'web' does not exist");
    account.ok(
        "CreateKeyPair",
        json!({"KeyName": "web", "KeyType": "ed25519"}),
    );
    let made = account.ok("RunInstances", run);
    let id = text(&made["Instances"][0], "InstanceId");
    account.ok("DeleteKeyPair", json!({"KeyName": "web"}));
    assert_eq!(account.see(&id)["KeyName"], "web");
}

/// EC2 API reference, ImportKeyPair: the fingerprint is the key's own (checked against openssl and
/// ssh-keygen beside the code); the same pair made twice has the same in every run.
#[test]
fn imported_keys_are_known_by_their_fingerprint() {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let mut account = Account::new();
    let material = encode(include_str!("key_rsa.pub"));
    let input = json!({"KeyName": "mine", "PublicKeyMaterial": material});
    let made = account.ok("ImportKeyPair", input.clone());
    assert_eq!(
        text(&made, "KeyFingerprint"),
        include_str!("key_rsa.md5").trim()
    );
    assert_eq!(made["KeyMaterial"], Value::Null);
    assert_eq!(
        account.code("ImportKeyPair", input),
        "InvalidKeyPair.Duplicate"
    );
    let bad = json!({"KeyName": "bad", "PublicKeyMaterial": encode("no key")});
    assert_eq!(account.code("ImportKeyPair", bad), "InvalidKey.Format");
    let create = json!({"KeyName": "own"});
    let one = Account::new().ok("CreateKeyPair", create.clone());
    assert_eq!(Account::new().ok("CreateKeyPair", create), one);
}
