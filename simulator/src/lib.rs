//! The twin: a deterministic simulated AWS account that can be looked at, changed, forked and
//! compared, under the rules of Amazon EC2 and of the services beside it that remediation leans on.
//!
//! ```text
//!   port (cloud::Act) ─┐
//!   wire (HTTP, SDK) ──┼─► dispatch ─► network · compute · storage · connectivity · services · … ─► State
//!   typed functions ───┘                   rules (ids, filters, pages, tags, tokens)
//! ```
//!
//! - [`State`] is a shared immutable base (the snapshot, indexed once, references both ways) under a
//!   small overlay of changes. [`Twin::fork`] shares both, [`Twin::diff`] is read off the overlay.
//! - Every operation is a plain function of (`&mut Twin`, [`Ctx`], typed request). Requests have
//!   AWS's member names and refuse what they do not model; [`dispatch`] is the table from AWS's
//!   operation names to these functions.
//! - The order of checks in an operation is that of AWS: missing parameter, malformed id, unknown
//!   id, then [`Ctx::end_dry_run`], then state and dependencies (facts, ec2-semantics, section 1).
//! - Lifecycles are [`Transition`]s on a virtual clock: [`Twin::advance`] fires what falls due.
//!   How long each takes stands in [`Timings`].
//! - Who may do what stands in [`iam`]: without [`Permissions`] everything is allowed.
//! - A [`World`] is several accounts under one clock; it tells from the key of a call whose twin it is.
//! - Nothing here reads a clock or the operating system's randomness: the same snapshot, seed and
//!   calls give the same bytes.
//!
//! How to write an operation: take typed requests with `#[serde(default, deny_unknown_fields,
//! rename_all = "PascalCase")]`, get the target with [`rules::require`] (missing, malformed and
//! unknown ids), call [`Ctx::end_dry_run`], check blockers with [`State::referring`], change with
//! [`State::update`], [`State::insert`] and [`State::remove`], schedule what comes later with
//! `Twin::schedule`, and add a row to the module's `dispatch` table.
//!
//! Deliberately absent: sockets outside [`wire`], and any opinion on what is waste.

mod admission;
mod clock;
pub mod compute;
pub mod connectivity;
mod context;
pub mod dispatch;
mod empty;
pub mod error;
pub mod estate;
pub mod fault;
pub mod iam;
mod ids;
pub mod metrics;
pub mod network;
mod output;
pub mod place;
mod port;
pub mod quota;
pub mod rules;
mod service;
pub mod services;
mod shared;
pub mod stacks;
pub mod state;
pub mod storage;
pub mod sts;
pub mod tagging;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod timings;
mod twin;
pub mod wire;
pub mod world;

pub use clock::Transition;
pub use context::Ctx;
pub use error::ApiError;
pub use iam::{MissingPermission, Permissions};
pub use ids::IdSource;
pub use output::Output;
pub use sandtable_model::{Effect, EffectKind, Fault, FaultPlan, ForeignCall, SeededFaults};
pub use service::TwinService;
pub use state::{Bond, State};
pub use timings::Timings;
pub use twin::{Checkpoint, Twin, TwinOptions};
pub use world::World;
