//! A warrant cannot be constructed: its fields are private.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use sandtable_gate::Warrant;
use sandtable_model::{Digest, Plan, Real};

fn forge(plan: Plan) -> Warrant<Real> {
    Warrant {
        plan,
        steps: BTreeSet::new(),
        consent: None,
        digest: Digest::of(b""),
        world: PhantomData,
    }
}

fn main() {}
