//! How AWS words a denial (facts, wire, "Error response"; IAM User Guide, "Access denied error
//! messages").

use sandtable_model::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::call::Check;
use crate::ApiError;
use crate::wire::Api;

/// Which of a caller's policies speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    ServiceControl,
    Identity,
    Boundary,
    Session,
}

impl Layer {
    const fn name(self) -> &'static str {
        match self {
            Self::ServiceControl => "service control policy",
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
        }
    }
}

/// Why a call is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// A statement denies it.
    Explicit(Layer, Option<String>),
    /// No statement of this layer allows it.
    Implicit(Layer),
    /// The trust policy of a role denies it.
    Distrusted,
    /// The trust policy of a role does not allow it.
    NotTrusted,
    /// There is no such role, which AWS does not say.
    NoRole,
}

impl Why {
    /// The end of AWS's sentence.
    fn words(&self, action: &str) -> String {
        match self {
            Self::Explicit(layer, _) => {
                let name = layer.name();
                let article = if *layer == Layer::Identity { "an" } else { "a" };
                format!(" with an explicit deny in {article} {name}")
            }
            Self::Implicit(layer) => {
                format!(" because no {} allows the {action} action", layer.name())
            }
            Self::Distrusted => " with an explicit deny in the role trust policy".to_owned(),
            Self::NotTrusted => {
                format!(" because no role trust policy allows the {action} action")
            }
            Self::NoRole => String::new(),
        }
    }
}

/// A permission that a call needs and its caller does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingPermission {
    /// When the call was made, on the virtual clock.
    pub at: Timestamp,
    /// The call, with its service: `ec2:RunInstances`.
    pub call: String,
    /// The action that is not allowed: the call's own, or one that it needs besides.
    pub action: String,
    /// The ARN of the resource, or `*`.
    pub resource: String,
    /// Which policies are in the way, in AWS's words.
    pub because: String,
    /// Statements that are about it, and the conditions of theirs that do not hold.
    pub conditions: Vec<String>,
}

/// A call that is not allowed.
pub(super) struct Denied<'a> {
    pub(super) principal: &'a str,
    pub(super) check: &'a Check,
    pub(super) why: Why,
}

impl Denied<'_> {
    /// `UnauthorizedOperation` in EC2, whose message carries an encoded one if the call is about a
    /// resource; `AccessDenied` in the services beside it.
    pub(super) fn error(&self, api: Api) -> ApiError {
        let (principal, action) = (self.principal, &self.check.action);
        // The messages of trust policies name no resource (IAM User Guide, "Access denied due to
        // role trust policies").
        let of_trust = matches!(self.why, Why::Distrusted | Why::NotTrusted);
        let is_about_one = self.check.resource != "*" && !of_trust;
        let on = match is_about_one {
            true => format!(" on resource: {}", self.check.resource),
            false => String::new(),
        };
        let why = self.why.words(action);
        let said = format!("User: {principal} is not authorized to perform: {action}{on}{why}");
        if api != Api::Ec2 {
            return ApiError::new("AccessDenied", self.check.said.clone().unwrap_or(said));
        }
        let mut message = format!("You are not authorized to perform this operation. {said}");
        if is_about_one {
            let blob = encode(self.facts().to_string().as_bytes());
            message.push_str(". Encoded authorization failure message: ");
            message.push_str(&blob);
        }
        ApiError::new("UnauthorizedOperation", message)
    }

    /// As part of a report.
    pub(super) fn missing(self, at: Timestamp, call: &str, near: Vec<String>) -> MissingPermission {
        let because = self.why.words(&self.check.action).trim().to_owned();
        let because = match &self.why {
            Why::Explicit(_, Some(sid)) => format!("{because}, statement `{sid}`"),
            Why::NoRole => "because there is no such role".to_owned(),
            _ => because,
        };
        MissingPermission {
            at,
            call: call.to_owned(),
            action: self.check.action.clone(),
            resource: self.check.resource.clone(),
            because,
            conditions: near,
        }
    }

    /// What `sts:DecodeAuthorizationMessage` tells.
    fn facts(&self) -> Value {
        let statement = match &self.why {
            Why::Explicit(_, sid) => json!([{"statementId": sid, "effect": "DENY"}]),
            _ => json!([]),
        };
        let mut conditions = Map::new();
        for (key, values) in self.check.context.iter() {
            conditions.insert(key.to_owned(), json!(values));
        }
        json!({
            "allowed": false,
            "explicitDeny": matches!(self.why, Why::Explicit(..) | Why::Distrusted),
            "matchedStatements": {"items": statement},
            "failures": {"items": []},
            "context": {
                "principal": {"arn": self.principal},
                "action": self.check.action,
                "resource": self.check.resource,
                "conditions": conditions,
            },
        })
    }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The alphabet for URLs, without padding. AWS encrypts the message; the twin keeps no keys and lets
/// anyone read it.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..=chunk.len() {
            let digit = (bits >> (18 - 6 * index)) & 63;
            let digit = DIGITS.get(digit as usize).copied().unwrap_or(b'A');
            text.push(char::from(digit));
        }
    }
    text
}

/// The message in the blob of a denial: what `sts:DecodeAuthorizationMessage` answers with.
pub fn decode_message(blob: &str) -> Option<String> {
    let mut bytes = Vec::new();
    for chunk in blob.as_bytes().chunks(4) {
        let mut bits: u32 = 0;
        for index in 0..4 {
            let digit = match chunk.get(index) {
                Some(byte) => DIGITS.iter().position(|it| it == byte)?,
                None => 0,
            };
            bits = bits << 6 | u32::try_from(digit).ok()?;
        }
        let whole = bits.to_be_bytes();
        bytes.extend(whole.iter().skip(1).take(chunk.len().checked_sub(1)?));
    }
    let text = String::from_utf8(bytes).ok()?;
    serde_json::from_str::<Value>(&text).ok()?;
    Some(text)
}
