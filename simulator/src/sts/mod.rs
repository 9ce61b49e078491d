//! The Security Token Service: who is asking, and temporary credentials.
//!
//! The credentials that are given out here are the twin's own: [`Sessions`] is where they are kept,
//! and [`identify`] is how a call that is signed with them becomes a call of the role. They come
//! from the seed and end on the virtual clock.
//!
//! Deliberately absent: roles themselves, which are IAM's: any well-formed ARN of a role can be assumed
//! unless [`crate::Permissions`] tells which roles there are and whom they trust; multi-factor
//! authentication; federation. What is absent is refused by name.

mod assume_role;
mod constraint;
mod identity;
mod message;
mod policy;
mod session;
mod session_token;

#[cfg(test)]
mod tests;

pub use assume_role::{
    AssumeRoleRequest, AssumedRole, AssumedRoleUser, PolicyDescriptor, SessionTag, assume_role,
};
pub use identity::{
    AccessKeyInfo, CallerIdentity, GetAccessKeyInfoRequest, GetCallerIdentityRequest,
    get_access_key_info, get_caller_identity,
};
pub use message::{
    DecodeAuthorizationMessageRequest, DecodedMessage, decode_authorization_message,
};
pub use session::{Lapse, Principal, Session, Sessions, identify};
pub use session_token::{Credentials, GetSessionTokenRequest, SessionToken, get_session_token};

use crate::dispatch::{Row, operations};

/// The operations.
pub(crate) const OPERATIONS: &[Row] = operations! {
    "AssumeRole" => assume_role,
    "DecodeAuthorizationMessage" => decode_authorization_message,
    "GetAccessKeyInfo" => get_access_key_info,
    "GetCallerIdentity" => get_caller_identity,
    "GetSessionToken" => get_session_token,
};

/// The partition of a Region, the second part of an ARN.
pub(crate) fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
