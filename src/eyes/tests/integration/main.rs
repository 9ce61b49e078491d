//! The eyes at work: over mocks of the SDK, over a twin, and as a program.

mod coverage;
mod program;
mod refusal;
mod support;
mod twin;
