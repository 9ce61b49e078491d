//! The wire: EC2 as AWS tools speak it, in front of any [`Service`].
//!
//! A request is decoded into a [`Call`], typed by the shapes of the AWS service model, the service
//! performs it, and its output or error is written as EC2 writes it. [`answer`] does all of that
//! for one request, pure and synchronous. Two transports carry it: the HTTP [`server`] and, with
//! the feature `sdk`, the connector that sits under the real AWS SDK without a socket.
//!
//! What is deliberately absent: any knowledge of what an operation does, which belongs to the
//! service, and any check of signatures, since the twin keeps no secrets.
//!
//! Look next at [`service`] for the seam, at [`table`] for the shapes and where they come from,
//! and at [`decode`](mod@decode) and [`encode`](mod@encode) for the two directions.

mod answer;
mod caller;
#[cfg(feature = "sdk")]
pub mod connector;
mod date;
pub mod decode;
pub mod encode;
mod foreign;
pub mod form;
pub mod query;
pub mod server;
pub mod service;
mod status;
mod sts;
pub mod table;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_transport;

pub use answer::{Answer, Record, RequestIds, answer};
pub use caller::{DEFAULT_ACCOUNT, DEFAULT_REGION};
pub use date::timestamp;
pub use decode::decode;
pub use encode::{EncodeError, encode, encode_error};
pub use query::encode_query;
pub use server::{ServeOptions, serve};
pub use service::{Call, Caller, Service};
pub use status::http_status;
pub use table::Table;
