//! Generated estates: accounts of any size, for benches and property tests.
//!
//! An estate is made of cells: VPCs that are alive (with instances, shared groups, images and
//! snapshot chains), and now and then one that is waste, beside near misses that look like waste and
//! are not. Two thirds of the resources have tags, those of a cell its team's. The same seed and size
//! give the same bytes.

mod alive;
mod cell;
mod network;
mod waste;

use std::collections::BTreeSet;

use sandtable_model::resource::{GroupRef, SecurityGroup};
use sandtable_model::{
    AccountId, Coverage, Duration, Kind, Region, Resource, ResourceId, Snapshot, Tags, Timestamp,
};

use crate::IdSource;

/// When every estate was seen: 2026-06-01T00:00:00Z.
pub const TAKEN_AT: Timestamp = Timestamp::from_millis(1_780_272_000_000);

/// An estate of at least `size` resources, by at most one cell more.
pub fn generate(seed: u64, size: usize) -> Snapshot {
    build(seed, size, false).snapshot
}

/// An estate as [`generate`] gives it, and the ids of all that somebody needs: whoever proposes to
/// delete one of these is wrong.
pub fn generate_with_truth(seed: u64, size: usize) -> (Snapshot, BTreeSet<ResourceId>) {
    let builder = build(seed, size, true);
    (builder.snapshot, builder.needed.unwrap_or_default())
}

fn build(seed: u64, size: usize, with_truth: bool) -> Builder {
    let account = AccountId::new("123456789012").expect("twelve digits");
    let region = Region::new("eu-central-1").expect("a Region");
    let mut snapshot = Snapshot::new(account.clone(), TAKEN_AT, format!("estate of seed {seed}"));
    for kind in Kind::ALL {
        snapshot.set_coverage(&region, *kind, Coverage::Complete);
    }
    let mut builder = Builder {
        snapshot,
        ids: IdSource::new(seed),
        // Apart from the ids, so that what is tagged does not decide what is there.
        taste: IdSource::new(!seed),
        account,
        region,
        cells: 0,
        stack: None,
        is_needed: false,
        needed: with_truth.then(BTreeSet::new),
    };
    while builder.snapshot.len() < size {
        builder.is_needed = true;
        match builder.cells % 16 {
            1 | 9 => builder.spare(waste::empty_vpc_with_nat),
            2 | 10 => builder.spare(waste::loose_ends),
            3 | 11 => waste::near_misses(&mut builder),
            4 => alive::scaled_to_zero(&mut builder),
            5 => alive::central_egress(&mut builder),
            6 => alive::functions(&mut builder),
            7 => alive::owned_by_stack(&mut builder),
            _ => cell::living_vpc(&mut builder),
        }
        builder.cells += 1;
    }
    builder.snapshot.shrink_to_fit();
    builder
}

struct Builder {
    snapshot: Snapshot,
    ids: IdSource,
    taste: IdSource,
    account: AccountId,
    region: Region,
    cells: usize,
    /// The CloudFormation stack whose resources are being made.
    stack: Option<String>,
    /// Whether somebody needs what is being made.
    is_needed: bool,
    /// The ids of what somebody needs, when that is asked for.
    needed: Option<BTreeSet<ResourceId>>,
}

impl Builder {
    fn add(&mut self, resource: impl Into<Resource>) {
        let mut resource: Resource = resource.into();
        self.tag(resource.tags_mut());
        if self.is_needed
            && let Some(needed) = &mut self.needed
        {
            needed.insert(resource.id());
        }
        self.snapshot
            .insert(&self.region, resource)
            .expect("64-bit ids of one estate do not collide");
    }

    /// Makes a cell that nobody needs.
    fn spare(&mut self, make: fn(&mut Builder)) {
        self.is_needed = false;
        make(self);
        self.is_needed = true;
    }

    /// The tags of the cell's team on two resources of three, and those of a stack on all of its.
    fn tag(&mut self, tags: &mut Tags) {
        const TEAMS: [&str; 6] = ["payments", "search", "data", "platform", "mobile", "ops"];
        const STAGES: [&str; 3] = ["prod", "staging", "dev"];
        if let Some(stack) = &self.stack {
            tags.insert("aws:cloudformation:stack-name", stack);
        }
        if self.taste.below(3) > 0 {
            tags.insert("Environment", STAGES[self.cells % STAGES.len()]);
            tags.insert("Team", TEAMS[self.cells % TEAMS.len()]);
        }
    }

    /// A typed id, from its `from_number`.
    fn id<T>(&mut self, make: fn(u64) -> T) -> T {
        make(self.ids.next_number())
    }

    /// `days` days before the estate was seen.
    fn days_ago(days: i64) -> Timestamp {
        let back = Duration::from_days(days).millis();
        Timestamp::from_millis(TAKEN_AT.millis() - back)
    }

    /// A number from `from` up to `to` inclusive.
    fn between(&mut self, from: u32, to: u32) -> u32 {
        let span = u64::from(to - from) + 1;
        from + u32::try_from(self.ids.below(span)).unwrap_or(0)
    }
}

fn named(name: &str) -> Tags {
    [("Name", name)].into_iter().collect()
}

fn group_ref(group: &SecurityGroup) -> GroupRef {
    GroupRef {
        group_id: group.group_id.clone(),
        group_name: Some(group.group_name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Bond, references_of};

    #[test]
    fn estates_are_whole_and_reproducible() {
        let estate = generate(7, 1000);
        assert!((1000..1200).contains(&estate.len()), "{}", estate.len());
        assert_eq!(estate, generate(7, 1000));
        assert_ne!(estate, generate(8, 1000));
        for resource in estate.resources() {
            for (target, bond) in references_of(resource) {
                let is_there = estate.get(&target).is_some();
                assert!(
                    bond == Bond::Past || is_there,
                    "{} names {target}",
                    resource.id()
                );
            }
        }
        for kind in &Kind::ALL[..13] {
            let any = estate.resources().any(|it| it.kind() == *kind);
            assert!(any, "no {kind}");
        }
    }
}
