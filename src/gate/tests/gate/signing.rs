//! Signatures: made here, attached from elsewhere, by hardware, and inspected.

use sandtable_gate::ssh_key::private::KeypairData;
use sandtable_gate::ssh_key::public::{Ed25519PublicKey, KeyData, PublicKey, SkEd25519};
use sandtable_gate::ssh_key::{
    Algorithm, Cipher, HashAlg, Kdf, LineEnding, PrivateKey, Signature, SigningKey, SshSig,
};
use sandtable_gate::{
    AllowedSigners, Check, Revocations, StepSelection, assemble, attach_signature, inspect, sign,
};
use sandtable_model::{Approval, ApprovalStatement, Digest, Document, SIGNATURE_NAMESPACE};

use crate::common::*;

fn whole() -> (
    sandtable_model::Plan,
    sandtable_model::Receipt,
    ApprovalStatement,
) {
    let plan = plan(1);
    let receipt = receipt(&plan);
    let statement = statement(&plan, &receipt, &StepSelection::All, ALICE);
    (plan, receipt, statement)
}

fn armored(key: &PrivateKey, namespace: &str, hash: HashAlg, message: &[u8]) -> String {
    let signature = PrivateKey::sign(key, namespace, hash, message).unwrap();
    signature.to_pem(LineEnding::LF).unwrap()
}

#[test]
fn a_signature_for_something_else_is_refused() {
    let (plan, receipt, statement) = whole();
    let bytes = statement.canonical().unwrap();
    let elsewhere = armored(&key(1), "file", HashAlg::Sha512, &bytes);
    let error = attach_signature(statement.clone(), &elsewhere).unwrap_err();
    let expected = "the signature was made in the namespace `file`, not in `approval@sandtable`";
    assert_eq!(
        error.to_string(),
        format!("the signature does not hold: {expected}")
    );

    let forged = Approval {
        format: Approval::FORMAT.to_owned(),
        statement,
        signature: elsewhere,
    };
    let words = refusal(try_assemble(&plan, &receipt, &[forged]));
    assert!(words.contains(expected), "{words}");
}

#[test]
fn both_hashes_are_taken() {
    let (plan, receipt, statement) = whole();
    for hash in [HashAlg::Sha256, HashAlg::Sha512] {
        let bytes = statement.canonical().unwrap();
        let signature = armored(&key(1), SIGNATURE_NAMESPACE, hash, &bytes);
        let approval = attach_signature(statement.clone(), &signature).unwrap();
        try_assemble(&plan, &receipt, &[approval]).unwrap();
    }
}

#[test]
fn a_signature_of_other_bytes_is_refused() {
    let (_, _, statement) = whole();
    let mut bytes = statement.canonical().unwrap();
    bytes.push(b'\n');
    let signature = armored(&key(1), SIGNATURE_NAMESPACE, HashAlg::Sha512, &bytes);
    let error = attach_signature(statement.clone(), &signature).unwrap_err();
    assert!(
        error.to_string().contains("does not fit the statement"),
        "{error}"
    );
    let error = attach_signature(statement, "not a signature").unwrap_err();
    assert!(
        error.to_string().contains("not an armored SSH signature"),
        "{error}"
    );
}

#[test]
fn an_encrypted_key_does_not_sign() {
    let (_, _, statement) = whole();
    let salt = vec![7; 16];
    let kdf = Kdf::Bcrypt { salt, rounds: 4 };
    let locked = key(1)
        .encrypt_with(Cipher::Aes256Ctr, kdf, 1, "open sesame")
        .unwrap();
    let error = sign(statement.clone(), &locked).unwrap_err().to_string();
    assert!(
        error.contains("it must be decrypted before it can sign"),
        "{error}"
    );
    let open = locked.decrypt("open sesame").unwrap();
    sign(statement, &open).unwrap();
}

/// A signature as a FIDO key makes it (OpenSSH, PROTOCOL.u2f), by a key that is software in truth.
fn hardware_signature(flags: u8, message: &[u8]) -> (PublicKey, String) {
    let secret = key(7);
    let KeypairData::Ed25519(pair) = secret.key_data() else {
        panic!("the test key is an Ed25519 key");
    };
    let point: Ed25519PublicKey = pair.public;
    let public = KeyData::SkEd25519(SkEd25519::new(point, "ssh:"));
    let signed = SshSig::signed_data(SIGNATURE_NAMESPACE, HashAlg::Sha512, message).unwrap();
    let trailer = [flags, 0, 0, 0, 42];
    let (application, message) = (Digest::of(b"ssh:"), Digest::of(&signed));
    let parts: [&[u8]; 3] = [application.as_bytes(), &trailer, message.as_bytes()];
    let raw = raw_signature(&secret, &parts.concat());
    let data = [raw.as_slice(), &trailer].concat();
    let signature = Signature::new(Algorithm::SkEd25519, data).unwrap();
    let whole = SshSig::new(
        public.clone(),
        SIGNATURE_NAMESPACE,
        HashAlg::Sha512,
        signature,
    );
    let text = whole.unwrap().to_pem(LineEnding::LF).unwrap();
    (PublicKey::from(public), text)
}

/// A plain signature over any bytes.
fn raw_signature<K: SigningKey>(key: &K, bytes: &[u8]) -> Vec<u8> {
    key.try_sign(bytes).unwrap().as_bytes().to_vec()
}

#[test]
fn a_touched_hardware_key_signs_and_an_untouched_one_does_not() {
    let (plan, receipt, statement) = whole();
    let bytes = statement.canonical().unwrap();
    let (public, touched) = hardware_signature(0x01, &bytes);
    let list = format!("{ALICE} {}\n", public.to_openssh().unwrap());
    let allowed = AllowedSigners::parse(&list).unwrap();
    let approval = attach_signature(statement.clone(), &touched).unwrap();
    let report = inspect(&approval, Some(&allowed), Some(NOW)).unwrap();
    assert!(
        report
            .to_string()
            .contains("sk-ssh-ed25519@openssh.com SHA256:"),
        "{report}"
    );
    assert!(report.to_string().contains("(hardware)"), "{report}");
    assemble(
        plan,
        receipt,
        vec![approval],
        &allowed,
        &Revocations::none(),
        NOW,
    )
    .unwrap();

    let (_, untouched) = hardware_signature(0x00, &bytes);
    let error = attach_signature(statement, &untouched)
        .unwrap_err()
        .to_string();
    assert!(error.contains("without being touched"), "{error}");
}

#[test]
fn an_inspection_says_what_holds_and_what_does_not() {
    let (_, _, statement) = whole();
    let good = sign(statement, &key(1)).unwrap();
    let report = inspect(&good, Some(&signers()), Some(NOW)).unwrap();
    let checks = [&report.signature, &report.signer, &report.validity];
    assert_eq!(checks, [&Check::Holds; 3]);
    let fingerprint = key(1).fingerprint(HashAlg::Sha256).to_string();
    assert_eq!(report.key.as_ref().unwrap().fingerprint, fingerprint);
    assert!(
        report.to_string().contains("steps       s01 s02 s03\n"),
        "{report}"
    );

    let mut forged = good.clone();
    forged.statement.approver = BOB.to_owned();
    let report = inspect(&forged, Some(&signers()), Some(NOW.plus(minutes(50)))).unwrap();
    for check in [&report.signature, &report.signer, &report.validity] {
        assert!(matches!(check, Check::Fails(_)), "{report}");
    }
    let report = inspect(&good, None, None).unwrap();
    assert!(matches!(report.signer, Check::NotChecked(_)));
    assert!(matches!(report.validity, Check::NotChecked(_)));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["signature"], "holds");
}
