//! Against the real `ssh-keygen`: each side takes what the other made. Skipped with a message where
//! OpenSSH is not installed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use sandtable_gate::ssh_key::PrivateKey;
use sandtable_gate::{
    AllowedSigners, Revocations, StepSelection, assemble, attach_signature, sign,
};
use sandtable_model::{ApprovalStatement, Document, SIGNATURE_NAMESPACE};
use tempfile::TempDir;

use crate::common::*;

/// Kinds of key as arguments of `ssh-keygen`, and the passphrase.
const KINDS: &[(&[&str], &str)] = &[
    (&["-t", "ed25519"], ""),
    (&["-t", "ecdsa", "-b", "256"], ""),
    (&["-t", "ecdsa", "-b", "384"], ""),
    (&["-t", "ecdsa", "-b", "521"], ""),
    (&["-t", "rsa", "-b", "2048"], ""),
    (&["-t", "ed25519"], "open sesame"),
];

fn keygen(directory: &Path, arguments: &[&str], input: &[u8]) -> Output {
    use std::io::Write as _;
    let mut child = Command::new("ssh-keygen")
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(input).unwrap();
    drop(pipe);
    child.wait_with_output().unwrap()
}

fn must(output: &Output) {
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ssh-keygen failed: {words}");
}

/// A directory with a new key `key`, or nothing when OpenSSH is missing.
fn new_key(kind: &[&str], passphrase: &str) -> Option<TempDir> {
    if Command::new("ssh-keygen").arg("-?").output().is_err() {
        eprintln!("skipped: ssh-keygen is not installed (package openssh-client)");
        return None;
    }
    let directory = TempDir::new().unwrap();
    let rest = ["-q", "-f", "key", "-N", passphrase, "-C", "alice's key"];
    let arguments = [kind, &rest].concat();
    must(&keygen(directory.path(), &arguments, b""));
    let public = fs::read_to_string(directory.path().join("key.pub")).unwrap();
    fs::write(
        directory.path().join("signers"),
        format!("{ALICE} {public}"),
    )
    .unwrap();
    Some(directory)
}

/// A new key that the `ssh-key` crate can read. Version 0.6.7 refuses ECDSA keys whose private number
/// has leading zero bytes (one P-521 key in four): those sign by the agent or by `ssh-keygen -Y sign`.
fn readable_key(kind: &[&str], passphrase: &str) -> Option<(TempDir, PrivateKey)> {
    for _ in 0..40 {
        let directory = new_key(kind, passphrase)?;
        let text = fs::read_to_string(directory.path().join("key")).unwrap();
        match PrivateKey::from_openssh(&text) {
            Ok(key) => return Some((directory, key)),
            Err(error) => assert!(kind.contains(&"ecdsa"), "{kind:?}: {error}"),
        }
    }
    panic!("forty keys of {kind:?} and none that can be read");
}

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

fn verify(directory: &Path, message: &[u8], options: &[&str]) -> Output {
    let arguments = [
        &[
            "-Y",
            "verify",
            "-f",
            "signers",
            "-I",
            ALICE,
            "-n",
            SIGNATURE_NAMESPACE,
            "-s",
            "sig",
        ],
        options,
    ];
    keygen(directory, &arguments.concat(), message)
}

#[test]
fn ssh_keygen_accepts_our_signatures() {
    for (kind, passphrase) in KINDS {
        let Some((directory, mut key)) = readable_key(kind, passphrase) else {
            return;
        };
        if !passphrase.is_empty() {
            assert!(sign(whole().2, &key).is_err());
            key = key.decrypt(passphrase).unwrap();
        }
        let approval = sign(whole().2, &key).unwrap();
        fs::write(directory.path().join("sig"), &approval.signature).unwrap();
        let message = approval.signed_bytes().unwrap();
        must(&verify(directory.path(), &message, &[]));
        let altered = [&message[..], b"\n"].concat();
        assert!(!verify(directory.path(), &altered, &[]).status.success());
    }
}

#[test]
fn we_accept_signatures_of_ssh_keygen() {
    for (kind, _) in KINDS.iter().filter(|(_, passphrase)| passphrase.is_empty()) {
        let Some(directory) = new_key(kind, "") else {
            return;
        };
        let (plan, receipt, statement) = whole();
        fs::write(
            directory.path().join("message"),
            statement.canonical().unwrap(),
        )
        .unwrap();
        let arguments = [
            "-Y",
            "sign",
            "-f",
            "key",
            "-n",
            SIGNATURE_NAMESPACE,
            "message",
        ];
        must(&keygen(directory.path(), &arguments, b""));
        let armored = fs::read_to_string(directory.path().join("message.sig")).unwrap();
        let approval = attach_signature(statement, &armored).unwrap();
        let list = fs::read_to_string(directory.path().join("signers")).unwrap();
        let allowed = AllowedSigners::parse(&list).unwrap();
        assemble(
            plan,
            receipt,
            vec![approval],
            &allowed,
            &Revocations::none(),
            NOW,
        )
        .unwrap();
    }
}

#[test]
fn both_read_lists_of_signers_alike() {
    let Some(directory) = new_key(&["-t", "ed25519"], "") else {
        return;
    };
    let here = directory.path();
    let public = fs::read_to_string(here.join("key.pub")).unwrap();
    let text = fs::read_to_string(here.join("key")).unwrap();
    let key = PrivateKey::from_openssh(&text).unwrap();
    let approval = sign(whole().2, &key).unwrap();
    fs::write(here.join("sig"), &approval.signature).unwrap();
    let message = approval.signed_bytes().unwrap();
    for head in [
        "alice@example.com",
        "\"alice@example.com\"",
        "alice@example.co",
        "alice@example.com,bob@example.com",
        "*",
        "*@example.com,!alice@example.com",
        "!alice@example.com,*@example.com",
        "a?ice@*",
        "* namespaces=\"approval@sandtable\"",
        "* namespaces=\"file,git\"",
        "* namespaces=\"*,!approval@sandtable\"",
        "* NAMESPACES=\"approval@*\"",
        "* valid-after=\"20261124093000Z\"",
        "* valid-after=\"20261124093001Z\"",
        "* valid-before=\"20261124093000Z\"",
        "* valid-before=\"20261124092959Z\"",
        "* valid-before=\"202611240929Z\",valid-after=\"20200101Z\"",
        "* valid-after=\"20270101Z\",valid-before=\"20200101Z\"",
        "* unknown-option",
        "* namespaces=\"a\",namespaces=\"approval@sandtable\"",
    ] {
        let list = format!("# comment\n\n{head} {public}");
        fs::write(here.join("signers"), &list).unwrap();
        let theirs = verify(here, &message, &["-O", "verify-time=20261124093000Z"]);
        let key = key.public_key().key_data();
        let ours = AllowedSigners::parse(&list)
            .map_err(|error| error.to_string())
            .and_then(|list| {
                list.check(ALICE, key, &[NOW])
                    .map_err(|error| error.to_string())
            });
        let words = String::from_utf8_lossy(&theirs.stderr);
        assert_eq!(
            ours.is_ok(),
            theirs.status.success(),
            "{head}: {ours:?} but {words}"
        );
    }
}
