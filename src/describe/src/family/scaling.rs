//! Auto Scaling groups.

use aws_sdk_autoscaling::types;
use sandtable_model::Kind;

use super::all;
use crate::answer::{Object, answers, resource, texts};
use crate::clients::Clients;
use crate::entry::{Entry, Unreadable};
use crate::error::ReadError;
use crate::list::Listing;

/// Groups on a page: AWS takes no more (API reference, `DescribeAutoScalingGroups`).
const PAGE: i32 = 100;

/// Every Auto Scaling group.
pub(crate) async fn list(clients: &Clients) -> Result<Listing, ReadError> {
    let groups = clients.autoscaling.describe_auto_scaling_groups();
    let groups = groups.into_paginator().page_size(PAGE).send();
    let mut listing = Listing::default();
    for mut group in all("DescribeAutoScalingGroups", groups, |it| {
        (it.auto_scaling_groups, it.next_token)
    })
    .await?
    {
        let launches = settle_template(&mut group);
        listing.take(launches.and_then(|()| {
            let group = Object::of(group);
            resource(Kind::AutoScalingGroup, Some(&clients.region), group)
        }));
    }
    Ok(listing)
}

/// The model's groups launch from one template. A group of several instance types has it in its policy;
/// of one that launches from several templates, the others would seem unused.
fn settle_template(group: &mut types::AutoScalingGroup) -> Result<(), Unreadable> {
    let policy = group.mixed_instances_policy.take();
    let Some(template) = policy.and_then(|it| it.launch_template) else {
        return Ok(());
    };
    let name = group.auto_scaling_group_name();
    let others = template.overrides.unwrap_or_default();
    if others
        .iter()
        .any(|it| it.launch_template_specification.is_some())
    {
        let why = "it launches from several launch templates".to_owned();
        return Err(Entry::new(Kind::AutoScalingGroup, name).whole(why));
    }
    let one = template.launch_template_specification;
    group.launch_template = group.launch_template.take().or(one);
    Ok(())
}

answers! {
    types::AutoScalingGroup {
        auto_scaling_group_name, auto_scaling_group_arn = "AutoScalingGroupARN",
        launch_configuration_name, launch_template, min_size, max_size, desired_capacity,
        default_cooldown, availability_zones, vpc_zone_identifier = "VPCZoneIdentifier",
        load_balancer_names, target_group_arns = "TargetGroupARNs", health_check_type,
        health_check_grace_period, instances, created_time, suspended_processes, status,
        termination_policies, new_instances_protected_from_scale_in, tags,
    }
    types::LaunchTemplateSpecification { launch_template_id, launch_template_name, version }
    types::Instance {
        instance_id, instance_type, availability_zone, lifecycle_state, health_status,
        launch_configuration_name, launch_template, protected_from_scale_in,
    }
    types::SuspendedProcess { process_name, suspension_reason }
    types::TagDescription { key, value, propagate_at_launch }
}

texts!(types::LifecycleState);
