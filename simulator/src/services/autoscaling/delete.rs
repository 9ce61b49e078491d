//! Deleting groups.

use sandtable_model::resource::AutoScalingGroup;

use super::keep::{finish_delete, terminate};
use super::{activity, named};
use crate::network::request::requests;
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DeleteAutoScalingGroup.
    DeleteAutoScalingGroupRequest { auto_scaling_group_name: String, force_delete: bool }
}

/// Deletes a group. With force its instances are terminated, and it is described until they are.
///
/// # Errors
/// `ResourceInUse` while it has instances, `ScalingActivityInProgress` while it is about something;
/// neither with force (Auto Scaling API reference, `DeleteAutoScalingGroup`).
pub fn delete_auto_scaling_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteAutoScalingGroupRequest,
) -> Result<(), ApiError> {
    let group = named(twin, ctx, &request.auto_scaling_group_name)?.clone();
    let id = group.auto_scaling_group_id.clone();
    if !request.force_delete {
        let is_leaving = |it: &str| it.starts_with("Terminating");
        let mut members = group.instances.iter();
        if members.any(|it| !is_leaving(&it.lifecycle_state)) {
            return Err(ApiError::new(
                "ResourceInUse",
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
            ));
        }
        if !group.instances.is_empty() || activity::is_active(twin, &id) {
            return Err(ApiError::new(
                "ScalingActivityInProgress",
                "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
            ));
        }
    }
    twin.state.update(&id, |it: &mut AutoScalingGroup| {
        it.status = Some("Delete in progress".into());
        it.min_size = 0;
        it.max_size = 0;
        it.desired_capacity = 0;
    });
    let cause = "an instance was taken out of service in response to the group being deleted.";
    for member in &group.instances {
        if !member.lifecycle_state.starts_with("Terminating") {
            terminate(twin, &group, &member.instance_id, cause);
        }
    }
    finish_delete(twin, &id);
    Ok(())
}
