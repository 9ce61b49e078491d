//! The gate from outside: what it lets through and what it refuses.

mod allowed_signers;
mod assembly;
mod common;
mod compile_fail;
mod golden;
mod interoperability;
mod signing;
mod tampering;
