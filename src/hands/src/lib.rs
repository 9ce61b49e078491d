//! The hands: the port of `sandtable-cloud` over the AWS SDK.
//!
//! The library behind the program `sandtable-hands`, so that tests can act on a twin through the same
//! code. It decides nothing: which call is made, whether and when, is the executor's, and the executor
//! works on a [`sandtable_model::Real`] cloud only under a warrant that the gate made. Every call goes
//! out once: the SDK's retries are off, and an answer that did not come is
//! [`sandtable_cloud::ErrorClass::Ambiguous`], to be settled by looking.
//!
//! Start at [`Aws`]; [`connect`] makes the clients it needs.

mod aws;
mod calls;
mod clock;
mod connect;
mod errors;

pub use aws::Aws;
pub use calls::OPERATIONS;
pub use clock::SystemClock;
pub use connect::{Access, ConnectError, Connection, connect};
