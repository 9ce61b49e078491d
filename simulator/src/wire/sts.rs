//! The one call of STS that tools make before anything else: `GetCallerIdentity`.

use std::io;

use quick_xml::events::{BytesStart, Event};

use super::decode;
use super::encode::Xml;
use super::form::Form;
use super::service::Caller;
use crate::error::ApiError;

/// The version of the STS API.
pub(crate) const VERSION: &str = "2011-06-15";

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const GET_CALLER_IDENTITY: &str = "GetCallerIdentity";

/// Answers a request to STS. The caller is the root of the account.
pub(crate) fn answer(
    caller: &Caller,
    form: &Form<'_>,
    request_id: &str,
) -> Result<Vec<u8>, ApiError> {
    let action = decode::action(form)?;
    if action != GET_CALLER_IDENTITY {
        return Err(super::foreign::not_served("sts", action));
    }
    let mut body = Vec::new();
    write_identity(caller, request_id, &mut body)
        .map_err(|error| ApiError::new("InternalError", error.to_string()))?;
    Ok(body)
}

fn write_identity(caller: &Caller, request_id: &str, into: &mut Vec<u8>) -> io::Result<()> {
    let mut xml = Xml::new(into)?;
    let root = "GetCallerIdentityResponse";
    let start = BytesStart::new(root).with_attributes([("xmlns", NAMESPACE)]);
    xml.writer.write_event(Event::Start(start))?;
    xml.start("GetCallerIdentityResult")?;
    xml.leaf(
        "Arn",
        &format!(
            "arn:{}:iam::{}:root",
            partition(&caller.region),
            caller.account
        ),
    )?;
    xml.leaf("UserId", &caller.account)?;
    xml.leaf("Account", &caller.account)?;
    xml.end("GetCallerIdentityResult")?;
    xml.start("ResponseMetadata")?;
    xml.leaf("RequestId", request_id)?;
    xml.end("ResponseMetadata")?;
    xml.end(root)
}

fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// Appends an error as STS and most Query services write it, which differs from EC2.
pub(crate) fn encode_error(
    error: &ApiError,
    request_id: &str,
    into: &mut Vec<u8>,
) -> io::Result<()> {
    let mut xml = Xml::new(into)?;
    let start = BytesStart::new("ErrorResponse").with_attributes([("xmlns", NAMESPACE)]);
    xml.writer.write_event(Event::Start(start))?;
    xml.start("Error")?;
    xml.leaf("Type", "Sender")?;
    xml.leaf("Code", &error.code)?;
    xml.leaf("Message", &error.message)?;
    xml.end("Error")?;
    xml.leaf("RequestId", request_id)?;
    xml.end("ErrorResponse")
}
