//! A warrant for a rehearsal is none for a real cloud.

use sandtable_gate::Warrant;
use sandtable_model::{Plan, Real, World};

struct RealCloud;

trait Cloud {
    type World: World;
}

impl Cloud for RealCloud {
    type World = Real;
}

fn run<C: Cloud>(_warrant: &Warrant<C::World>, _cloud: &mut C) {}

fn run_unapproved(plan: Plan) {
    let warrant = Warrant::for_rehearsal(plan);
    run(&warrant, &mut RealCloud);
}

fn main() {}
