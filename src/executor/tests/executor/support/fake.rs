//! A cloud that does what it is told, and fails when it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::marker::PhantomData;

use sandtable_cloud::{Act, Clock, CloudError, DryRun, Observe, Performed, Query};
use sandtable_model::resource::{
    Address, AsResource, EbsSnapshot, NatGateway, NatGatewayState, NetworkInterface, RouteState,
    RouteTable, SnapshotState,
};
use sandtable_model::{
    Action, Destination, Duration, Kind, Region, Resource, ResourceId, Simulated, SnapshotId,
    Timestamp, World,
};
use serde_json::{Value, json};

use super::START;

/// What the next call is answered, and whether it takes effect.
pub(crate) enum Reply {
    /// It takes effect.
    Apply,
    /// It takes effect, and this is what the caller hears.
    ApplyAnd(CloudError),
    /// It does not take effect.
    Refuse(CloudError),
    /// It does not take effect; the target vanishes by somebody else's doing.
    Vanish(CloudError),
    /// It is accepted and does nothing.
    Nothing,
}

type Change = fn(&mut BTreeMap<ResourceId, Resource>);
type LaterChange = Box<dyn Fn(&mut BTreeMap<ResourceId, Resource>) + Send>;

/// A cloud of some resources, with a clock of its own.
pub(crate) struct Fake<W = Simulated> {
    pub(crate) now: Timestamp,
    pub(crate) resources: BTreeMap<ResourceId, Resource>,
    /// Answers to calls; when there is none left, calls take effect.
    pub(crate) replies: VecDeque<Reply>,
    /// Errors of looks; when there is none left, looks are answered.
    pub(crate) look_errors: VecDeque<CloudError>,
    /// What a dry run says.
    pub(crate) dry_run: Option<CloudError>,
    /// How many calls came, answered or not.
    pub(crate) calls: usize,
    /// The calls that took effect.
    pub(crate) effects: Vec<Action>,
    /// Whether NAT gateways leave behind what moto's leave behind.
    pub(crate) lax: bool,
    later: Vec<(Timestamp, LaterChange)>,
    world: PhantomData<W>,
}

impl<W> Fake<W> {
    pub(crate) fn of(resources: Vec<Resource>) -> Self {
        Fake {
            now: START,
            resources: resources.into_iter().map(|it| (it.id(), it)).collect(),
            replies: VecDeque::new(),
            look_errors: VecDeque::new(),
            dry_run: None,
            calls: 0,
            effects: Vec::new(),
            lax: false,
            later: Vec::new(),
            world: PhantomData,
        }
    }

    /// Has the next calls answered like this.
    pub(crate) fn reply(mut self, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.replies.extend(replies);
        self
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        let resource = self.resources.get(&id.parse().unwrap());
        resource.is_some_and(|it| !it.is_gone())
    }

    pub(crate) fn change(&mut self, change: Change) {
        change(&mut self.resources);
    }

    fn in_a_while(&mut self, seconds: i64, change: LaterChange) {
        let at = self.now.plus(Duration::from_secs(seconds));
        self.later.push((at, change));
    }

    fn all<T: AsResource + 'static>(&self) -> impl Iterator<Item = &T> {
        self.resources.values().filter_map(Resource::get::<T>)
    }

    fn apply(&mut self, action: &Action) -> Result<Performed, CloudError> {
        let target = action.target();
        if !self.resources.contains_key(&target) {
            return Err(error("InvalidThing.NotFound"));
        }
        self.effects.push(action.clone());
        let mut performed = Performed::default();
        match action {
            Action::CreateSnapshot {
                volume_id,
                description,
                ..
            } => {
                let id = SnapshotId::from_number(self.effects.len() as u64);
                let made = resource(
                    Kind::EbsSnapshot,
                    json!({"SnapshotId": id.as_str(), "VolumeId": volume_id.as_str(),
                           "State": "pending", "Description": description.as_str()}),
                );
                self.resources.insert(made.id(), made);
                let made: ResourceId = id.into();
                performed.created = Some(made.clone());
                self.in_a_while(40, Box::new(move |all| complete(all, &made)));
            }
            Action::DeleteNatGateway { .. } => {
                set_nat(&mut self.resources, &target, NatGatewayState::Deleting);
                let lax = self.lax;
                self.in_a_while(60, Box::new(move |all| end_nat(all, &target, lax)));
            }
            Action::DisassociateAddress { .. } => free(&mut self.resources, &target),
            Action::DeleteRoute { destination, .. } => {
                let table = edit::<RouteTable>(&mut self.resources, &target);
                table
                    .routes
                    .retain(|it| it.destination() != destination.as_str());
            }
            Action::CreateRoute {
                destination: destination @ Destination::DestinationCidrBlock(_),
                target: leads_to,
                ..
            } => {
                let route = json!({"DestinationCidrBlock": destination.as_str(),
                                   "NatGatewayId": leads_to.as_str()});
                let table = edit::<RouteTable>(&mut self.resources, &target);
                table.routes.push(serde_json::from_value(route).unwrap());
            }
            it if it.deletes_target() => drop(self.resources.remove(&target)),
            other => panic!("the scripted cloud has no {}", other.name()),
        }
        Ok(performed)
    }
}

impl<W> Observe for Fake<W> {
    fn look(&mut self, _: &Region, query: &Query) -> Result<Vec<Resource>, CloudError> {
        if let Some(error) = self.look_errors.pop_front() {
            return Err(error);
        }
        Ok(match query {
            Query::Resource(id) => self.resources.get(id).cloned().into_iter().collect(),
            Query::InterfacesWithin(within) => self
                .all::<NetworkInterface>()
                .filter(|it| [it.subnet_id.as_str(), it.vpc_id.as_str()].contains(&within.as_str()))
                .map(|it| it.clone().into())
                .collect(),
            Query::RouteTablesTo(id) => self
                .all::<RouteTable>()
                .filter(|it| it.routes.iter().any(|route| route.target() == id.as_str()))
                .map(|it| it.clone().into())
                .collect(),
            Query::SnapshotsOf(id) => self
                .all::<EbsSnapshot>()
                .filter(|it| it.volume_id.as_ref() == Some(id))
                .map(|it| it.clone().into())
                .collect(),
            Query::ImagesOf(id) => self
                .all::<sandtable_model::resource::Image>()
                .filter(|it| it.snapshot_ids().any(|snapshot| snapshot == id))
                .map(|it| it.clone().into())
                .collect(),
        })
    }
}

impl<W: World> Act for Fake<W> {
    type World = W;

    fn dry_run(&mut self, _: &Region, _: &Action) -> Result<DryRun, CloudError> {
        match &self.dry_run {
            Some(error) => Err(error.clone()),
            None => Ok(DryRun::Allowed),
        }
    }

    fn perform(&mut self, _: &Region, action: &Action) -> Result<Performed, CloudError> {
        self.calls += 1;
        match self.replies.pop_front().unwrap_or(Reply::Apply) {
            Reply::Apply => self.apply(action),
            Reply::ApplyAnd(error) => {
                self.apply(action).expect("the scripted call is possible");
                Err(error)
            }
            Reply::Refuse(error) => Err(error),
            Reply::Vanish(error) => {
                self.resources.remove(&action.target());
                Err(error)
            }
            Reply::Nothing => Ok(Performed::default()),
        }
    }
}

impl<W> Clock for Fake<W> {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn wait(&mut self, duration: Duration) {
        self.now = self.now.plus(duration);
        let (due, later) = std::mem::take(&mut self.later)
            .into_iter()
            .partition(|(at, _)| *at <= self.now);
        self.later = later;
        for (_, change) in due {
            change(&mut self.resources);
        }
    }
}

/// An error of AWS's by its code.
pub(crate) fn error(code: &str) -> CloudError {
    CloudError::from_code(code, "as scripted")
}

/// A resource from one entry of a describe answer.
pub(crate) fn resource(kind: Kind, value: Value) -> Resource {
    Resource::deserialize_as(kind, value).unwrap()
}

pub(crate) fn volume(id: &str) -> Resource {
    let value = json!({"VolumeId": id, "Size": 8, "AvailabilityZone": "eu-central-1a"});
    resource(Kind::Volume, value)
}

fn edit<'a, T: AsResource>(
    all: &'a mut BTreeMap<ResourceId, Resource>,
    id: &ResourceId,
) -> &'a mut T {
    T::of_mut(all.get_mut(id).unwrap()).unwrap()
}

fn complete(all: &mut BTreeMap<ResourceId, Resource>, id: &ResourceId) {
    edit::<EbsSnapshot>(all, id).state = SnapshotState::Completed;
}

fn set_nat(all: &mut BTreeMap<ResourceId, Resource>, id: &ResourceId, state: NatGatewayState) {
    edit::<NatGateway>(all, id).state = state;
}

fn free(all: &mut BTreeMap<ResourceId, Resource>, id: &ResourceId) {
    let address = edit::<Address>(all, id);
    address.association_id = None;
    address.network_interface_id = None;
    address.private_ip_address = None;
}

fn end_nat(all: &mut BTreeMap<ResourceId, Resource>, id: &ResourceId, lax: bool) {
    set_nat(all, id, NatGatewayState::Deleted);
    if lax {
        return;
    }
    for address in edit::<NatGateway>(all, id).nat_gateway_addresses.clone() {
        free(all, &address.allocation_id.unwrap().into());
        all.remove(&address.network_interface_id.unwrap().into());
    }
    let tables = all.values_mut().filter_map(RouteTable::of_mut);
    for route in tables.flat_map(|table| &mut table.routes) {
        if route.target() == id.as_str() {
            route.state = RouteState::Blackhole;
        }
    }
}
