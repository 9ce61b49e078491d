//! Which tags of instances the notices of scheduled events carry.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::rules::{invalid_combination, required};
use crate::{ApiError, Ctx, Twin};

/// What a Region's notices carry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notified {
    all: bool,
    keys: BTreeSet<SmolStr>,
}

/// `RegisterInstanceEventNotificationAttributes` and its opposite.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct ChangeNotificationRequest {
    /// The tags.
    pub instance_tag_attribute: WantedTags,
}

/// Tags of a request: all, or some keys.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedTags {
    /// Whether all are meant.
    pub include_all_tags_of_instance: Option<bool>,
    /// The keys that are meant.
    pub instance_tag_keys: Vec<SmolStr>,
}

/// `DescribeInstanceEventNotificationAttributes`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeNotificationRequest {}

/// The answer of all three.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NotificationAttributes {
    /// The tags.
    pub instance_tag_attribute: NotifiedTags,
}

/// Tags that notices carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NotifiedTags {
    /// Whether they carry all.
    pub include_all_tags_of_instance: bool,
    /// The keys that they carry.
    pub instance_tag_keys: Vec<SmolStr>,
}

/// Adds tags to the notices.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterCombination`.
pub fn register_notification(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ChangeNotificationRequest,
) -> Result<NotificationAttributes, ApiError> {
    change(twin, ctx, request.instance_tag_attribute, true)
}

/// Takes tags from the notices.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterCombination`.
pub fn deregister_notification(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ChangeNotificationRequest,
) -> Result<NotificationAttributes, ApiError> {
    change(twin, ctx, request.instance_tag_attribute, false)
}

/// Tells which tags the notices carry.
///
/// # Errors
/// None of its own.
pub fn describe_notification(
    twin: &mut Twin,
    ctx: &Ctx,
    _: DescribeNotificationRequest,
) -> Result<NotificationAttributes, ApiError> {
    ctx.end_dry_run()?;
    Ok(shown(twin, ctx))
}

fn change(
    twin: &mut Twin,
    ctx: &Ctx,
    wanted: WantedTags,
    on: bool,
) -> Result<NotificationAttributes, ApiError> {
    let all = wanted.include_all_tags_of_instance;
    if all.is_none() && wanted.instance_tag_keys.is_empty() {
        required("InstanceTagAttribute", "")?;
    }
    if all == Some(true) && !wanted.instance_tag_keys.is_empty() {
        return Err(invalid_combination(
            "Either IncludeAllTagsOfInstance or InstanceTagKeys can be specified, not both.",
        ));
    }
    ctx.end_dry_run()?;
    let notified = &mut twin.compute.notified;
    let notified = notified.entry(ctx.region.clone()).or_default();
    if all == Some(true) {
        notified.all = on;
    }
    for key in wanted.instance_tag_keys {
        match on {
            true => drop(notified.keys.insert(key)),
            false => drop(notified.keys.remove(&key)),
        }
    }
    Ok(shown(twin, ctx))
}

fn shown(twin: &Twin, ctx: &Ctx) -> NotificationAttributes {
    let notified = twin.compute.notified.get(&ctx.region).cloned();
    let notified = notified.unwrap_or_default();
    NotificationAttributes {
        instance_tag_attribute: NotifiedTags {
            include_all_tags_of_instance: notified.all,
            instance_tag_keys: notified.keys.into_iter().collect(),
        },
    }
}
