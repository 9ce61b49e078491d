//! Who may sign: OpenSSH's `allowed_signers` files (`ssh-keygen(1)`, ALLOWED SIGNERS).
//!
//! A line holds a list of principal patterns, options, and a public key:
//!
//! ```text
//! # comment
//! alice@example.com,*@ops.example.com namespaces="approval@sandtable" ssh-ed25519 AAAA… comment
//! "bob@example.com" valid-after="20260101Z",valid-before="20270101Z" ecdsa-sha2-nistp256 AAAA…
//! ```
//!
//! Two differences to `ssh-keygen`, both towards refusal. Certificates are not supported, so a line
//! with `cert-authority` or a certificate is an error, not ignored. A time must end in `Z`: without
//! it, it would mean another instant on every machine.

use sandtable_model::{SIGNATURE_NAMESPACE, Timestamp};
use ssh_key::public::KeyData;
use ssh_key::{HashAlg, PublicKey};
use thiserror::Error;

use crate::pattern::list_matches;

/// The keys that may sign, and for whom.
#[derive(Clone, Debug, Default)]
pub struct AllowedSigners {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    line: usize,
    principals: String,
    options: Options,
    key: PublicKey,
}

#[derive(Clone, Debug, Default)]
struct Options {
    namespaces: Option<String>,
    valid_after: Option<Timestamp>,
    valid_before: Option<Timestamp>,
}

/// Why a file is not a list of allowed signers.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct AllowedSignersError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: AllowedSignersProblem,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AllowedSignersProblem {
    /// A quotation mark without its partner.
    #[error("a quotation mark is not closed")]
    Quote,
    /// There is nothing behind the principals or the options.
    #[error("there is no public key on it; it must be: principals, options if any, key")]
    NoKey,
    /// Not a public key.
    #[error("`{text}` is not a public key: {reason}")]
    Key {
        /// The beginning of what was found.
        text: String,
        /// What the reader says.
        reason: String,
    },
    /// Certificates, which are not supported.
    #[error("certificates are not supported; list the signer's own key, without `cert-authority`")]
    Certificate,
    /// Not an option.
    #[error(
        "`{option}` is not an option; there are `namespaces=\"…\"`, `valid-after=\"…\"` and \
         `valid-before=\"…\"`"
    )]
    Option {
        /// What was found.
        option: String,
    },
    /// An option given twice.
    #[error("the option `{option}` is given twice")]
    Twice {
        /// The option.
        option: &'static str,
    },
    /// Not a time.
    #[error("`{text}` is not a time; write `YYYYMMDDZ`, `YYYYMMDDHHMMZ` or `YYYYMMDDHHMMSSZ`")]
    Time {
        /// What was found.
        text: String,
    },
    /// A time without zone.
    #[error("`{text}` has no time zone; append `Z` and write it in UTC")]
    Zone {
        /// What was found.
        text: String,
    },
    /// A span that holds nothing.
    #[error("`valid-before` is not later than `valid-after`")]
    Never,
}

/// Why a key does not speak for an approver.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignerFault {
    /// No line names the approver.
    #[error("no allowed signer is called `{approver}`")]
    Unknown {
        /// The approver.
        approver: String,
    },
    /// Lines name the approver, none with this key.
    #[error("the key {fingerprint} is not an allowed key of `{approver}`")]
    OtherKey {
        /// The approver.
        approver: String,
        /// The fingerprint of the key that signed.
        fingerprint: String,
    },
    /// The key may sign, but nothing of this kind.
    #[error("line {line} does not allow the key to sign in the namespace `{SIGNATURE_NAMESPACE}`")]
    Namespace {
        /// The line of the file.
        line: usize,
    },
    /// The key is not valid yet.
    #[error("by line {line} the key is valid from {from} on, not at {at}")]
    NotYet {
        /// The line of the file.
        line: usize,
        /// From when on.
        from: Timestamp,
        /// The time that was asked for.
        at: Timestamp,
    },
    /// The key is not valid any more.
    #[error("by line {line} the key was valid until {until}, not at {at}")]
    NoLonger {
        /// The line of the file.
        line: usize,
        /// Until when.
        until: Timestamp,
        /// The time that was asked for.
        at: Timestamp,
    },
}

impl AllowedSigners {
    /// Reads the text of an `allowed_signers` file. One bad line makes the whole file an error: a
    /// list that people believe to say more than it does is worse than none.
    pub fn parse(text: &str) -> Result<Self, AllowedSignersError> {
        let mut entries = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let content = line.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let line = index.saturating_add(1);
            let entry = parse_line(line, content)
                .map_err(|problem| AllowedSignersError { line, problem })?;
            entries.push(entry);
        }
        Ok(AllowedSigners { entries })
    }

    /// How many keys are listed.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nobody may sign.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Checks that the key speaks for the approver in our namespace at each of these times. The
    /// first line that allows it settles it, as with `ssh-keygen`.
    pub fn check(
        &self,
        approver: &str,
        key: &KeyData,
        times: &[Timestamp],
    ) -> Result<(), SignerFault> {
        let named = |entry: &&Entry| list_matches(&entry.principals, approver);
        let mut fault = match self.entries.iter().any(|entry| named(&entry)) {
            false => SignerFault::Unknown {
                approver: approver.to_owned(),
            },
            true => SignerFault::OtherKey {
                approver: approver.to_owned(),
                fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
            },
        };
        let with_key = |entry: &&Entry| entry.key.key_data() == key;
        for entry in self.entries.iter().filter(named).filter(with_key) {
            match entry.check(times) {
                Ok(()) => return Ok(()),
                Err(closer) => fault = closer,
            }
        }
        Err(fault)
    }
}

impl Entry {
    fn check(&self, times: &[Timestamp]) -> Result<(), SignerFault> {
        let line = self.line;
        if let Some(namespaces) = &self.options.namespaces
            && !list_matches(namespaces, SIGNATURE_NAMESPACE)
        {
            return Err(SignerFault::Namespace { line });
        }
        for &at in times {
            if let Some(from) = self.options.valid_after
                && at < from
            {
                return Err(SignerFault::NotYet { line, from, at });
            }
            // To the second, the second itself included, as `ssh-keygen` has it.
            if let Some(until) = self.options.valid_before
                && at.millis().div_euclid(1000) > until.millis().div_euclid(1000)
            {
                return Err(SignerFault::NoLonger { line, until, at });
            }
        }
        Ok(())
    }
}

fn parse_line(line: usize, content: &str) -> Result<Entry, AllowedSignersProblem> {
    let (principals, rest) = take_principals(content)?;
    let (first, behind) = take_word(rest)?;
    let (options, key) = if is_key_type(first) {
        (Options::default(), rest)
    } else {
        (parse_options(first)?, behind)
    };
    Ok(Entry {
        line,
        principals: principals.to_owned(),
        options,
        key: parse_key(key)?,
    })
}

fn take_principals(content: &str) -> Result<(&str, &str), AllowedSignersProblem> {
    let (principals, rest) = match content.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or(AllowedSignersProblem::Quote)?,
        None => content
            .split_once([' ', '\t'])
            .ok_or(AllowedSignersProblem::NoKey)?,
    };
    Ok((principals, rest.trim_start()))
}

/// Splits off what stands before the first white space outside quotation marks.
fn take_word(text: &str) -> Result<(&str, &str), AllowedSignersProblem> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => {
                let (word, rest) = text.split_at(at);
                return Ok((word, rest.trim_start()));
            }
            _ => {}
        }
    }
    if quoted {
        return Err(AllowedSignersProblem::Quote);
    }
    Ok((text, ""))
}

fn is_key_type(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-", "rsa-"]
        .iter()
        .any(|prefix| word.starts_with(prefix))
}

fn parse_key(text: &str) -> Result<PublicKey, AllowedSignersProblem> {
    let kind = text.split([' ', '\t']).next().unwrap_or_default();
    if kind.is_empty() {
        return Err(AllowedSignersProblem::NoKey);
    }
    if kind.ends_with("-cert-v01@openssh.com") {
        return Err(AllowedSignersProblem::Certificate);
    }
    // The reader of keys takes single spaces between the parts only.
    let single_spaced: Vec<&str> = text.split_ascii_whitespace().collect();
    PublicKey::from_openssh(&single_spaced.join(" ")).map_err(|error| AllowedSignersProblem::Key {
        text: kind.to_owned(),
        reason: error.to_string(),
    })
}

fn parse_options(text: &str) -> Result<Options, AllowedSignersProblem> {
    let mut options = Options::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (option, behind) = take_option(rest)?;
        apply_option(&mut options, option)?;
        rest = behind;
    }
    match (options.valid_after, options.valid_before) {
        (Some(from), Some(until)) if until <= from => Err(AllowedSignersProblem::Never),
        _ => Ok(options),
    }
}

/// Splits off what stands before the first comma outside quotation marks.
fn take_option(text: &str) -> Result<(&str, &str), AllowedSignersProblem> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                let (option, rest) = text.split_at(at);
                let rest = rest.trim_start_matches(',');
                if option.is_empty() || rest.is_empty() {
                    return Err(not_an_option(text));
                }
                return Ok((option, rest));
            }
            _ => {}
        }
    }
    Ok((text, ""))
}

fn apply_option(options: &mut Options, option: &str) -> Result<(), AllowedSignersProblem> {
    let (name, value) = match option.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (option, None),
    };
    match (name.to_ascii_lowercase().as_str(), value) {
        ("cert-authority", _) => Err(AllowedSignersProblem::Certificate),
        ("namespaces", Some(value)) => {
            let patterns = unquote(option, value)?;
            set(&mut options.namespaces, patterns, "namespaces")
        }
        ("valid-after", Some(value)) => {
            let time = parse_time(&unquote(option, value)?)?;
            set(&mut options.valid_after, time, "valid-after")
        }
        ("valid-before", Some(value)) => {
            let time = parse_time(&unquote(option, value)?)?;
            set(&mut options.valid_before, time, "valid-before")
        }
        _ => Err(not_an_option(option)),
    }
}

fn set<T>(
    place: &mut Option<T>,
    value: T,
    option: &'static str,
) -> Result<(), AllowedSignersProblem> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(AllowedSignersProblem::Twice { option }),
    }
}

fn unquote(option: &str, value: &str) -> Result<String, AllowedSignersProblem> {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or_else(|| not_an_option(option))?;
    Ok(inner.replace("\\\"", "\""))
}

fn not_an_option(option: &str) -> AllowedSignersProblem {
    AllowedSignersProblem::Option {
        option: option.to_owned(),
    }
}

fn parse_time(text: &str) -> Result<Timestamp, AllowedSignersProblem> {
    let fail = || AllowedSignersProblem::Time {
        text: text.to_owned(),
    };
    let digits = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    if !digits.bytes().all(|b| b.is_ascii_digit()) || ![8, 12, 14].contains(&digits.len()) {
        return Err(fail());
    }
    if digits.len() == text.len() {
        return Err(AllowedSignersProblem::Zone {
            text: text.to_owned(),
        });
    }
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("00");
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    let (hour, minute, second) = (part(8, 10), part(10, 12), part(12, 14));
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")
        .parse()
        .map_err(|_| fail())
}
