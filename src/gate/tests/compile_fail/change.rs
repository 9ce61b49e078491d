//! A warrant cannot be widened after it was made.

use sandtable_gate::Warrant;
use sandtable_model::{Plan, Real, StepId};

fn widen(mut warrant: Warrant<Real>, other: Plan) {
    warrant.plan = other;
    let _ = warrant.with_steps([StepId::from("s99")]);
}

fn main() {}
