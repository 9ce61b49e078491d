//! The port: what may be asked of a cloud, and how it can fail.
//!
//! This crate must not depend on the brain, the executor, the twin or any AWS client: it is the seam
//! between the logic of the hands and whatever cloud they work on. [`Act::perform`] is the only place
//! in which a mutation can be named as a call. The twin implements the port in `simulator`, the AWS
//! SDK in `src/hands`.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod error;
mod query;
mod stage;

pub use error::{CloudError, ErrorClass, classify};
pub use query::Query;
pub use stage::{PlanEntry, Stage, Struck};

use sandtable_model::{Action, Duration, Region, Resource, ResourceId, Timestamp, World};

/// A cloud that can be looked at.
pub trait Observe {
    /// The resources that answer the query, as they are now. A resource that does not exist is no
    /// error: the answer is empty.
    fn look(&mut self, region: &Region, query: &Query) -> Result<Vec<Resource>, CloudError>;
}

/// A cloud that can be changed. The methods carry no consent: whoever holds an implementation must
/// hold a warrant too, which is why the executor alone is handed one.
pub trait Act: Observe {
    /// Whether this is a real cloud or a simulated one; warrants are made for one of the two.
    type World: World;

    /// Asks whether the call would be allowed, without making it (EC2's `DryRun`). Dependencies are
    /// not checked by this.
    fn dry_run(&mut self, region: &Region, action: &Action) -> Result<DryRun, CloudError>;

    /// Makes the call once. An implementation never retries on its own: what to do about a failure
    /// is the executor's to decide, since only it can tell whether the effect came about.
    fn perform(&mut self, region: &Region, action: &Action) -> Result<Performed, CloudError>;
}

/// Time as the cloud passes it: virtual on the twin, real on AWS.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Lets time pass.
    fn wait(&mut self, duration: Duration);
}

/// What a dry run said, when it was not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DryRun {
    /// The call would have been allowed.
    Allowed,
    /// The operation or the cloud has no dry run.
    Unsupported,
}

/// What a call gave back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Performed {
    /// The resource that it made, if it made one.
    pub created: Option<ResourceId>,
}
