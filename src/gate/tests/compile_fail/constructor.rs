//! The constructor is out of reach, and none is free for a real cloud.

use std::collections::BTreeSet;

use sandtable_gate::Warrant;
use sandtable_model::{Plan, Real};

fn forge(plan: Plan) -> Warrant<Real> {
    Warrant::new(plan, BTreeSet::new(), None)
}

fn rehearse_for_real(plan: Plan) -> Warrant<Real> {
    Warrant::<Real>::for_rehearsal(plan)
}

fn main() {}
