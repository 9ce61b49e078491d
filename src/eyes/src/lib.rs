//! The eyes: read-only discovery of one AWS account into a snapshot.
//!
//! The library behind the program `sandtable-eyes`, so that tests can look through the same code at
//! a twin. It must never reach the port, the executor or the gate: what looks cannot act. The client
//! carries an allow-list ([`sandtable_describe::AllowList`]) that refuses every operation but the reads it was made for,
//! whatever the credentials would permit. What could not be seen is recorded as unknown, never as
//! absent.
//!
//! Start at [`scan`]; [`connect`] makes the clients it needs.

mod account;
mod connect;
mod progress;
mod scan;

pub use connect::{Access, ConnectError, Connection, connect};
pub use progress::Progress;
pub use scan::{Incomplete, Request, Scan, ScanError, scan};
