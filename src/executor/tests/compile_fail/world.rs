//! A warrant to rehearse does not run on a real cloud.

use sandtable_cloud::{Act, Clock};
use sandtable_executor::{Journal, MemoryStorage, Options, run};
use sandtable_gate::Warrant;
use sandtable_model::{Plan, Real};

fn act<C: Act<World = Real> + Clock>(plan: Plan, cloud: &mut C) {
    let warrant = Warrant::for_rehearsal(plan);
    let mut journal = Journal::new(MemoryStorage::new());
    let _ = run(&warrant, cloud, &mut journal, &Options::default());
}

fn main() {}
