//! The logic of the hands: what to do next, when not to, and what to make of a failure.
//!
//! [`run`] carries out the approved steps of a [`sandtable_gate::Warrant`]'s plan on anything that
//! implements the port of `sandtable-cloud`; the same code rehearses on the twin and acts on AWS.
//! Every step is journaled before and after ([`journal`]), so that a run that was killed at any
//! moment is gone on with ([`resume`]) or taken back ([`undo`]) without doing anything twice.
//!
//! Deliberately absent: the brain, any AWS client, any clock but the cloud's, randomness. A run
//! makes one call at a time, and the same snapshot, plan and seed give the same journal, byte for
//! byte.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod blockers;
mod call;
mod condition;
mod effect;
mod failure;
mod hands;
pub mod journal;
mod laxness;
mod lockstep;
mod options;
mod pace;
mod rehearsal;
mod resume;
mod rules;
mod run;
mod state;
mod summary;
mod timeline;
mod undo;

pub use condition::{Sighting, Standing, judge, query_for};
pub use failure::{Amendment, Failure, FailureClass, RunError};
pub use journal::{
    Check, Entry, FileStorage, Journal, JournalError, MemoryStorage, ReadError, Record, Storage,
    StorageError, read_journal,
};
pub use laxness::Laxness;
pub use options::Options;
pub use rehearsal::{Rehearsal, Trouble, TroubleRun, rehearse, rehearse_trouble};
pub use resume::resume;
pub use run::run;
pub use summary::{Run, RunOutcome, summarize};
pub use timeline::{Event, TimelineEntry, render_timeline, timeline};
pub use undo::{Undoing, undo};
