//! The vocabulary of sandtable: typed ids, money, time, AWS resources and the documents that the
//! parts exchange, with their canonical bytes and [`Digest`]s.
//!
//! Plain data. Deliberately absent: I/O, clocks, randomness, async, and any knowledge of how a
//! cloud is called. Start at [`Snapshot`] (what is there) and [`Plan`] (what shall be done).

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod action;
mod amount;
mod approval;
mod canonical;
mod condition;
mod describe;
mod diff;
mod facts;
mod fault;
mod finding;
mod id;
mod lenient;
mod money;
mod open_enum;
mod packed;
mod place;
mod plan;
mod policy;
mod receipt;
pub mod resource;
mod snapshot;
mod tags;
mod text;
mod time;
mod world;

pub use action::{Action, ActionError, Destination, RouteTarget};
pub use amount::{ParseRateError, ParseSpanError, Rate, Span};
pub use approval::{Approval, ApprovalStatement, SIGNATURE_NAMESPACE};
pub use canonical::{Digest, Document, DocumentError, canonical_bytes};
pub use condition::Condition;
pub use describe::{DescribeError, Described, entry_label, read_describe_answer, read_described};
pub use diff::{Change, Diff, ResourceChange};
pub use facts::{FactMap, facts_of};
pub use fault::{Effect, EffectKind, Fault, FaultPlan, ForeignCall, SeededFaults};
pub use finding::{
    Confidence, Evidence, Finding, FindingId, Grade, Guard, GuardOutcome, RuleId, Suppressed,
};
pub use id::*;
pub use money::{ParseUsdError, Usd};
pub use packed::{is_packed_name, pack, unpack};
pub use place::{AccountId, AvailabilityZone, PlaceError, Region};
pub use plan::{
    BlastRadius, Dropped, Harm, HarmKind, Plan, PlanReport, Reversibility, Risk, Step, StepId, Undo,
};
pub use policy::Policy;
pub use receipt::{FaultRun, Observed, Receipt, StepOutcome, StepReceipt, Verdict};
pub use resource::Resource;
pub use snapshot::{Coverage, Snapshot, SnapshotError};
pub use tags::Tags;
pub use time::{Duration, ParseTimestampError, Timestamp};
pub use world::{Real, Simulated, World};
