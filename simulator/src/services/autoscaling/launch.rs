//! How a group launches an instance: as its launch configuration or template says, through
//! `RunInstances` as users do.

use sandtable_model::resource::{
    AutoScalingGroup, GroupInstance, Image, Instance, KeyPair, Subnet, Volume,
};
use sandtable_model::{ImageId, InstanceId, Region};
use serde_json::json;
use smol_str::SmolStr;

use super::launch_configuration::{LaunchConfiguration, read_device};
use super::{choose, template};
use crate::compute::{
    InterfaceSpecification, ProfileSpecification, RunInstancesRequest, WantedMonitoring,
    run_instances,
};
use crate::services::common::validation;
use crate::{ApiError, Ctx, Twin};

/// What instances of a group were like, for one whose launch configuration or template is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blueprint {
    image_id: String,
    instance_type: SmolStr,
    groups: Vec<String>,
    key_name: Option<SmolStr>,
    /// Whether the snapshot has the key pair; one that it lacks was not seen.
    has_key: bool,
    /// The image, when the snapshot lacks it: one that another account shares.
    foreign: Option<Image>,
    /// Whether the snapshot lacks what the group launches with, so that this stands in for it.
    pub(super) stands_in: bool,
}

/// What an instance that the group has is like.
pub(super) fn blueprint(twin: &Twin, group: &AutoScalingGroup) -> Option<Blueprint> {
    let region = twin
        .state
        .region_of(&(&group.auto_scaling_group_id).into())?;
    let ctx = twin.context(region);
    let template = group.launch_template.as_ref();
    let is_seen = template.is_some_and(|it| template::data(twin, &ctx, it).is_ok());
    let mut members = group.instances.iter();
    members.find_map(|it| {
        let instance = twin.state.one::<Instance>(&it.instance_id)?;
        let groups = instance.security_groups.iter();
        let image_id = instance.image_id.as_ref()?;
        let is_known = twin.state.one::<Image>(image_id).is_some();
        Some(Blueprint {
            image_id: image_id.to_string(),
            instance_type: instance.instance_type.clone(),
            groups: groups.map(|it| it.group_id.to_string()).collect(),
            key_name: instance.key_name.clone(),
            has_key: {
                let mut keys = twin.state.all::<KeyPair>(region);
                keys.any(|it| Some(&it.key_name) == instance.key_name.as_ref())
            },
            foreign: match is_known {
                true => None,
                false => image_of(twin, instance),
            },
            stands_in: !is_seen,
        })
    })
}

/// The image that an instance must have been launched from, as far as the instance shows it.
fn image_of(twin: &Twin, instance: &Instance) -> Option<Image> {
    let root = instance.root_device_name.as_deref();
    let mut devices = instance.block_device_mappings.iter();
    let device = devices.find(|it| root == Some(it.device_name.as_str()));
    let volume = device.and_then(|it| it.ebs.as_ref());
    let volume = volume.and_then(|it| twin.state.one::<Volume>(&it.volume_id));
    let volume = volume.map(|it| {
        let ebs = json!({"VolumeSize": it.size, "VolumeType": it.volume_type,
            "DeleteOnTermination": true});
        json!({"DeviceName": root, "Ebs": ebs})
    });
    let image = json!({
        "ImageId": instance.image_id,
        "Public": true,
        "Architecture": instance.architecture,
        "RootDeviceName": root,
        "RootDeviceType": instance.root_device_type,
        "BlockDeviceMappings": volume.into_iter().collect::<Vec<_>>(),
    });
    serde_json::from_value(image).ok()
}

/// Launches one instance of a group, which it then has as its last.
///
/// # Errors
/// What `RunInstances` says, and that nothing is known about what to launch or where.
pub(super) fn one(twin: &mut Twin, group: &AutoScalingGroup) -> Result<(), ApiError> {
    let id = &group.auto_scaling_group_id;
    let region: Region = twin
        .state
        .region_of(&id.into())
        .cloned()
        .ok_or_else(|| validation("The group is not there"))?;
    let ctx = twin.context(&region);
    let base = request(twin, &ctx, group)?;
    let subnets = choose::subnets(twin, &region, group);
    let lent = lend_image(twin, group, &base);
    let done = first_that_fits(twin, &ctx, group, &base, subnets);
    if let Some(lent) = lent {
        twin.state.remove(&lent);
    }
    done
}

/// Puts the image of another account, which no snapshot shows, into the state for as long as the
/// launch lasts; gives its id back when it did.
fn lend_image(
    twin: &mut Twin,
    group: &AutoScalingGroup,
    request: &RunInstancesRequest,
) -> Option<ImageId> {
    let id = &group.auto_scaling_group_id;
    let blueprint = twin.services.autoscaling.blueprints.get(id)?;
    let image = blueprint.foreign.clone()?;
    let is_wanted = request.image_id == image.image_id.as_str();
    if !is_wanted || twin.state.one::<Image>(&image.image_id).is_some() {
        return None;
    }
    let region = twin.state.region_of(&id.into()).cloned()?;
    let lent = image.image_id.clone();
    twin.state.insert(&region, image);
    Some(lent)
}

fn first_that_fits(
    twin: &mut Twin,
    ctx: &Ctx,
    group: &AutoScalingGroup,
    base: &RunInstancesRequest,
    subnets: Vec<Subnet>,
) -> Result<(), ApiError> {
    let mut why = validation(format!(
        "The subnets of the group do not exist: '{}'",
        group.vpc_zone_identifier
    ));
    for subnet in subnets {
        match run(twin, ctx, base, &subnet) {
            Ok(instance) => {
                join(twin, group, &subnet, &instance);
                return Ok(());
            }
            Err(error) => why = error,
        }
    }
    Err(why)
}

fn run(
    twin: &mut Twin,
    ctx: &Ctx,
    base: &RunInstancesRequest,
    subnet: &Subnet,
) -> Result<InstanceId, ApiError> {
    let id = subnet.subnet_id.to_string();
    let mut request = base.clone();
    match request.network_interfaces.first_mut() {
        Some(interface) => interface.subnet_id = Some(id),
        None => request.subnet_id = Some(id),
    }
    let made = run_instances(twin, ctx, request)?;
    let instance = made.instances.first().and_then(|it| it.get("InstanceId"));
    let instance = instance.and_then(|it| InstanceId::new(it.as_str()?).ok());
    instance.ok_or_else(|| validation("No instance was launched"))
}

/// What to launch, but for the subnet.
fn request(
    twin: &Twin,
    ctx: &Ctx,
    group: &AutoScalingGroup,
) -> Result<RunInstancesRequest, ApiError> {
    let one = RunInstancesRequest {
        min_count: Some(1),
        max_count: Some(1),
        ..RunInstancesRequest::default()
    };
    let side = &twin.services.autoscaling;
    if let Some(name) = &group.launch_configuration_name {
        let key = (ctx.region.clone(), name.clone());
        if let Some(configuration) = side.launch_configurations.get(&key) {
            return by_configuration(configuration, one);
        }
    }
    let blueprint = side.blueprints.get(&group.auto_scaling_group_id);
    if let Some(blueprint) = blueprint.filter(|it| it.stands_in) {
        let blueprint = blueprint.clone();
        return Ok(RunInstancesRequest {
            image_id: blueprint.image_id,
            instance_type: Some(blueprint.instance_type),
            security_group_ids: blueprint.groups,
            key_name: blueprint.key_name.filter(|_| blueprint.has_key),
            ..one
        });
    }
    if let Some(wanted) = &group.launch_template {
        return template::request(twin, ctx, wanted);
    }
    Err(validation(
        "The launch configuration of the group is not known",
    ))
}

fn by_configuration(
    configuration: &LaunchConfiguration,
    one: RunInstancesRequest,
) -> Result<RunInstancesRequest, ApiError> {
    let it = configuration.clone();
    let devices = it.block_device_mappings.iter().map(read_device);
    let devices = devices.collect::<Result<_, _>>()?;
    let mut request = RunInstancesRequest {
        image_id: it.image_id.to_string(),
        instance_type: Some(it.instance_type),
        key_name: it.key_name.filter(|it| !it.is_empty()),
        iam_instance_profile: it.iam_instance_profile.map(profile),
        monitoring: it
            .instance_monitoring
            .enabled
            .map(|enabled| WantedMonitoring { enabled }),
        block_device_mappings: devices,
        ebs_optimized: Some(it.ebs_optimized),
        user_data: Some(it.user_data).filter(|it| !it.is_empty()),
        ..one
    };
    let (ids, names) = it
        .security_groups
        .iter()
        .map(|it| it.to_string())
        .partition::<Vec<String>, _>(|it| it.starts_with("sg-"));
    match it.associate_public_ip_address {
        Some(public) if names.is_empty() => {
            request.network_interfaces = vec![InterfaceSpecification {
                associate_public_ip_address: Some(public),
                groups: ids,
                ..InterfaceSpecification::default()
            }];
        }
        _ => {
            request.security_group_ids = ids;
            request.security_groups = names;
        }
    }
    Ok(request)
}

/// A profile as `RunInstances` takes it.
fn profile(text: SmolStr) -> ProfileSpecification {
    match text.starts_with("arn:") {
        true => ProfileSpecification {
            arn: Some(text),
            name: None,
        },
        false => ProfileSpecification {
            arn: None,
            name: Some(text),
        },
    }
}

/// Makes an instance one of the group's: by a tag of AWS's own and those that the group passes on.
fn join(twin: &mut Twin, group: &AutoScalingGroup, subnet: &Subnet, id: &InstanceId) {
    let name = group.auto_scaling_group_name.as_str();
    let mut instance_type = None;
    let blueprints = &twin.services.autoscaling.blueprints;
    let blueprint = blueprints.get(&group.auto_scaling_group_id);
    let blueprint = blueprint.filter(|it| it.stands_in && !it.has_key);
    let unseen_key = blueprint.and_then(|it| it.key_name.clone());
    twin.state.update(id, |it: &mut Instance| {
        it.tags.insert("aws:autoscaling:groupName", name);
        for key in &group.propagated_tag_keys {
            if let Some(value) = group.tags.get(key) {
                it.tags.insert(key, value);
            }
        }
        instance_type = Some(it.instance_type.clone());
        it.key_name = it.key_name.take().or(unseen_key);
    });
    let member = GroupInstance {
        instance_id: id.clone(),
        instance_type,
        availability_zone: subnet.availability_zone.as_str().into(),
        lifecycle_state: "Pending".into(),
        health_status: "Healthy".into(),
        launch_configuration_name: group.launch_configuration_name.clone(),
        launch_template: group.launch_template.clone(),
        protected_from_scale_in: group.new_instances_protected_from_scale_in,
    };
    let group = &group.auto_scaling_group_id;
    twin.state
        .update(group, |it: &mut AutoScalingGroup| it.instances.push(member));
}
