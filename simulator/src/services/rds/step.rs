//! What DB instances go through on the virtual clock.

use sandtable_model::resource::{DbEndpoint, DbInstance, DbSubnetGroup, NetworkInterface};
use sandtable_model::{
    DbInstanceId, DbSubnetGroupId, Duration, NetworkInterfaceId, Region, Timestamp,
};
use smol_str::format_smolstr;

use super::{DESCRIPTION, place};
use crate::Twin;
use crate::network::managed;
use crate::services::Transition;

/// A way from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `creating` to `available`.
    Create,
    /// `stopping` to `stopped`.
    Stop,
    /// `starting` to `available`.
    Start,
    /// `rebooting` to `available`.
    Reboot,
    /// `modifying` to `available`.
    Modify,
    /// `backing-up` to `available`.
    BackUp,
    /// `deleting` to gone.
    Delete,
}

impl Step {
    const ALL: [Step; 7] = [
        Step::Create,
        Step::Stop,
        Step::Start,
        Step::Reboot,
        Step::Modify,
        Step::BackUp,
        Step::Delete,
    ];

    /// The state while it lasts.
    const fn during(self) -> &'static str {
        match self {
            Step::Create => "creating",
            Step::Stop => "stopping",
            Step::Start => "starting",
            Step::Reboot => "rebooting",
            Step::Modify => "modifying",
            Step::BackUp => "backing-up",
            Step::Delete => "deleting",
        }
    }

    fn takes(self, twin: &Twin) -> Duration {
        let timings = &twin.options.timings.services;
        match self {
            Step::Create => timings.database_create,
            Step::Stop => timings.database_stop,
            Step::Start => timings.database_start,
            Step::Reboot => timings.database_reboot,
            Step::Modify => timings.database_modify,
            Step::BackUp => timings.database_snapshot,
            Step::Delete => timings.database_delete,
        }
    }
}

/// Lets an instance begin a step.
pub(super) fn begin(twin: &mut Twin, id: &DbInstanceId, step: Step) {
    twin.state.update(id, |it: &mut DbInstance| {
        it.db_instance_status = step.during().into();
    });
    let transition = Transition::DatabaseDone(id.clone(), step);
    twin.schedule(step.takes(twin), transition);
}

/// A step is done.
pub(crate) fn done(twin: &mut Twin, id: &DbInstanceId, step: Step) {
    let status = twin.state.one::<DbInstance>(id);
    if status.is_none_or(|it| it.db_instance_status != step.during()) {
        return;
    }
    match step {
        Step::Delete => {
            place::leave(twin, id);
            twin.state.remove(id);
            twin.services.rds.ports.remove(id);
            return;
        }
        Step::Stop => {
            let most = twin.options.timings.services.database_stopped_max;
            let at = twin.now().plus(most);
            twin.state.update(id, |it: &mut DbInstance| {
                it.db_instance_status = "stopped".into();
                it.automatic_restart_time = Some(at);
            });
            twin.schedule(most, Transition::DatabaseRestarts(id.clone(), at));
            return;
        }
        Step::Create => greet(twin, id),
        Step::Start | Step::Reboot | Step::Modify | Step::BackUp => {}
    }
    twin.state.update(id, |it: &mut DbInstance| {
        it.db_instance_status = "available".into();
    });
}

/// A new instance gets the name under which clients reach it.
fn greet(twin: &mut Twin, id: &DbInstanceId) {
    let Some(region) = twin.state.region_of(&id.into()).cloned() else {
        return;
    };
    let port = twin.services.rds.ports.get(id).copied();
    let number = twin.ids.next_number();
    let now = twin.now();
    twin.state.update(id, |it: &mut DbInstance| {
        let name = &it.db_instance_identifier;
        let digits = format!("{number:012x}");
        let digits = digits.get(..12).unwrap_or_default();
        it.instance_create_time = Some(now);
        it.endpoint = Some(DbEndpoint {
            address: Some(format_smolstr!(
                "{name}.c{digits}.{region}.rds.amazonaws.com"
            )),
            port,
            hosted_zone_id: None,
        });
    });
}

/// AWS starts an instance that has been stopped for seven days (RDS user guide, "Stopping an Amazon
/// RDS DB instance temporarily"). Void when it was started and stopped again since.
pub(crate) fn restarts(twin: &mut Twin, id: &DbInstanceId, at: Timestamp) {
    let instance = twin.state.one::<DbInstance>(id);
    let is_due = instance.is_some_and(|it| {
        it.db_instance_status == "stopped" && it.automatic_restart_time == Some(at)
    });
    if is_due {
        start(twin, id);
    }
}

/// Starts an instance that is stopped.
pub(super) fn start(twin: &mut Twin, id: &DbInstanceId) {
    twin.state.update(id, |it: &mut DbInstance| {
        it.automatic_restart_time = None;
    });
    begin(twin, id, Step::Start);
}

/// Finds the interfaces of an instance of a snapshot, and schedules what was under way.
pub(crate) fn resume(twin: &mut Twin, instance: &DbInstance) {
    let id = &instance.db_instance_id;
    let found = interfaces_of(twin, instance);
    twin.services.rds.interfaces.insert(id.clone(), found);
    let port = instance.endpoint.as_ref().and_then(|it| it.port);
    twin.services
        .rds
        .ports
        .extend(port.map(|it| (id.clone(), it)));
    let moment = Duration::from_millis(1);
    let status = instance.db_instance_status.as_str();
    if status == "stopped" {
        let most = twin.options.timings.services.database_stopped_max;
        // Nothing tells since when, unless AWS told when it ends.
        let at = instance.automatic_restart_time;
        let at = at.unwrap_or_else(|| twin.now().plus(most));
        twin.state.update(id, |it: &mut DbInstance| {
            it.automatic_restart_time = Some(at)
        });
        let left = at.since(twin.now()).max(moment);
        twin.schedule(left, Transition::DatabaseRestarts(id.clone(), at));
    } else if let Some(step) = Step::ALL.into_iter().find(|it| it.during() == status) {
        let delay = step.takes(twin).max(moment);
        twin.schedule(delay, Transition::DatabaseDone(id.clone(), step));
    }
}

/// RDS does not say on an interface which instance it belongs to: it is one of RDS's in the zone and
/// with the security groups of the instance, that no other instance has.
fn interfaces_of(twin: &Twin, instance: &DbInstance) -> Vec<NetworkInterfaceId> {
    let region: Option<Region> = twin
        .state
        .region_of(&(&instance.db_instance_id).into())
        .cloned();
    let group = instance.db_subnet_group.as_ref();
    let group = group.and_then(|it| {
        let name = &it.db_subnet_group_name;
        let id = DbSubnetGroupId::from_name(region.as_ref()?, name);
        twin.state.one::<DbSubnetGroup>(&id)
    });
    let taken = &twin.services.rds.interfaces;
    let is_free = |it: &&NetworkInterface| {
        !taken
            .values()
            .flatten()
            .any(|id| *id == it.network_interface_id)
    };
    let has_groups = |it: &&NetworkInterface| {
        let mut groups = instance.vpc_security_groups.iter();
        groups.all(|wanted| {
            let mut own = it.groups.iter();
            own.any(|it| it.group_id == wanted.vpc_security_group_id)
        })
    };
    let subnets = group.into_iter().flat_map(|it| &it.subnets);
    let mut found: Vec<(bool, NetworkInterfaceId)> = subnets
        .flat_map(|it| managed::described(&twin.state, &it.subnet_identifier, DESCRIPTION))
        .filter(|it| is_free(it) && has_groups(it))
        .map(|it| {
            let zone = it.availability_zone.as_ref().map(|it| it.as_str());
            let elsewhere = zone != instance.availability_zone.as_deref();
            (elsewhere, it.network_interface_id.clone())
        })
        .collect();
    found.sort();
    let most = if instance.multi_az { 2 } else { 1 };
    found.retain(|(elsewhere, _)| instance.multi_az || !elsewhere);
    let found = found.into_iter().take(most);
    found.map(|(_, id)| id).collect()
}
