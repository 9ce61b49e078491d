//! The executor from outside: on a scripted cloud, where every error can be had, and on the twin.

mod blockers;
mod compile_fail;
mod failures;
mod journal;
mod lockstep;
mod recovery;
mod support;
mod trouble;
mod twin;
mod undo;
