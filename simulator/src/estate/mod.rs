//! Generated estates: accounts of any size, for benches and property tests.
//!
//! An estate is made of cells: VPCs that are alive (with instances, shared groups, images and
//! snapshot chains), and now and then one that is waste, beside near misses that look like waste and
//! are not. What many accounts have only a little of (load balancers, databases, ways to other
//! networks, reserved capacity) is in one living VPC of several, so that volumes, snapshots and
//! interfaces stay the bulk. Every kind of the model occurs from about 1500 resources on. Two thirds
//! of the resources have tags, those of a cell its team's. The same seed and size give the same bytes.
//!
//! Absent are metrics (so nothing is idle by its series) and permissions of snapshots and images.

mod alive;
mod around;
mod balance;
mod cell;
mod compute;
mod connect;
mod database;
mod idle;
mod living;
mod near;
mod network;
mod stack;
#[cfg(test)]
mod tests;
mod truth;
mod waste;

pub use truth::{Planted, Truth};

use sandtable_model::resource::{GroupRef, SecurityGroup};
use sandtable_model::{
    AccountId, Coverage, Duration, Kind, Region, Resource, ResourceId, Snapshot, Tags, Timestamp,
};

use serde_json::Value;

use crate::IdSource;

/// When every estate was seen: 2026-06-01T00:00:00Z.
pub const TAKEN_AT: Timestamp = Timestamp::from_millis(1_780_272_000_000);

/// An estate of at least `size` resources, by at most one cell more.
pub fn generate(seed: u64, size: usize) -> Snapshot {
    build(seed, size, false).snapshot
}

/// An estate as [`generate`] gives it, and what is known of it: whoever proposes to delete what
/// somebody needs is wrong, and so is whoever finds waste in a near miss.
pub fn generate_with_truth(seed: u64, size: usize) -> (Snapshot, Truth) {
    let builder = build(seed, size, true);
    (builder.snapshot, builder.truth.unwrap_or_default())
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
        living: usize::try_from(seed % 720).unwrap_or(0),
        stack: None,
        transit: None,
        extra: None,
        service_interfaces: 0,
        is_needed: false,
        truth: with_truth.then(Truth::default),
    };
    while builder.snapshot.len() < size {
        builder.is_needed = true;
        match builder.cells % 32 {
            1 | 9 => builder.spare(waste::empty_vpc_with_nat),
            2 | 10 => builder.spare(waste::loose_ends),
            3 | 11 => waste::near_misses(&mut builder),
            4 => alive::scaled_to_zero(&mut builder),
            5 => alive::central_egress(&mut builder),
            6 => alive::functions(&mut builder),
            7 => alive::owned_by_stack(&mut builder),
            15 => builder.spare(idle::connections),
            16 => builder.spare(idle::balancers),
            17 => builder.spare(idle::capacity),
            18 => builder.spare(idle::images),
            19 => builder.spare(idle::databases),
            20 => builder.spare(idle::endpoints),
            21 => near::kept(&mut builder),
            22 => near::standing(&mut builder),
            23 => near::awaiting_database(&mut builder),
            _ => {
                living::living_vpc(&mut builder);
                builder.living += 1;
            }
        }
        builder.cells += 1;
    }
    let transit = builder.transit.take();
    connect::finish(&mut builder, transit);
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
    /// The VPCs that are alive, counted from a number that the seed gives, so that estates of
    /// different seeds begin with different ones.
    living: usize,
    /// The CloudFormation stack whose resources are being made.
    stack: Option<stack::Making>,
    /// The transit gateway that is being filled.
    transit: Option<connect::Transit>,
    /// Tags for the next resource that has none of its own.
    extra: Option<Tags>,
    /// The interfaces of services, counted so that neighbours have addresses of their own.
    service_interfaces: u32,
    /// Whether somebody needs what is being made.
    is_needed: bool,
    /// What is known of the estate, when that is asked for.
    truth: Option<Truth>,
}

impl Builder {
    fn add(&mut self, resource: impl Into<Resource>) {
        let mut resource: Resource = resource.into();
        self.tag(resource.tags_mut());
        if self.is_needed
            && let Some(truth) = &mut self.truth
        {
            truth.needed.insert(resource.id());
        }
        if let Some(stack) = &mut self.stack {
            stack.note(resource.id());
        }
        self.snapshot
            .insert(&self.region, resource)
            .expect("64-bit ids of one estate do not collide");
    }

    /// Adds a resource that is told as AWS tells it.
    fn put(&mut self, kind: Kind, told: Value) {
        let resource = Resource::deserialize_as(kind, told);
        let mut resource = resource.unwrap_or_else(|error| panic!("{kind}: {error}"));
        balance::tell_attributes(&mut resource);
        self.add(resource);
    }

    /// Whether this living VPC is the one of `among` that has something, `which` of them.
    const fn nth(&self, among: usize, which: usize) -> bool {
        self.living % among == which
    }

    /// Tells of a resource that is waste by a row of the catalogue.
    fn waste(&mut self, pattern: &'static str, why: &'static str, id: impl Into<ResourceId>) {
        self.plant(pattern, why, id.into(), true);
    }

    /// Tells of a resource that a careless look takes for waste by a row of the catalogue.
    fn near(&mut self, pattern: &'static str, why: &'static str, id: impl Into<ResourceId>) {
        self.plant(pattern, why, id.into(), false);
    }

    fn plant(&mut self, pattern: &'static str, why: &'static str, id: ResourceId, waste: bool) {
        if let Some(truth) = &mut self.truth {
            truth.planted.push(Planted {
                pattern,
                why,
                id,
                waste,
            });
        }
    }

    /// The id of what AWS knows by name.
    fn named_id(&self, kind: Kind, name: &str) -> ResourceId {
        ResourceId::from_name(kind, &self.region, name).expect("a kind that is known by name")
    }

    /// The ARN of something in a service.
    fn arn(&self, service: &str, rest: &str) -> String {
        let (region, account) = (&self.region, &self.account);
        format!("arn:aws:{service}:{region}:{account}:{rest}")
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
        if let Some(extra) = self.extra.take() {
            *tags = extra;
        }
        if let Some(stack) = &self.stack {
            tags.insert("aws:cloudformation:stack-name", stack.name());
            tags.insert("aws:cloudformation:stack-id", stack.arn());
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
