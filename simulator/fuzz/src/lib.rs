//! What the fuzz targets do. Each is an ordinary function of bytes that panics when something is wrong.
//!
//! The modules stand on their own: seeded tests of the main workspace (`simulator/tests/fuzz.rs`,
//! `src/scenario/tests/fuzz.rs`) include them by path, so that a plain `cargo test` runs them too.

pub mod calls;
pub mod documents;
pub mod policy;
mod request;
mod scene;
pub mod seeded;
mod vocabulary;
pub mod wire;
mod world;
