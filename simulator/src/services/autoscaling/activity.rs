//! What groups did, and the calls that show it.

use sandtable_model::AutoScalingGroupId;
use sandtable_model::resource::AutoScalingGroup;
use sandtable_model::{InstanceId, Timestamp};
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

use super::{find, named};
use crate::network::request::{answers, requests};
use crate::services::common::{page, uuid, validation};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeScalingActivities.
    DescribeScalingActivitiesRequest {
        activity_ids: Vec<String>,
        auto_scaling_group_name: Option<String>,
        include_deleted_groups: bool,
        max_records: Option<i64>,
        next_token: Option<String>,
    }
}

answers! {
    /// An answer with activities.
    Activities {
        activities: Vec<Activity>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    }
}

/// The most activities that a group keeps; AWS keeps those of six weeks.
const KEPT_MAX: usize = 500;

/// Something that a group did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Activity {
    /// The id.
    pub activity_id: SmolStr,
    /// The group.
    pub auto_scaling_group_name: SmolStr,
    /// What it did.
    pub description: SmolStr,
    /// Why.
    pub cause: SmolStr,
    /// When it began.
    pub start_time: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// `PreInService`, `InProgress`, `Successful` or `Failed`.
    pub status_code: SmolStr,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<SmolStr>,
    /// How much of it is done, in per cent.
    pub progress: u32,
    /// The instance; not a member of AWS's answer, which has it in the description.
    #[serde(skip)]
    pub(super) instance: Option<InstanceId>,
}

impl Activity {
    fn is_over(&self) -> bool {
        self.end_time.is_some()
    }
}

/// What an activity is about, as AWS's descriptions say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Launch,
    Terminate,
    Attach,
    Detach,
}

/// Notes that a group began something.
pub(super) fn begin(
    twin: &mut Twin,
    group: &AutoScalingGroup,
    deed: Deed,
    instance: Option<&InstanceId>,
    cause: &str,
) -> Activity {
    let what = match deed {
        Deed::Launch => "Launching a new EC2 instance",
        Deed::Terminate => "Terminating EC2 instance",
        Deed::Attach => "Attaching an existing EC2 instance",
        Deed::Detach => "Detaching EC2 instance",
    };
    let description = match instance {
        Some(id) => format_smolstr!("{what}: {id}"),
        None => what.into(),
    };
    let activity = Activity {
        activity_id: uuid(twin),
        auto_scaling_group_name: group.auto_scaling_group_name.clone(),
        description,
        cause: format_smolstr!("At {} {cause}", twin.now()),
        start_time: twin.now(),
        end_time: None,
        status_code: match deed {
            Deed::Launch => "PreInService".into(),
            _ => "InProgress".into(),
        },
        status_message: None,
        progress: match deed {
            Deed::Launch => 30,
            _ => 50,
        },
        instance: instance.cloned(),
    };
    let all = &mut twin.services.autoscaling.activities;
    let own = all.entry(group.auto_scaling_group_id.clone()).or_default();
    own.push(activity.clone());
    if own.len() > KEPT_MAX {
        own.remove(0);
    }
    activity
}

/// Notes that what a group began with an instance came to its end.
pub(super) fn succeed(twin: &mut Twin, group: &AutoScalingGroupId, instance: &InstanceId) {
    let now = twin.now();
    let all = &mut twin.services.autoscaling.activities;
    let own = all.get_mut(group).into_iter().flatten();
    for it in own.filter(|it| it.instance.as_ref() == Some(instance) && !it.is_over()) {
        it.end_time = Some(now);
        it.status_code = "Successful".into();
        it.progress = 100;
    }
}

/// Notes that a group failed to do something that it began.
pub(super) fn fail(twin: &mut Twin, group: &AutoScalingGroupId, activity: &str, why: &str) {
    let now = twin.now();
    let all = &mut twin.services.autoscaling.activities;
    let own = all.get_mut(group).into_iter().flatten();
    for it in own.filter(|it| it.activity_id == activity) {
        it.end_time = Some(now);
        it.status_code = "Failed".into();
        it.status_message = Some(why.into());
        it.progress = 100;
    }
}

/// Whether a group is about something.
pub(super) fn is_active(twin: &Twin, group: &AutoScalingGroupId) -> bool {
    let all = &twin.services.autoscaling.activities;
    let mut own = all.get(group).into_iter().flatten();
    own.any(|it| !it.is_over())
}

/// The entries of a page.
///
/// # Errors
/// `InvalidNextToken`, `ValidationError` for a size out of range.
pub(super) fn paged<T>(
    all: Vec<(String, T)>,
    token: Option<&str>,
    size: Option<i64>,
    usual: usize,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let size = match size {
        None => usual,
        Some(size @ 1..=100) => usize::try_from(size).unwrap_or(usual),
        Some(_) => {
            return Err(validation("MaxRecords must be between 1 and 100"));
        }
    };
    page(all, token, size).ok_or_else(|| ApiError::new("InvalidNextToken", "The token is invalid"))
}

/// Lists what groups did, the latest first.
///
/// # Errors
/// `ValidationError` for a group that is not there, `InvalidNextToken`.
pub fn describe_scaling_activities(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeScalingActivitiesRequest,
) -> Result<Activities, ApiError> {
    let name = request.auto_scaling_group_name.as_deref();
    let wanted = match name {
        None => None,
        Some(name) if request.include_deleted_groups => {
            Some(AutoScalingGroupId::from_name(&ctx.region, name))
        }
        Some(name) => Some(named(twin, ctx, name)?.auto_scaling_group_id.clone()),
    };
    let prefix = AutoScalingGroupId::from_name(&ctx.region, "");
    let mut found = Vec::new();
    for (group, activities) in &twin.services.autoscaling.activities {
        if wanted.as_ref().is_some_and(|it| it != group)
            || !group.as_str().starts_with(prefix.as_str())
        {
            continue;
        }
        for (at, activity) in activities.iter().enumerate() {
            let is_there = find(twin, ctx, &activity.auto_scaling_group_name).is_some();
            let id = activity.activity_id.as_str();
            let ids = &request.activity_ids;
            if (is_there || request.include_deleted_groups)
                && (ids.is_empty() || ids.iter().any(|it| it == id))
            {
                // The latest first, and those of a moment in the reverse of their order.
                let age = i64::MAX - activity.start_time.millis();
                let key = format!("{age:020}{:06}{id}", 999_999 - at.min(999_999));
                found.push((key, activity.clone()));
            }
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let token = request.next_token.as_deref();
    let (activities, next_token) = paged(found, token, request.max_records, 100)?;
    Ok(Activities {
        activities,
        next_token,
    })
}
