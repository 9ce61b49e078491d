//! A simulated cloud as a rehearsal needs it: it can be copied, told to fail, and asked what came to
//! pass in truth, which is more than a caller sees.

use std::collections::BTreeSet;

use sandtable_model::{Action, Diff, Fault, FaultPlan, ResourceId, Simulated, Timestamp};

use crate::{Act, Clock};

/// A simulated cloud on which trouble is rehearsed. The executor asks it to fail; how a fault shows is
/// its own business, so that a rehearsal meets what any other caller of that cloud meets.
pub trait Stage: Act<World = Simulated> + Clock {
    /// A copy that lives on its own.
    #[must_use]
    fn fork(&self) -> Self
    where
        Self: Sized;

    /// Sets the faults of the run to come, and begins to count calls, to measure time and to keep what
    /// [`Stage::struck`] and [`Stage::performed`] tell.
    fn set_faults(&mut self, faults: FaultPlan);

    /// The faults that struck so far, in order.
    fn struck(&self) -> &[Struck];

    /// The calls through [`Act::perform`] that changed something, in order, whether they were
    /// answered or not.
    fn performed(&self) -> &[Action];

    /// What differs from the beginning.
    fn diff(&self) -> Diff;
}

/// A fault that struck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struck {
    /// From where in the plan it is.
    pub entry: PlanEntry,
    /// The fault; of a seeded entry the one that was drawn, told so that it strikes at the same call
    /// again.
    pub fault: Fault,
    /// When.
    pub at: Timestamp,
    /// The operation at which it struck.
    pub action: String,
    /// What someone else changed by it, and what they named.
    pub touched: BTreeSet<ResourceId>,
}

/// An entry of a [`FaultPlan`], by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanEntry {
    /// Of [`FaultPlan::faults`].
    Told(usize),
    /// Of [`FaultPlan::seeded`].
    Drawn(usize),
}
