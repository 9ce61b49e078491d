//! Whether a condition holds, by looking.

use sandtable_cloud::Query;
use sandtable_model::resource::{
    EbsSnapshot, Image, InterfaceStatus, NetworkInterface, Route, RouteTable, SnapshotState,
};
use sandtable_model::{Condition, FactMap, Resource, ResourceId, facts_of};

/// How a condition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It holds.
    Holds,
    /// It does not hold yet, but what is seen leads there by itself (`deleting`, `pending`).
    UnderWay,
    /// It does not hold.
    Fails,
}

/// How a condition stands, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// How it stands.
    pub standing: Standing,
    /// What was seen, in words.
    pub seen: String,
}

impl Sighting {
    fn new(standing: Standing, seen: impl Into<String>) -> Self {
        Sighting {
            standing,
            seen: seen.into(),
        }
    }

    fn holds_if(holds: bool, seen: impl Into<String>) -> Self {
        let standing = if holds {
            Standing::Holds
        } else {
            Standing::Fails
        };
        Self::new(standing, seen)
    }
}

/// What to ask the cloud about a condition.
pub fn query_for(condition: &Condition) -> Query {
    match condition {
        Condition::Exists { resource }
        | Condition::Gone { resource }
        | Condition::Fact { resource, .. }
        | Condition::NoFact { resource, .. } => Query::Resource(resource.clone()),
        Condition::NoClients { within } => Query::InterfacesWithin(within.clone()),
        Condition::NoRoutesTo { target } => Query::RouteTablesTo(target.clone()),
        Condition::Unreferenced { resource } => match resource {
            ResourceId::EbsSnapshot(id) => Query::ImagesOf(id.clone()),
            other => Query::Resource(other.clone()),
        },
        Condition::Snapshotted { volume, .. } => Query::SnapshotsOf(volume.clone()),
    }
}

/// How a condition stands, by the cloud's answer to [`query_for`] it.
pub fn judge(condition: &Condition, answer: &[Resource]) -> Sighting {
    match condition {
        Condition::Exists { resource } => match alive(answer, resource) {
            Some(it) => Sighting::new(Standing::Holds, presence(it)),
            None => Sighting::new(Standing::Fails, absence(answer, resource)),
        },
        Condition::Gone { resource } => match alive(answer, resource) {
            None => Sighting::new(Standing::Holds, absence(answer, resource)),
            Some(it) if is_passing(it) => Sighting::new(Standing::UnderWay, presence(it)),
            Some(it) => Sighting::new(Standing::Fails, presence(it)),
        },
        Condition::Fact {
            resource,
            name,
            value,
        } => judge_fact(answer, resource, name, value),
        Condition::NoFact { resource, name } => judge_no_fact(answer, resource, name),
        Condition::NoClients { within } => judge_clients(answer, within),
        Condition::NoRoutesTo { target } => judge_routes(answer, target),
        Condition::Unreferenced { resource } => judge_references(answer, resource),
        Condition::Snapshotted { description, .. } => judge_snapshots(answer, description),
    }
}

/// The resource in the answer, unless it is over.
pub(crate) fn alive<'a>(answer: &'a [Resource], id: &ResourceId) -> Option<&'a Resource> {
    answer.iter().find(|it| it.id() == *id && !it.is_gone())
}

/// Whether the resource is on its way out by itself.
pub(crate) fn is_passing(resource: &Resource) -> bool {
    let state = state_of(&facts_of(resource)).map(str::to_ascii_lowercase);
    matches!(state.as_deref(), Some("deleting" | "shutting-down"))
}

fn state_of(facts: &FactMap) -> Option<&str> {
    let names = ["State", "State.Name", "Status"];
    names
        .iter()
        .find_map(|name| facts.get(*name))
        .map(String::as_str)
}

fn presence(resource: &Resource) -> String {
    let id = resource.id();
    match state_of(&facts_of(resource)) {
        Some(state) => format!("{id} is there and `{state}`"),
        None => format!("{id} is there"),
    }
}

fn absence(answer: &[Resource], id: &ResourceId) -> String {
    let over = answer.iter().find(|it| it.id() == *id);
    match over.map(facts_of).as_ref().and_then(state_of) {
        Some(state) => format!("{id} is `{state}`"),
        None => format!("{id} is not there"),
    }
}

fn judge_fact(answer: &[Resource], id: &ResourceId, name: &str, value: &str) -> Sighting {
    let Some(resource) = alive(answer, id) else {
        return Sighting::new(Standing::Fails, absence(answer, id));
    };
    match facts_of(resource).get(name) {
        Some(seen) => Sighting::holds_if(seen == value, format!("{id} has {name} = {seen}")),
        None => Sighting::new(Standing::Fails, format!("{id} has no {name}")),
    }
}

fn judge_no_fact(answer: &[Resource], id: &ResourceId, name: &str) -> Sighting {
    let Some(resource) = alive(answer, id) else {
        return Sighting::new(Standing::Fails, absence(answer, id));
    };
    let facts = facts_of(resource);
    let covered = |fact: &str| {
        fact.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let found: Vec<String> = facts
        .iter()
        .filter(|(fact, _)| covered(fact))
        .map(|(fact, value)| format!("{fact} = {value}"))
        .collect();
    if found.is_empty() {
        Sighting::new(Standing::Holds, format!("{id} has no {name}"))
    } else {
        Sighting::new(Standing::Fails, format!("{id} has {}", found.join(", ")))
    }
}

fn judge_clients(answer: &[Resource], within: &ResourceId) -> Sighting {
    let in_use: Vec<String> = answer
        .iter()
        .filter_map(|it| it.get::<NetworkInterface>())
        .filter(|it| it.status != InterfaceStatus::Available)
        .filter(|it| !it.interface_type.is_infrastructure())
        .map(|it| format!("{} ({})", it.network_interface_id, it.status))
        .collect();
    if in_use.is_empty() {
        let seen = format!("nothing in use among {} in {within}", interfaces(answer));
        Sighting::new(Standing::Holds, seen)
    } else {
        Sighting::new(Standing::Fails, format!("in use: {}", in_use.join(", ")))
    }
}

fn interfaces(answer: &[Resource]) -> String {
    match answer.len() {
        1 => "1 network interface".to_owned(),
        count => format!("{count} network interfaces"),
    }
}

fn judge_routes(answer: &[Resource], target: &ResourceId) -> Sighting {
    let leads = |route: &Route| route.target() == target.as_str();
    let routes: Vec<String> = answer
        .iter()
        .filter_map(|it| it.get::<RouteTable>())
        .flat_map(|table| table.routes.iter().map(move |route| (table, route)))
        .filter(|(_, route)| leads(route))
        .map(|(table, route)| format!("{} in {}", route.destination(), table.route_table_id))
        .collect();
    if routes.is_empty() {
        Sighting::new(Standing::Holds, format!("no route leads to {target}"))
    } else {
        let seen = format!("routes to {target}: {}", routes.join(", "));
        Sighting::new(Standing::Fails, seen)
    }
}

fn judge_references(answer: &[Resource], resource: &ResourceId) -> Sighting {
    if !matches!(resource, ResourceId::EbsSnapshot(_)) {
        let seen = format!("what uses {resource} cannot be looked up");
        return Sighting::new(Standing::Fails, seen);
    }
    let images: Vec<&str> = registered_images(answer)
        .map(|it| it.image_id.as_str())
        .collect();
    if images.is_empty() {
        let seen = format!("no registered image uses {resource}");
        Sighting::new(Standing::Holds, seen)
    } else {
        let seen = format!("{resource} is used by {}", images.join(", "));
        Sighting::new(Standing::Fails, seen)
    }
}

/// The images that are still registered.
pub(crate) fn registered_images(answer: &[Resource]) -> impl Iterator<Item = &Image> {
    answer
        .iter()
        .filter_map(|it| it.get::<Image>())
        .filter(|it| it.state != "deregistered")
}

fn judge_snapshots(answer: &[Resource], description: &str) -> Sighting {
    let ours: Vec<&EbsSnapshot> = answer
        .iter()
        .filter_map(|it| it.get::<EbsSnapshot>())
        .filter(|it| it.description == description)
        .collect();
    let in_state = |state: SnapshotState| ours.iter().find(|it| it.state == state);
    if let Some(it) = in_state(SnapshotState::Completed) {
        let seen = format!("{} is completed", it.snapshot_id);
        return Sighting::new(Standing::Holds, seen);
    }
    if let Some(it) = in_state(SnapshotState::Pending) {
        let seen = format!("{} is pending", it.snapshot_id);
        return Sighting::new(Standing::UnderWay, seen);
    }
    let seen = match ours.first() {
        Some(it) => format!("{} is `{}`", it.snapshot_id, it.state),
        None => format!("no snapshot is described as `{description}`"),
    };
    Sighting::new(Standing::Fails, seen)
}

#[cfg(test)]
mod tests;
