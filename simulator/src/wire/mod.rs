//! The wire: EC2 and the services beside it as AWS tools speak them, in front of any [`Service`].
//!
//! A request is decoded into a [`Call`], typed by the shapes of the AWS service model, the service
//! performs it, and its output or error is written as that service writes it: in XML, and for
//! CloudWatch in JSON or CBOR too. [`answer`] does all of that for one request, pure and synchronous.
//! Two transports carry it: the HTTP [`server`] and, with the feature `sdk`, the connector that sits
//! under the real AWS SDK without a socket.
//!
//! The service says whose a key is and with which secret ([`Service::signer`]); the wire verifies the
//! signature. Beside AWS's own there are the twin's own pages, under `/_sandtable/` ([`control`]).
//!
//! What is deliberately absent: any knowledge of what an operation does, which belongs to the
//! service.
//!
//! Look next at [`service`] for the seam, at [`table`] for the shapes and where they come from,
//! and at [`decode`](mod@decode) and [`encode`](mod@encode) for the two directions.

mod answer;
mod api;
mod browser;
mod caller;
mod cbor;
#[cfg(feature = "sdk")]
pub mod connector;
pub mod control;
mod date;
pub mod decode;
mod document;
pub mod encode;
pub mod form;
mod parameter;
mod path;
mod pieces;
pub(crate) mod protocol;
pub mod query;
mod record;
mod refusal;
#[cfg(any(test, feature = "sdk"))]
pub mod samples;
pub mod server;
pub mod service;
mod signature;
mod status;
pub mod table;
mod walk;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_hostile;
#[cfg(test)]
mod tests_pages;
#[cfg(test)]
mod tests_shapes;
#[cfg(test)]
mod tests_transport;

pub use answer::{Answer, answer};
pub use api::{Api, UnknownApi};
pub use caller::{DEFAULT_ACCOUNT, DEFAULT_REGION};
pub use date::timestamp;
pub use decode::{decode, decode_form};
pub use encode::{EncodeError, encode, encode_error, encode_xml};
pub use parameter::{Parameter, Takes};
pub use pieces::Pieces;
pub use query::encode_query;
pub use record::{Record, RequestIds};
pub use server::{ServeOptions, serve};
pub use service::{Call, Caller, Service};
pub use signature::{Proof, Refused, Signer};
pub use status::{http_status, http_status_of};
pub use table::Table;
