//! What a request says of its own signature.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::Refused;
use crate::wire::date;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The longest that a signed URL may last, in seconds: seven days (Amazon S3 and IAM documentation,
/// `X-Amz-Expires`).
const MAX_EXPIRES_SECS: i64 = 604_800;
/// Headers that steer a call, so that they must be signed when they are there. The session token need
/// not be: some services have it added to a request that is signed already, and it is compared itself.
const MUST_BE_SIGNED: [&str; 2] = ["x-amz-date", "x-amz-target"];

/// A signature, and what it says that it covers.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    pub(crate) scope_date: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    /// In lower case, in the order in which they were signed.
    pub(crate) signed_headers: Vec<&'a str>,
    pub(crate) signature: Vec<u8>,
    /// When it was signed, as it was written.
    pub(crate) date: &'a str,
    /// The same, in milliseconds since 1970.
    pub(crate) millis: i64,
    /// How long a signed URL is good for.
    pub(crate) expires_secs: Option<i64>,
}

impl<'a> Claim<'a> {
    /// Reads the signature of a request; nothing when it has none.
    ///
    /// # Errors
    /// When it is malformed, and when it is one of another version.
    pub(crate) fn read(
        headers: &'a HeaderMap,
        parameter: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<Self>, Refused> {
        let read = match headers.get(header::AUTHORIZATION) {
            Some(value) => Self::of_header(headers, value),
            None if parameter("X-Amz-Algorithm").is_some() => Self::of_url(parameter),
            None if parameter("X-Amz-Credential").is_some() => Err(incomplete(
                "A signed URL requires 'X-Amz-Algorithm' parameter.",
            )),
            None if parameter("AWSAccessKeyId").is_some() => Err(Refused::Version("2")),
            None => return Ok(None),
        };
        read.map(Some)
    }

    fn of_header(headers: &'a HeaderMap, value: &'a HeaderValue) -> Result<Self, Refused> {
        let text = value
            .to_str()
            .map_err(|_| incomplete("Authorization header has bytes that are no text."))?;
        let (algorithm, fields) = text.split_once(' ').unwrap_or((text, ""));
        if algorithm == "AWS4-ECDSA-P256-SHA256" {
            return Err(Refused::Version("4A"));
        }
        if algorithm != ALGORITHM {
            return Err(Refused::Incomplete(format!(
                "Unsupported AWS 'algorithm': '{}'.",
                shown(algorithm)
            )));
        }
        let field = |name: &str| {
            let fields = fields.split(',').map(str::trim);
            let of = |it: &'a str| it.strip_prefix(name)?.strip_prefix('=');
            fields.filter_map(of).next().filter(|it| !it.is_empty())
        };
        let dated = ["x-amz-date", "date"].iter();
        let date = dated
            .filter_map(|name| headers.get(*name)?.to_str().ok())
            .next();
        let parts = (
            field("Credential"),
            field("Signature"),
            field("SignedHeaders"),
            date,
        );
        let (Some(credential), Some(signature), Some(signed), Some(date)) = parts else {
            let missing = [
                (
                    parts.0,
                    "Authorization header requires 'Credential' parameter.",
                ),
                (
                    parts.1,
                    "Authorization header requires 'Signature' parameter.",
                ),
                (
                    parts.2,
                    "Authorization header requires 'SignedHeaders' parameter.",
                ),
                (
                    parts.3,
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
                     header.",
                ),
            ];
            let missing = missing.iter().filter(|(it, _)| it.is_none());
            let missing: Vec<&str> = missing.map(|(_, text)| *text).collect();
            return Err(Refused::Incomplete(missing.join(" ")));
        };
        Self::of_parts(credential, signature, signed, date, None)
    }

    fn of_url(parameter: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Refused> {
        match parameter("X-Amz-Algorithm") {
            Some("AWS4-ECDSA-P256-SHA256") => return Err(Refused::Version("4A")),
            Some(ALGORITHM) => {}
            other => {
                return Err(Refused::Incomplete(format!(
                    "Unsupported AWS 'algorithm': '{}'.",
                    shown(other.unwrap_or_default())
                )));
            }
        }
        let need = |name: &str| {
            let missing =
                || Refused::Incomplete(format!("A signed URL requires '{name}' parameter."));
            parameter(name)
                .filter(|it| !it.is_empty())
                .ok_or_else(missing)
        };
        // Left out, it is what most clients give.
        let expires = match parameter("X-Amz-Expires") {
            None => 3600,
            Some(text) => {
                let number = text.parse().ok();
                let is_good = |it: &i64| (1..=MAX_EXPIRES_SECS).contains(it);
                number.filter(is_good).ok_or_else(|| {
                    Refused::Incomplete(format!(
                        "X-Amz-Expires must be a number from 1 to {MAX_EXPIRES_SECS} (a week, in \
                         seconds)."
                    ))
                })?
            }
        };
        Self::of_parts(
            need("X-Amz-Credential")?,
            need("X-Amz-Signature")?,
            need("X-Amz-SignedHeaders")?,
            need("X-Amz-Date")?,
            Some(expires),
        )
    }

    fn of_parts(
        credential: &'a str,
        signature: &str,
        signed_headers: &'a str,
        date: &'a str,
        expires_secs: Option<i64>,
    ) -> Result<Self, Refused> {
        let parts: Vec<&str> = credential.split('/').collect();
        let [_, scope_date, region, service, "aws4_request"] = *parts.as_slice() else {
            return Err(incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, and end with 'aws4_request'.",
            ));
        };
        let signature = unhex(signature)
            .ok_or_else(|| incomplete("Signature must be 64 hexadecimal digits."))?;
        let millis = date::read_basic(date).ok_or_else(|| {
            Refused::Incomplete(format!(
                "Date must be in ISO-8601 'basic format', such as 20150830T123600Z. Got '{}'.",
                shown(date)
            ))
        })?;
        let signed_headers: Vec<&str> = signed_headers.split(';').collect();
        let is_name = |it: &&str| {
            HeaderName::from_bytes(it.as_bytes()).is_ok_and(|name| name.as_str() == *it)
        };
        if !signed_headers.iter().all(is_name) {
            return Err(incomplete(
                "SignedHeaders must be names of headers in lower case, with semicolons between.",
            ));
        }
        Ok(Claim {
            scope_date,
            region,
            service,
            signed_headers,
            signature,
            date,
            millis,
            expires_secs,
        })
    }

    /// Whether the scope is that of the date, and what must be signed is.
    pub(super) fn check_scope(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let day = self.date.get(..8).unwrap_or_default();
        if self.scope_date != day {
            return Err(Refused::Scope(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
                 HTTP: '{}' != '{day}', from '{}'.",
                shown(self.scope_date),
                self.date
            )));
        }
        if !self.signed_headers.contains(&header::HOST.as_str()) {
            return Err(Refused::Scope(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                    .to_owned(),
            ));
        }
        let is_open =
            |name: &&&str| headers.contains_key(**name) && !self.signed_headers.contains(*name);
        match MUST_BE_SIGNED.iter().find(is_open) {
            None => Ok(()),
            Some(name) => Err(Refused::Scope(format!(
                "'{name}' must be a 'SignedHeader' in the AWS Authorization."
            ))),
        }
    }
}

fn incomplete(message: &str) -> Refused {
    Refused::Incomplete(message.to_owned())
}

/// Text of the client in a message: a few plain characters of it.
fn shown(text: &str) -> String {
    let plain = |it: char| if it.is_ascii_graphic() { it } else { '?' };
    text.chars().take(40).map(plain).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|it| it.to_digit(16)).collect();
    let digits = digits.filter(|it| it.len() == 64)?;
    let (pairs, _) = digits.as_chunks::<2>();
    let byte = |[high, low]: &[u32; 2]| u8::try_from(high * 16 + low).ok();
    pairs.iter().map(byte).collect()
}
