//! Looking through `aws-sdk-ec2`: the SDK's types as resources of the model, and the reads that the
//! eyes and the hands share.
//!
//! Read-only: nothing here names an operation that changes anything. An [`AllowList`] holds a client to
//! what it was made for. Deliberately absent: clients, credentials, retries (a client brings its own), and the decision what a failed read means. Start
//! at [`list`] (everything of a kind) and [`by_id`] (one resource).

mod allow_list;
mod endpoint;
mod entry;
mod error;
mod list;
mod look;
mod read;

pub use allow_list::AllowList;
pub use endpoint::{Endpoint, EndpointError, transport};
pub use entry::{Problem, Unreadable};
pub use error::{CallFailure, ReadError, failure_of, is_not_found};
pub use list::{Listing, OPERATIONS, READ_KINDS, list};
pub use look::{
    Protection, by_id, images_of, interfaces_within, protection, route_tables_to, snapshots_of,
};
