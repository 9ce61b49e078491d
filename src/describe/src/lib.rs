//! Looking through the AWS SDK: its types as resources of the model, and the reads that the eyes and
//! the hands share.
//!
//! Read-only: nothing here names an operation that changes anything. An [`AllowList`] holds a client to
//! what it was made for. Deliberately absent: credentials, retries (a configuration brings its own), and
//! the decision what a failed read means. Start at [`Clients::list`] (everything of a kind) and [`by_id`]
//! (one resource of EC2). The kinds that remediation acts on are read member by member (`read`), the
//! others along AWS's JSON by the model's own reader of describe answers (`family`).

mod allow_list;
mod answer;
mod clients;
mod endpoint;
mod entry;
mod error;
mod family;
mod list;
mod look;
mod read;

pub use allow_list::AllowList;
pub use clients::{Clients, ReadService, SERVICES};
pub use endpoint::{Endpoint, EndpointError, transport};
pub use entry::{Problem, Unreadable};
pub use error::{CallFailure, ReadError, failure_of, is_not_found};
pub use list::{Listing, OPERATIONS, READ_KINDS, list};
pub use look::{
    LOOKS, Protection, by_id, images_of, interfaces_within, protection, route_tables_to,
    snapshots_of,
};
