//! Reading lists of allowed signers.

use sandtable_gate::AllowedSigners;
use sandtable_model::Timestamp;

use crate::common::*;

fn parse(head: &str) -> Result<AllowedSigners, String> {
    let text = format!("# a comment\n\n{head} {} alice's laptop\n", public(&key(1)));
    AllowedSigners::parse(&text).map_err(|error| error.to_string())
}

fn check(head: &str, at: Timestamp) -> Result<(), String> {
    let list = parse(head).unwrap();
    let key = key(1);
    let checked = list.check(ALICE, key.public_key().key_data(), &[at]);
    checked.map_err(|error| error.to_string())
}

#[test]
fn principals_options_and_comments_are_read() {
    for head in [
        "alice@example.com",
        "  \talice@example.com  ",
        "\"alice@example.com\"",
        "bob@example.com,*@example.com",
        "alice@example.com namespaces=\"approval@sandtable\"",
        "alice@example.com Namespaces=\"git,approval@*\"",
        "alice@example.com valid-after=\"20261124Z\"",
        "alice@example.com valid-after=\"202611240929Z\",valid-before=\"20261124093000Z\"",
    ] {
        assert_eq!(check(head, NOW), Ok(()), "{head}");
    }
    assert_eq!(parse("a").unwrap().len(), 1);
    assert!(
        AllowedSigners::parse("# nobody\r\n\r\n")
            .unwrap()
            .is_empty()
    );
    let two_spaces = public(&key(1)).replacen(' ', "\t  ", 1);
    assert!(AllowedSigners::parse(&format!("a\t{two_spaces}\r\n")).is_ok());
}

#[test]
fn what_is_not_allowed_says_which_line() {
    let refused = |head| check(head, NOW).unwrap_err();
    let words = refused("bob@example.com");
    assert_eq!(words, "no allowed signer is called `alice@example.com`");
    let words = refused("*@example.com,!alice@example.com");
    assert_eq!(words, "no allowed signer is called `alice@example.com`");
    let words = refused("* namespaces=\"git,file\"");
    assert!(
        words.starts_with("line 3 does not allow the key to sign in the namespace"),
        "{words}"
    );
    let words = refused("* namespaces=\"*,!approval@sandtable\"");
    assert!(words.starts_with("line 3 does not allow"), "{words}");
    let words = refused("* valid-after=\"20261124093001Z\"");
    assert_eq!(
        words,
        "by line 3 the key is valid from 2026-11-24T09:30:01Z on, not at 2026-11-24T09:30:00Z"
    );
    let words = refused("* valid-before=\"20261124092959Z\"");
    assert!(
        words.starts_with("by line 3 the key was valid until"),
        "{words}"
    );
}

#[test]
fn another_line_may_allow_it() {
    let key = public(&key(1));
    let text = format!("* namespaces=\"file\" {key}\n* valid-before=\"2020010100Z\" {key}\n");
    assert!(AllowedSigners::parse(&text).is_err());
    let text =
        format!("* namespaces=\"file\" {key}\n* valid-before=\"20200101Z\" {key}\n* {key}\n");
    let list = AllowedSigners::parse(&text).unwrap();
    let key = crate::common::key(1);
    assert_eq!(
        list.check(ALICE, key.public_key().key_data(), &[NOW]),
        Ok(())
    );
}

#[test]
fn bad_lines_are_errors_with_their_number() {
    for (head, expected) in [
        ("alice cert-authority", "certificates are not supported"),
        (
            "alice CERT-authority,namespaces=\"x\"",
            "certificates are not supported",
        ),
        (
            "alice ssh-ed25519-cert-v01@openssh.com",
            "certificates are not supported",
        ),
        ("alice no-pty", "`no-pty` is not an option"),
        ("alice namespaces=git", "`namespaces=git` is not an option"),
        ("alice namespaces", "`namespaces` is not an option"),
        ("alice namespaces=\"a\",,namespaces=\"b\"", "given twice"),
        ("alice namespaces=\"a\",", "is not an option"),
        ("alice namespaces=\"a", "a quotation mark is not closed"),
        ("\"alice", "a quotation mark is not closed"),
        (
            "alice valid-after=\"20260101\"",
            "`20260101` has no time zone",
        ),
        ("alice valid-after=\"tomorrow\"", "`tomorrow` is not a time"),
        (
            "alice valid-after=\"20261301Z\"",
            "`20261301Z` is not a time",
        ),
        (
            "alice valid-after=\"20260102Z\",valid-before=\"20260101Z\"",
            "not later than",
        ),
        (
            "alice ssh-ed25519 AAAA",
            "`ssh-ed25519` is not a public key",
        ),
    ] {
        let error = parse(head).unwrap_err();
        assert!(
            error.starts_with("line 3: ") && error.contains(expected),
            "{head}: {error}"
        );
    }
    let error = AllowedSigners::parse("alice@example.com\n")
        .unwrap_err()
        .to_string();
    assert!(error.contains("there is no public key on it"), "{error}");
    let error = AllowedSigners::parse("alice@example.com namespaces=\"git\"\n").unwrap_err();
    assert!(
        error.to_string().contains("there is no public key on it"),
        "{error}"
    );
}
