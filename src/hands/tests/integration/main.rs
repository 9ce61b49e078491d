//! The hands at work: over a twin through the real SDK, as a program over HTTP, and on LocalStack.

mod calls;
mod crash;
mod emulators;

mod program;
mod support;
mod twin;
