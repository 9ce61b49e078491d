//! Why a call is nobody's, in the words of each service.
//!
//! EC2 says little on purpose, and has codes of its own (EC2 API Reference, "Error codes": `AuthFailure`,
//! `RequestExpired`); a request without a signature it takes for one without a parameter, as users
//! report it. The other Query services share theirs (for example STS API Reference, "Common errors"),
//! and JSON and CBOR have the same things under longer names.

use super::super::api::Api;
use super::super::protocol::Protocol;
use crate::error::ApiError;

/// The longest canonical request that goes into a message, in bytes.
const MAX_SHOWN_BYTES: usize = 4096;

const NO_FORK: &str = "sandtable.NoSuchFork";

/// Why a call is nobody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not signed.
    Unsigned,
    /// The signature cannot be read.
    Incomplete(String),
    /// The signature is of a version that the twin does not verify.
    Version(&'static str),
    /// Nobody knows the key.
    Key,
    /// The key is the number of an account that is not there.
    Account {
        /// The number.
        account: String,
        /// Those that are there.
        served: String,
    },
    /// There is no such fork.
    Fork(String),
    /// The session token is not the key's.
    Token,
    /// The session is over.
    Expired,
    /// The request was signed too long ago, or will be.
    Date(String),
    /// The signature covers another day, or not enough.
    Scope(String),
    /// The signature is not that of this request with this key.
    Signature {
        /// What should have been signed.
        canonical: String,
        /// And as what.
        to_sign: String,
    },
}

impl Refused {
    /// The error in the words of a service, in the protocol that it speaks first.
    pub(crate) fn error(&self, api: Api) -> ApiError {
        let protocol = match api {
            Api::Ec2 => Protocol::Ec2,
            _ => Protocol::Query,
        };
        self.error_in(protocol)
    }

    /// The error in the words of a protocol.
    pub(crate) fn error_in(&self, protocol: Protocol) -> ApiError {
        let (ec2, query, document) = match self {
            Refused::Unsigned => (
                "MissingParameter",
                "MissingAuthenticationToken",
                "MissingAuthenticationTokenException",
            ),
            Refused::Incomplete(_) => (
                "IncompleteSignature",
                "IncompleteSignature",
                "IncompleteSignatureException",
            ),
            Refused::Fork(_) => (NO_FORK, NO_FORK, NO_FORK),
            Refused::Version(_) => (
                "UnsupportedOperation",
                "UnsupportedOperation",
                "UnsupportedOperation",
            ),
            Refused::Key | Refused::Account { .. } | Refused::Token => (
                "AuthFailure",
                "InvalidClientTokenId",
                "UnrecognizedClientException",
            ),
            Refused::Expired => ("RequestExpired", "ExpiredToken", "ExpiredTokenException"),
            Refused::Date(_) => (
                "RequestExpired",
                "SignatureDoesNotMatch",
                "InvalidSignatureException",
            ),
            Refused::Scope(_) | Refused::Signature { .. } => (
                "AuthFailure",
                "SignatureDoesNotMatch",
                "InvalidSignatureException",
            ),
        };
        match protocol {
            Protocol::Ec2 => ApiError::new(ec2, self.message_of_ec2()),
            Protocol::Query => ApiError::new(query, self.message()),
            _ => ApiError::new(document, self.message()),
        }
    }

    fn message_of_ec2(&self) -> String {
        const BAD: &str = "AWS was not able to validate the provided access credentials";
        match self {
            Refused::Unsigned => "The request must contain the parameter AWSAccessKeyId".to_owned(),
            Refused::Expired | Refused::Date(_) => "Request has expired.".to_owned(),
            // Not AWS's words: there every account is there.
            Refused::Account { .. } => format!("{BAD}. {}", self.message()),
            Refused::Incomplete(_) | Refused::Version(_) | Refused::Fork(_) => self.message(),
            Refused::Key | Refused::Token | Refused::Scope(_) | Refused::Signature { .. } => {
                BAD.to_owned()
            }
        }
    }

    fn message(&self) -> String {
        match self {
            Refused::Unsigned => "Request is missing Authentication Token".to_owned(),
            Refused::Incomplete(message) | Refused::Date(message) | Refused::Scope(message) => {
                message.clone()
            }
            Refused::Version(version) => format!(
                "The twin verifies Signature Version 4. It does not model Signature Version \
                 {version}: nothing was done."
            ),
            Refused::Key | Refused::Token => {
                "The security token included in the request is invalid.".to_owned()
            }
            Refused::Account { account, served } => format!(
                "The access key is the number of the account {account}, of which there is no twin \
                 here (there are twins of {served})."
            ),
            Refused::Fork(_) => {
                "There is no fork of this name. GET /_sandtable/forks lists them.".to_owned()
            }
            Refused::Expired => "The security token included in the request is expired".to_owned(),
            Refused::Signature { canonical, to_sign } => {
                let said = "The request signature we calculated does not match the signature you \
                            provided. Check your AWS Secret Access Key and signing method. Consult \
                            the service documentation for details.";
                if canonical.len() > MAX_SHOWN_BYTES {
                    return said.to_owned();
                }
                format!(
                    "{said}\n\nThe Canonical String for this request should have been\n\
                     '{canonical}'\n\nThe String-to-Sign should have been\n'{to_sign}'\n"
                )
            }
        }
    }
}
