//! How AWS words a denial (facts, wire, "Error response"; IAM User Guide, "Access denied error
//! messages").

use serde_json::{Map, Value, json};

use super::context::Context;
use crate::ApiError;

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
}

/// A call that is not allowed.
pub(super) struct Denied<'a> {
    pub(super) principal: &'a str,
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    pub(super) context: &'a Context,
    pub(super) why: Why,
}

impl Denied<'_> {
    /// `UnauthorizedOperation`. A call that is about no resource carries no encoded message.
    pub(super) fn error(&self) -> ApiError {
        let (principal, action) = (self.principal, self.action);
        let is_about_one = self.resource != "*";
        let on = match is_about_one {
            true => format!(" on resource: {}", self.resource),
            false => String::new(),
        };
        let why = match &self.why {
            Why::Explicit(layer, _) => {
                let name = layer.name();
                let article = if *layer == Layer::Identity { "an" } else { "a" };
                format!("with an explicit deny in {article} {name}")
            }
            Why::Implicit(layer) => {
                format!("because no {} allows the {action} action", layer.name())
            }
        };
        let mut message = format!(
            "You are not authorized to perform this operation. User: {principal} is not authorized \
             to perform: {action}{on} {why}"
        );
        if is_about_one {
            let blob = encode(self.facts().to_string().as_bytes());
            message.push_str(". Encoded authorization failure message: ");
            message.push_str(&blob);
        }
        ApiError::new("UnauthorizedOperation", message)
    }

    /// What `sts:DecodeAuthorizationMessage` tells.
    fn facts(&self) -> Value {
        let statement = match &self.why {
            Why::Explicit(_, sid) => json!([{"statementId": sid, "effect": "DENY"}]),
            Why::Implicit(_) => json!([]),
        };
        let mut conditions = Map::new();
        for (key, values) in self.context.iter() {
            conditions.insert(key.to_owned(), json!(values));
        }
        json!({
            "allowed": false,
            "explicitDeny": matches!(self.why, Why::Explicit(..)),
            "matchedStatements": {"items": statement},
            "failures": {"items": []},
            "context": {
                "principal": {"arn": self.principal},
                "action": self.action,
                "resource": self.resource,
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
