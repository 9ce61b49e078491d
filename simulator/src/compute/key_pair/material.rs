//! What stands for keys, and fingerprints.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use sandtable_model::KeyPairId;

/// The bytes of a line of armour.
const LINE: usize = 64;
/// The exponent that nearly every RSA key has.
const EXPONENT: [u8; 3] = [1, 0, 1];
/// `rsaEncryption` without parameters, as an `AlgorithmIdentifier` (RFC 8017, appendix A.1).
const RSA_ALGORITHM: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// What stands for a new key pair.
pub(super) struct Made {
    pub(super) private: String,
    pub(super) public: String,
    pub(super) fingerprint: String,
}

/// What is known of a public key.
pub(super) struct Public {
    pub(super) kind: &'static str,
    pub(super) public: String,
    pub(super) fingerprint: String,
}

/// What stands for the key pair with this id: no key, but of a key's form.
pub(super) fn make(id: &KeyPairId, name: &str, kind: &str) -> Made {
    let placeholder = format!(
        "This is not a key. The twin of an AWS account made it for {id}; it opens nothing."
    );
    let label = match kind {
        "ed25519" => "OPENSSH PRIVATE KEY",
        _ => "RSA PRIVATE KEY",
    };
    let private = armoured(label, placeholder.as_bytes());
    let (blob, fingerprint) = match kind {
        "ed25519" => {
            let blob = [field(b"ssh-ed25519"), field(&bytes_of(id, 32))].concat();
            let fingerprint = STANDARD.encode(Sha256::digest(&blob));
            (blob, fingerprint)
        }
        _ => {
            let mut modulus = bytes_of(id, 256);
            // A modulus has its full length and is odd.
            if let Some(first) = modulus.first_mut() {
                *first |= 0x80;
            }
            if let Some(last) = modulus.last_mut() {
                *last |= 1;
            }
            let blob = [
                field(b"ssh-rsa"),
                field(&EXPONENT),
                field(&integer(&modulus)),
            ]
            .concat();
            // AWS's for pairs of its own making is over the private half.
            (blob, colons(&Sha1::digest(placeholder.as_bytes())))
        }
    };
    let prefix = match kind {
        "ed25519" => "ssh-ed25519",
        _ => "ssh-rsa",
    };
    Made {
        private,
        public: format!("{prefix} {} {name}", STANDARD.encode(blob)),
        fingerprint,
    }
}

/// Reads a public half in OpenSSH's form, in base64 as the API carries it.
pub(super) fn read(material: &str) -> Option<Public> {
    let text = String::from_utf8(STANDARD.decode(material.trim()).ok()?).ok()?;
    let text = text.trim();
    let mut words = text.split_whitespace();
    let (name, blob) = (words.next()?, words.next()?);
    let blob = STANDARD.decode(blob).ok()?;
    let mut rest = blob.as_slice();
    if take(&mut rest)? != name.as_bytes() {
        return None;
    }
    let (kind, fingerprint) = match name {
        "ssh-ed25519" => {
            let is_key = take(&mut rest)?.len() == 32;
            let fingerprint = is_key.then(|| STANDARD.encode(Sha256::digest(&blob)))?;
            ("ed25519", fingerprint)
        }
        "ssh-rsa" => {
            let (exponent, modulus) = (take(&mut rest)?, take(&mut rest)?);
            (
                "rsa",
                colons(&Md5::digest(public_key_info(exponent, modulus))),
            )
        }
        _ => return None,
    };
    rest.is_empty().then(|| Public {
        kind,
        public: text.to_owned(),
        fingerprint,
    })
}

/// The next field of a key's wire form (RFC 4251, section 5, `string`).
fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, behind) = rest.split_at_checked(4)?;
    let length = u32::from_be_bytes(length.try_into().ok()?);
    let (field, behind) = behind.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = behind;
    Some(field)
}

fn field(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

/// A positive integer: a zero goes before a first bit that is set.
fn integer(bytes: &[u8]) -> Vec<u8> {
    match bytes.first() {
        Some(first) if *first >= 0x80 => [&[0], bytes].concat(),
        _ => bytes.to_vec(),
    }
}

/// A `SubjectPublicKeyInfo` in DER, of which AWS's fingerprint of imported keys is (user guide,
/// "Verify the fingerprint": `openssl rsa -pubout -outform DER | openssl md5 -c`).
fn public_key_info(exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    let key = tagged(
        0x30,
        &[tagged(0x02, modulus), tagged(0x02, exponent)].concat(),
    );
    let bits = tagged(0x03, &[vec![0], key].concat());
    tagged(0x30, &[RSA_ALGORITHM.to_vec(), bits].concat())
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|it| *it == 0).collect();
    let head = match length.as_slice() {
        [] => vec![tag, 0],
        [short] if *short < 0x80 => vec![tag, *short],
        long => {
            let count = u8::try_from(long.len()).unwrap_or_default();
            [&[tag, 0x80 | count], long].concat()
        }
    };
    [head, content.to_vec()].concat()
}

fn armoured(label: &str, bytes: &[u8]) -> String {
    let body = STANDARD.encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = behind;
    }
    text.push_str(&format!("-----END {label}-----"));
    text
}

/// Bytes that follow from the id.
fn bytes_of(id: &KeyPairId, count: usize) -> Vec<u8> {
    let blocks = (0_u32..).map(|block| Sha256::digest(format!("{id} {block}")));
    blocks.flatten().take(count).collect()
}

fn colons(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|it| format!("{it:02x}")).collect();
    pairs.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fingerprints of a key made by `ssh-keygen -t rsa`, as openssl tells them:
    /// `ssh-keygen -ef key.pub -m PKCS8 | openssl rsa -pubin -outform DER | openssl md5 -c`.
    #[test]
    fn imported_keys_have_openssls_fingerprint() {
        let rsa = include_str!("../tests/key_rsa.pub");
        let read = read(&STANDARD.encode(rsa)).unwrap();
        assert_eq!(read.kind, "rsa");
        assert_eq!(
            read.fingerprint,
            include_str!("../tests/key_rsa.md5").trim()
        );
    }

    /// `ssh-keygen -l -f key.pub`, which leaves out the padding.
    #[test]
    fn imported_ed25519_keys_have_openssh_fingerprint() {
        let key = include_str!("../tests/key_ed25519.pub");
        let read = read(&STANDARD.encode(key)).unwrap();
        assert_eq!(read.kind, "ed25519");
        let expected = include_str!("../tests/key_ed25519.sha256").trim();
        assert_eq!(read.fingerprint.trim_end_matches('='), expected);
    }

    #[test]
    fn what_is_made_has_the_form_of_a_key() {
        let id = KeyPairId::new("key-00000000000000001").unwrap();
        for kind in ["rsa", "ed25519"] {
            let made = make(&id, "name", kind);
            let again = read(&STANDARD.encode(&made.public)).unwrap();
            assert_eq!(again.kind, kind);
            assert!(made.private.contains("PRIVATE KEY"));
        }
    }

    #[test]
    fn nonsense_is_no_key() {
        for text in [
            "",
            "AAAA",
            &STANDARD.encode("ssh-rsa AAAA"),
            &STANDARD.encode("ssh-rsa AAAAB3NzaC1yc2EAAAAB"),
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
