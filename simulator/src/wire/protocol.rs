//! The protocols in which AWS is spoken, and which of them a request is in.
//!
//! EC2 has a Query protocol of its own; most other services here share the older one; CloudWatch
//! speaks that, JSON and CBOR, and its clients choose. A service that the twin is not gets an error
//! in the protocol of the request too, so that a tool shows the message and not a complaint about
//! its format.

use http::{HeaderMap, HeaderValue, Request};
use serde_json::Value;

use super::api::Api;
use super::cbor;
use super::decode::decode_form;
use super::document::{Item, decode_document, encode_document};
use super::encode::{self, EncodeError};
use super::form::Form;
use super::refusal;
use super::service::Call;
use super::status::is_sender;
use crate::error::ApiError;
use crate::output::Output;

/// How a response must be written for the client to understand it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// The XML of EC2.
    Ec2,
    /// The XML of the other Query services.
    Query,
    /// JSON with `x-amz-target`, version 1.0.
    Json10,
    /// JSON with `x-amz-target`, version 1.1.
    Json11,
    /// Smithy RPC v2.
    Cbor,
}

impl Protocol {
    /// The protocol by the headers, as long as the service is not known.
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let header = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
        if header("smithy-protocol") == Some(b"rpc-v2-cbor") {
            Self::Cbor
        } else if header("x-amz-target").is_none() {
            Self::Ec2
        } else if header("content-type") == Some(b"application/x-amz-json-1.0") {
            Self::Json10
        } else {
            Self::Json11
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

    /// Whether a service speaks this.
    pub(crate) fn is_spoken_by(self, api: Api) -> bool {
        match self {
            Self::Ec2 => api == Api::Ec2,
            Self::Query => api.table().speaks("query"),
            Self::Json10 | Self::Json11 => api.table().speaks("json"),
            Self::Cbor => api.table().speaks("smithy-rpc-v2-cbor"),
        }
    }

    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Ec2 | Self::Query => "text/xml;charset=UTF-8",
            Self::Json10 => "application/x-amz-json-1.0",
            Self::Json11 => "application/x-amz-json-1.1",
            Self::Cbor => "application/cbor",
        }
    }

    /// Reads a call of a service.
    pub(crate) fn read(
        self,
        api: Api,
        action: &str,
        form: Result<Form<'_>, ApiError>,
        body: &[u8],
    ) -> Result<Call, ApiError> {
        let document = match self {
            Self::Ec2 | Self::Query => return decode_form(api.table(), &form?),
            Self::Json10 | Self::Json11 if body.is_empty() => Value::Null,
            Self::Json10 | Self::Json11 => {
                let read = serde_json::from_slice(body);
                read.map_err(|error| refusal::unreadable(&error.to_string()))?
            }
            Self::Cbor => cbor::read(body).map_err(|error| refusal::unreadable(&error))?,
        };
        decode_document(api.table(), action, document)
    }

    /// Writes the output of a call.
    pub(crate) fn write(
        self,
        call: &Call,
        output: &Output,
        request_id: &str,
    ) -> Result<Vec<u8>, EncodeError> {
        let (table, action) = (call.api.table(), call.action.as_str());
        match self {
            Self::Ec2 | Self::Query => {
                let mut body = Vec::with_capacity(1024);
                encode::encode_output(table, action, output, request_id, &mut body)?;
                Ok(body)
            }
            Self::Json10 | Self::Json11 => {
                let output = value(output)?;
                let item = encode_document(table, action, &output)?;
                serde_json::to_vec(&item).map_err(|error| EncodeError::Write(error.into()))
            }
            Self::Cbor => Ok(cbor::write(&encode_document(
                table,
                action,
                &value(output)?,
            )?)?),
        }
    }

    /// The body of an error.
    pub(crate) fn error(self, api: Option<Api>, error: &ApiError, request_id: &str) -> Vec<u8> {
        let name = self.shape_of(api, &error.code);
        let message = Item::Map(vec![
            ("__type", Item::Text(&name)),
            ("message", Item::Text(&error.message)),
        ]);
        let mut body = Vec::with_capacity(512);
        let written = match self {
            Self::Ec2 => {
                encode::encode_error(error, request_id, &mut body);
                Ok(())
            }
            Self::Query => {
                let table = api.map(Api::table);
                let is_sender = is_sender(api, error);
                encode::encode_query_error(table, error, is_sender, request_id, &mut body);
                Ok(())
            }
            Self::Json10 | Self::Json11 => {
                serde_json::to_writer(&mut body, &message).map_err(Into::into)
            }
            Self::Cbor => cbor::write(&message).map(|bytes| body = bytes),
        };
        // Writing to memory does not fail; if it did, an empty body would still be an error.
        if written.is_err() {
            body.clear();
        }
        body
    }

    /// The name of an error: its shape, in full but for the older JSON. An error that the model does
    /// not declare goes by its code.
    fn shape_of(self, api: Option<Api>, code: &str) -> String {
        let declared = api.and_then(|api| Some((api, api.table().declared(code)?)));
        match declared {
            None => common_shape(code).to_owned(),
            Some((_, declared)) if self == Self::Json11 => declared.shape.to_owned(),
            Some((api, declared)) => format!("{}#{}", api.shape_namespace(), declared.shape),
        }
    }

    /// Adds the headers by which some clients recognise the protocol, and the code that an error has
    /// in XML for those that came from there (the trait `awsQueryCompatible`).
    pub(crate) fn mark(self, headers: &mut HeaderMap, api: Option<Api>, error: Option<&ApiError>) {
        if self == Self::Cbor {
            headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
        }
        let is_document = matches!(self, Self::Json10 | Self::Json11 | Self::Cbor);
        if let Some(error) = error.filter(|_| is_document && api.is_some()) {
            let fault = if is_sender(api, error) {
                "Sender"
            } else {
                "Receiver"
            };
            // A code is a word of AWS or of the twin; one that is no header is left out.
            if let Ok(value) = HeaderValue::from_str(&format!("{};{fault}", error.code)) {
                headers.insert("x-amzn-query-error", value);
            }
        }
    }
}

/// The name that an error common to all services has in JSON and CBOR, where it differs from that in XML
/// (CloudWatch API reference, "Common errors").
fn common_shape(code: &str) -> &str {
    match code {
        "Throttling" => "ThrottlingException",
        "AccessDenied" => "AccessDeniedException",
        other => other,
    }
}

/// An output as JSON, for protocols that walk it along the shape.
fn value(output: &Output) -> Result<Value, EncodeError> {
    output.to_value().map_err(|error| EncodeError::Output {
        message: error.to_string(),
    })
}

/// The refusal of a service that the twin is not.
pub(crate) fn not_served(service: &str, action: &str) -> ApiError {
    let served = Api::ALL.map(Api::name).join(", ");
    ApiError::new(
        "UnsupportedOperation",
        format!(
            "The twin serves {served}. It does not model {action} of the service {service}: \
             nothing was done."
        ),
    )
}

/// The refusal of a protocol that a service does not speak, or of a path that is not its own.
pub(crate) fn not_spoken(service: &str, action: &str) -> ApiError {
    ApiError::new(
        "UnknownOperationException",
        format!("The service {service} has no {action} in this protocol at this path."),
    )
}

/// What stands before the action in `x-amz-target` or in a path of Smithy RPC v2, and the action.
pub(crate) fn target<B>(request: &Request<B>) -> Option<(&str, &str)> {
    let header = request.headers().get("x-amz-target");
    if let Some(target) = header.and_then(|it| it.to_str().ok()) {
        return Some(target.rsplit_once('.').unwrap_or(("", target)));
    }
    let path = request.uri().path().strip_prefix("/service/")?;
    path.split_once("/operation/")
}

/// What a request wants done, in the words of its protocol.
pub(crate) fn action<B>(request: &Request<B>, form: Option<&Form<'_>>) -> String {
    if let Some((_, action)) = target(request) {
        return action.to_owned();
    }
    match form.and_then(|form| form.get("Action")) {
        Some(action) => action.to_owned(),
        None => format!("{}:{}", request.method(), request.uri().path()),
    }
}
