//! Requests for services that the twin is not.
//!
//! Tools that clean up also ask CloudWatch, Auto Scaling and others. The answer is an error that
//! names the service and the action, in the protocol of the request, so that the tool shows that
//! message and not a complaint about its format.

use http::{HeaderMap, HeaderValue, Request};

use super::encode;
use super::form::Form;
use super::sts;
use crate::error::ApiError;

/// How a response must be written for the client to understand it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// The XML of EC2.
    Ec2,
    /// The XML of the other Query services.
    Query,
    /// The `x-amz-target` protocols.
    Json,
    /// Smithy RPC v2, which CloudWatch clients speak.
    Cbor,
}

impl Protocol {
    /// Guesses the protocol from the headers, as long as the service is not known.
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let headers = request.headers();
        if headers
            .get("smithy-protocol")
            .is_some_and(|name| name == "rpc-v2-cbor")
        {
            Self::Cbor
        } else if headers.contains_key("x-amz-target") {
            Self::Json
        } else {
            Self::Ec2
        }
    }

    /// The protocol once the service is known: the XML of EC2 is for EC2 alone.
    pub(crate) fn spoken_by(self, service: &str) -> Self {
        match self {
            _ if service == "ec2" => Self::Ec2,
            Self::Ec2 => Self::Query,
            other => other,
        }
    }

    /// Content type and body of an error.
    pub(crate) fn error(self, error: &ApiError, request_id: &str) -> (&'static str, Vec<u8>) {
        let mut body = Vec::with_capacity(512);
        let written = match self {
            Self::Ec2 => encode::encode_error(error, request_id, &mut body),
            Self::Query => sts::encode_error(error, request_id, &mut body),
            Self::Json => {
                let json = serde_json::json!({ "__type": error.code, "message": error.message });
                return ("application/x-amz-json-1.1", json.to_string().into_bytes());
            }
            Self::Cbor => return ("application/cbor", cbor(&error.code, &error.message)),
        };
        // Writing to memory does not fail; if it did, an empty body would still be an error.
        if written.is_err() {
            body.clear();
        }
        ("text/xml;charset=UTF-8", body)
    }

    /// Adds the header by which some clients recognise the protocol.
    pub(crate) fn mark(self, headers: &mut HeaderMap) {
        if self == Self::Cbor {
            headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
        }
    }
}

/// The refusal of a service or action that is not EC2.
pub(crate) fn not_served(service: &str, action: &str) -> ApiError {
    ApiError::new(
        "UnsupportedOperation",
        format!(
            "The twin serves EC2 and GetCallerIdentity of STS. It does not model {action} of the \
             service {service}: nothing was done."
        ),
    )
}

/// What a request wants done, in the words of its protocol.
pub(crate) fn action<B>(request: &Request<B>, form: Option<&Form<'_>>) -> String {
    if let Some(target) = request
        .headers()
        .get("x-amz-target")
        .and_then(|t| t.to_str().ok())
    {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    let path = request.uri().path();
    if let Some((_, operation)) = path.split_once("/operation/") {
        return operation.to_owned();
    }
    match form.and_then(|form| form.get("Action")) {
        Some(action) => action.to_owned(),
        None => format!("{}:{path}", request.method()),
    }
}

/// `{"__type": code, "message": message}` in CBOR: a map of two pairs of text.
fn cbor(code: &str, message: &str) -> Vec<u8> {
    let mut bytes = vec![0xA2];
    for text in ["__type", code, "message", message] {
        match u16::try_from(text.len()) {
            Ok(length @ 0..=23) => bytes.push(0x60 | length.to_be_bytes()[1]),
            Ok(length) => {
                bytes.push(0x79);
                bytes.extend(length.to_be_bytes());
            }
            // Messages are sentences; one of 64 KiB is not sent.
            Err(_) => {
                bytes.push(0x60);
                continue;
            }
        }
        bytes.extend(text.as_bytes());
    }
    bytes
}
