//! The index of fidelity: every rule of AWS that the twin claims to follow, as a test that names its
//! source, row by row. `docs/conformance.md` is made from it.
//!
//! Each module stands for a section of the project's pages of facts: its rows come first, the tests
//! that they name below. A test makes real calls against an empty account through the public API,
//! and through the wire where a rule is about the wire; it knows nothing of the twin's inside. More
//! thorough tests of one operation are beside the operation.
//!
//! Pages: `twin-conformance` (where emulators are laxer than AWS), `ec2-semantics` (rules of EC2),
//! `ec2-throttling` (request quotas), `wire` (the protocol). Letters in brackets are the kinds of
//! sources that the pages give: \[B\] text and constraints of AWS's own API model, \[E\] AWS's list of
//! EC2 error codes, \[U\] and \[V\] its user guides of EC2 and VPC, \[T\] what Terraform's provider
//! matches, \[SP\] what Steampipe ignores, \[F\] accounts that the authors of floci looked at, \[O\]
//! OpenStack's EC2 API, \[MO\] moto, \[W\] messages that users report.

mod codes;
mod common;
mod connecting;
mod document;
mod instances;
mod localstack;
mod networks;
mod pages;
mod quotas;
mod rule;
mod security;
mod storage;
mod tags;
mod teardown;
mod throttling;
mod wire;
mod world;
