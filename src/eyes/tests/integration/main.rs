//! The eyes at work: over mocks of the SDK, over a twin, and as a program; and the SDK over the wire.

mod coverage;
mod program;
mod refusal;
mod sdk;
mod support;
mod twin;
