//! Who is asking and which service is meant, from the parts of a request that carry a signature.
//!
//! What stands here is what a request says. An access key id of twelve digits is taken for the account,
//! so that tests can play several accounts, and any other key for one of the default account; whose it
//! is in earnest, and whether the signature is verified, the service says
//! ([`Service::signer`](super::Service::signer)).
//!
//! The service is told from the scope of the signature, else from the host, else from the version of
//! the API, else from the prefix of the action in JSON and CBOR; what says nothing is EC2.

use http::{HeaderMap, header};

use super::api::Api;
use super::form::Form;
use super::service::Caller;
use crate::error::ApiError;

/// The account of a caller whose access key id is not an account number.
pub const DEFAULT_ACCOUNT: &str = "123456789012";
/// The region of a request that names none.
pub const DEFAULT_REGION: &str = "us-east-1";

const MAX_NAME_BYTES: usize = 64;

/// A caller, and the service that is meant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) caller: Caller,
    /// Its name in signatures.
    pub(crate) service: String,
    /// The service, if it is one that the wire carries.
    pub(crate) api: Option<Api>,
}

/// Reads caller and service from the headers and, for a signed URL, the parameters.
pub(crate) fn asked(
    headers: &HeaderMap,
    authority: Option<&str>,
    target: Option<&str>,
    form: Option<&Form<'_>>,
) -> Result<Asked, ApiError> {
    let parameter = |key| form.and_then(|form| form.get(key));
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or(authority);
    let host = Host::read(host.unwrap_or_default());
    let scope = match header_credential(headers) {
        Some(credential) => Scope::read(credential)?,
        None => match parameter("X-Amz-Credential") {
            Some(credential) => Scope::read(credential)?,
            // The older signature version has the key and no scope.
            None => Scope {
                key: parameter("AWSAccessKeyId").unwrap_or_default(),
                ..Scope::default()
            },
        },
    };
    let version = parameter("Version");
    let implied = || {
        let by_version = version.and_then(Api::of_version);
        by_version.or_else(|| target.and_then(Api::of_target))
    };
    let service = scope
        .service
        .or(host.service)
        .unwrap_or_else(|| implied().unwrap_or_default().signing_name());
    let is_account = scope.key.len() == 12 && scope.key.bytes().all(|byte| byte.is_ascii_digit());
    let account = if is_account {
        scope.key
    } else {
        DEFAULT_ACCOUNT
    };
    let region = scope.region.or(host.region).unwrap_or(DEFAULT_REGION);
    let token = headers
        .get("x-amz-security-token")
        .and_then(|token| token.to_str().ok());
    let token = token
        .or_else(|| parameter("X-Amz-Security-Token"))
        .or_else(|| parameter("SecurityToken"));
    let caller = Caller {
        account: account.to_owned(),
        region: region.to_owned(),
        access_key: scope.key.to_owned(),
        session_token: token.map(str::to_owned),
        fork: None,
    };
    Ok(Asked {
        caller,
        service: service.to_owned(),
        api: Api::signed_as(service, version),
    })
}

/// The credential of an `Authorization` header of AWS. Other schemes say nothing to us.
fn header_credential(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, fields) = value.split_once(' ')?;
    if !scheme.starts_with("AWS4-") {
        return None;
    }
    let credential = fields
        .split(',')
        .find_map(|field| field.trim().strip_prefix("Credential="));
    // A header of AWS without a credential is broken, which reading an empty one reports.
    Some(credential.unwrap_or_default())
}

/// `key/date/region/service/aws4_request`; the asymmetric signature leaves the region out.
#[derive(Default)]
struct Scope<'a> {
    key: &'a str,
    region: Option<&'a str>,
    service: Option<&'a str>,
}

impl<'a> Scope<'a> {
    fn read(credential: &'a str) -> Result<Self, ApiError> {
        let parts: Vec<_> = credential.splitn(6, '/').collect();
        let scope = match *parts.as_slice() {
            [key, _, region, service, "aws4_request"] => Some(Self {
                key,
                region: Some(region),
                service: Some(service),
            }),
            [key, _, service, "aws4_request"] => Some(Self {
                key,
                region: None,
                service: Some(service),
            }),
            _ => None,
        };
        let named = |name: Option<&str>| name.is_none_or(is_name);
        scope
            .filter(|scope| named(scope.region) && named(scope.service))
            .ok_or_else(|| {
                ApiError::new(
                    "IncompleteSignature",
                    "The credential of the signature is malformed.",
                )
            })
    }
}

/// What a host such as `ec2.eu-central-1.amazonaws.com` says.
#[derive(Default)]
struct Host<'a> {
    service: Option<&'a str>,
    region: Option<&'a str>,
}

impl<'a> Host<'a> {
    fn read(host: &'a str) -> Self {
        let mut labels = host.split('.');
        let service = labels
            .next()
            .filter(|label| Api::ALL.iter().any(|api| api.signing_name() == *label));
        // Every region has at least two dashes, which tells it from the next label of a domain.
        let is_region = |label: &&str| is_name(label) && label.split('-').count() >= 3;
        let region = service.and_then(|_| labels.next()).filter(is_region);
        Self { service, region }
    }
}

/// Names are used in messages, logs and ids: nothing but what AWS itself would use.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(host: &str, authorization: &str, query: &str) -> Result<Asked, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("host"));
        if !authorization.is_empty() {
            headers.insert(
                header::AUTHORIZATION,
                authorization.parse().expect("header"),
            );
        }
        asked(&headers, None, None, Some(&Form::parse(Some(query), b"")?))
    }

    fn brief(host: &str, authorization: &str, query: &str) -> String {
        match ask(host, authorization, query) {
            Ok(Asked {
                caller, service, ..
            }) => {
                format!("{service} {} {}", caller.account, caller.region)
            }
            Err(error) => error.code.into_owned(),
        }
    }

    #[test]
    fn wire_caller_comes_from_the_signature() {
        let signed = |scope: &str| {
            let value =
                format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x");
            brief("127.0.0.1:4566", &value, "")
        };
        let of = |service, account, region| format!("{service} {account} {region}");
        assert_eq!(
            signed("AKIAIOSFODNN7EXAMPLE/20260101/eu-west-1/ec2/aws4_request"),
            of("ec2", DEFAULT_ACCOUNT, "eu-west-1")
        );
        assert_eq!(
            signed("000000000042/20260101/us-west-2/sts/aws4_request"),
            of("sts", "000000000042", "us-west-2")
        );
        assert_eq!(
            signed("k/20260101/ec2/aws4_request"),
            of("ec2", DEFAULT_ACCOUNT, "us-east-1")
        );
        for broken in [
            "",
            "k",
            "k/d/r/s",
            "k/d/R!/ec2/aws4_request",
            "k/d//ec2/aws4_request",
        ] {
            assert_eq!(signed(broken), "IncompleteSignature");
        }
    }

    #[test]
    fn wire_caller_falls_back_to_url_host_and_defaults() {
        let url = "X-Amz-Credential=111122223333%2F20260101%2Feu-north-1%2Fec2%2Faws4_request";
        assert_eq!(brief("x", "", url), "ec2 111122223333 eu-north-1");
        assert_eq!(
            brief("x", "", "AWSAccessKeyId=111122223333"),
            "ec2 111122223333 us-east-1"
        );
        assert_eq!(
            brief("ec2.ap-south-1.amazonaws.com", "Bearer x", ""),
            "ec2 123456789012 ap-south-1"
        );
        assert_eq!(
            brief("sts.amazonaws.com", "", ""),
            "sts 123456789012 us-east-1"
        );
        assert_eq!(
            brief("localhost:1", "", "Version=2011-06-15"),
            "sts 123456789012 us-east-1"
        );
        assert_eq!(
            brief("monitoring.eu-west-1.amazonaws.com", "", ""),
            "monitoring 123456789012 eu-west-1"
        );
        let api = |version| {
            let query = format!("Version={version}");
            ask("localhost", "", &query).expect("good").api
        };
        assert_eq!(api("2012-06-01"), Some(Api::Elb));
        assert_eq!(api("2015-12-01"), Some(Api::ElbV2));
        assert_eq!(api("1999-12-31"), Some(Api::Ec2));
    }
}
