//! A plan alone does not run: that takes a warrant.

use sandtable_cloud::{Act, Clock};
use sandtable_executor::{Journal, MemoryStorage, Options, run};
use sandtable_model::{Plan, Real};

fn act(plan: &Plan, cloud: &mut (impl Act<World = Real> + Clock)) {
    let mut journal = Journal::new(MemoryStorage::new());
    let _ = run(plan, cloud, &mut journal, &Options::default());
}

fn main() {}
