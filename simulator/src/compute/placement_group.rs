//! Placement groups: create, delete, describe, and who is in them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;

use sandtable_model::resource::{Instance, InstanceStateName, PlacementGroup};
use sandtable_model::{AvailabilityZone, Kind, PlacementGroupId};

use super::{Transition, types};
use crate::rules::{
    self, Filter, FilterTable, Listing, TagSpecification, describe, invalid_combination,
    invalid_value, required, tags_for,
};
use crate::{ApiError, Ctx, State, Twin};

/// The partitions that a group has in a zone at most (user guide, "Placement strategies").
const PARTITIONS_MAX: u32 = 7;
/// The running instances that a group which spreads them over racks has in a zone at most (user
/// guide, "Placement strategies").
const SPREAD_MAX: usize = 7;

/// `CreatePlacementGroup`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreatePlacementGroupRequest {
    /// The name.
    pub group_name: String,
    /// `cluster`, `spread` or `partition`; `cluster` when absent.
    pub strategy: Option<SmolStr>,
    /// How many partitions; two when absent.
    pub partition_count: Option<u32>,
    /// `rack`; hosts can be spread over on Outposts alone, which the twin does not model.
    pub spread_level: Option<SmolStr>,
    /// Tags.
    pub tag_specifications: Vec<TagSpecification>,
}

/// The answer of `CreatePlacementGroup`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MadePlacementGroup {
    /// The group.
    pub placement_group: Value,
}

/// Makes a placement group, which is available at once.
///
/// # Errors
/// `InvalidPlacementGroup.Duplicate`, and those of parameters that do not go together.
pub fn create_placement_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreatePlacementGroupRequest,
) -> Result<MadePlacementGroup, ApiError> {
    let name = required("groupName", &request.group_name)?;
    if name.chars().count() > 255 {
        return Err(invalid_value(format!(
            "Value ({name}) for parameter groupName is invalid. Length exceeds 255 characters."
        )));
    }
    let strategy = request.strategy.as_deref().unwrap_or("cluster");
    if !matches!(strategy, "cluster" | "spread" | "partition") {
        return Err(invalid_value(format!(
            "Value ({strategy}) for parameter strategy is invalid."
        )));
    }
    let (partition_count, spread_level) = details(&request, strategy)?;
    let kind = Kind::PlacementGroup;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    if by_name(&twin.state, ctx, name).is_some_and(|it| it.state != "deleted") {
        return Err(ApiError::new(
            "InvalidPlacementGroup.Duplicate",
            format!("The placement group '{name}' already exists."),
        ));
    }
    let group = PlacementGroup {
        group_id: twin.fresh(PlacementGroupId::from_number),
        group_name: name.into(),
        state: "available".into(),
        strategy: strategy.into(),
        partition_count,
        spread_level,
        group_arn: Some(arn(ctx, name)),
        tags,
    };
    let placement_group = shown(ctx, &group);
    twin.state.insert(&ctx.region, group);
    Ok(MadePlacementGroup { placement_group })
}

fn details(
    request: &CreatePlacementGroupRequest,
    strategy: &str,
) -> Result<(Option<u32>, Option<SmolStr>), ApiError> {
    let partitions = match (strategy, request.partition_count) {
        ("partition", count) => Some(count.unwrap_or(2)),
        (_, None) => None,
        (other, Some(_)) => {
            return Err(invalid_combination(format!(
                "The parameter partitionCount may not be used with the strategy '{other}'."
            )));
        }
    };
    if let Some(count) = partitions.filter(|it| *it == 0 || *it > PARTITIONS_MAX) {
        return Err(invalid_value(format!(
            "Value ({count}) for parameter partitionCount is invalid. Expecting a value between 1 and {PARTITIONS_MAX}."
        )));
    }
    let level = match (strategy, request.spread_level.as_deref()) {
        ("spread", None | Some("rack")) => Some("rack".into()),
        (_, None) => None,
        ("spread", Some("host")) => {
            return Err(ApiError::new(
                "UnsupportedOperation",
                "The twin does not model the parameter SpreadLevel of CreatePlacementGroup but for rack: nothing was done.",
            ));
        }
        (_, Some(level)) => {
            return Err(invalid_value(format!(
                "Value ({level}) for parameter spreadLevel is invalid for the strategy '{strategy}'."
            )));
        }
    };
    Ok((partitions, level))
}

/// `DeletePlacementGroup`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeletePlacementGroupRequest {
    /// The name.
    pub group_name: String,
}

/// Deletes a placement group; it is `deleting`, then gone.
///
/// # Errors
/// `InvalidPlacementGroup.Unknown`; `InvalidPlacementGroup.InUse` while an instance of it is not
/// terminated, those that are about to be included (facts, ec2-semantics, section 3, Placement
/// group).
pub fn delete_placement_group(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeletePlacementGroupRequest,
) -> Result<(), ApiError> {
    let name = required("groupName", &request.group_name)?;
    let group = named(&twin.state, ctx, name)?.clone();
    ctx.end_dry_run()?;
    if members(&twin.state, ctx, &group).next().is_some() {
        return Err(ApiError::new(
            "InvalidPlacementGroup.InUse",
            format!("The placement group '{name}' is in use and may not be deleted."),
        ));
    }
    if group.state == "deleting" {
        return Ok(());
    }
    let id = group.group_id;
    twin.state.update(&id, |it: &mut PlacementGroup| {
        it.state = "deleting".into();
    });
    let delay = twin.options.timings.placement_group_delete;
    twin.schedule(delay, Transition::PlacementGroupGone(id));
    Ok(())
}

/// `DescribePlacementGroups`, which is not paginated.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribePlacementGroupsRequest {
    /// The groups by their ids; all when there are none.
    pub group_ids: Vec<String>,
    /// The groups by their names.
    pub group_names: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
}

/// The answer of `DescribePlacementGroups`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedPlacementGroups {
    /// The groups, by id.
    pub placement_groups: Vec<Value>,
}

const FILTERS: FilterTable<PlacementGroup> = &[
    ("group-arn", |_, it, out| {
        it.group_arn.iter().for_each(|it| out(it));
    }),
    ("group-name", |_, it, out| out(&it.group_name)),
    ("spread-level", |_, it, out| {
        it.spread_level.iter().for_each(|it| out(it));
    }),
    ("state", |_, it, out| out(&it.state)),
    ("strategy", |_, it, out| out(&it.strategy)),
];

/// Lists placement groups.
///
/// # Errors
/// See [`describe`]; `InvalidPlacementGroup.Unknown` for unknown names, too.
pub fn describe_placement_groups(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribePlacementGroupsRequest,
) -> Result<DescribedPlacementGroups, ApiError> {
    let mut ids = request.group_ids.clone();
    for name in &request.group_names {
        let group = named(&twin.state, ctx, name)?;
        ids.push(group.group_id.as_str().to_owned());
    }
    let listing = Listing {
        ids: &ids,
        filters: &request.filters,
        max_results: None,
        next_token: None,
        range: None,
        ids_exclude_pages: false,
    };
    let page = describe::<PlacementGroup>(&twin.state, ctx, &listing, FILTERS)?;
    Ok(DescribedPlacementGroups {
        placement_groups: page
            .all::<PlacementGroup>()
            .map(|it| shown(ctx, it))
            .collect(),
    })
}

fn shown(ctx: &Ctx, group: &PlacementGroup) -> Value {
    let mut value = serde_json::to_value(group).unwrap_or_default();
    if group.group_arn.is_none() {
        value["GroupArn"] = arn(ctx, &group.group_name).as_str().into();
    }
    value
}

/// AWS's name of a group in policies.
pub(super) fn arn(ctx: &Ctx, name: &str) -> SmolStr {
    format!(
        "arn:aws:ec2:{}:{}:placement-group/{name}",
        ctx.region,
        ctx.account.as_str()
    )
    .into()
}

fn by_name<'a>(state: &'a State, ctx: &Ctx, name: &str) -> Option<&'a PlacementGroup> {
    let mut groups = state.all::<PlacementGroup>(&ctx.region);
    groups.find(|it| it.group_name == name)
}

/// The group of a name.
///
/// # Errors
/// `InvalidPlacementGroup.Unknown`.
pub(super) fn named<'a>(
    state: &'a State,
    ctx: &Ctx,
    name: &str,
) -> Result<&'a PlacementGroup, ApiError> {
    by_name(state, ctx, name).ok_or_else(|| rules::unknown(Kind::PlacementGroup, &[name]))
}

/// The instances of a group that are not terminated. A snapshot may tell the group's name alone.
fn members<'a>(
    state: &'a State,
    ctx: &Ctx,
    group: &'a PlacementGroup,
) -> impl Iterator<Item = &'a Instance> {
    state.all::<Instance>(&ctx.region).filter(|it| {
        let place = &it.placement;
        let is_in = match &place.group_id {
            Some(id) => *id == group.group_id,
            None => place.group_name.as_deref() == Some(group.group_name.as_str()),
        };
        is_in && it.state.name != InstanceStateName::Terminated
    })
}

/// Checks that a group takes instances of a type, and a partition that is asked for.
///
/// # Errors
/// `InvalidPlacementGroup.Unknown` for one on its way out, `InvalidParameterCombination`,
/// `InvalidParameterValue`.
pub(super) fn check_fits(
    group: &PlacementGroup,
    instance_type: &str,
    partition: Option<u32>,
) -> Result<(), ApiError> {
    let name = group.group_name.as_str();
    if group.state != "available" {
        return Err(rules::unknown(Kind::PlacementGroup, &[name]));
    }
    let strategy = group.strategy.as_str();
    let unfit = types::find(instance_type).is_some_and(|it| !it.strategies().contains(&strategy));
    if unfit && strategy == "cluster" {
        return Err(invalid_combination(format!(
            "Cluster placement groups are not supported by the '{instance_type}' instance type. Specify a supported instance type or change the placement group strategy, and try again."
        )));
    }
    match (partition, group.partition_count) {
        (None, _) => Ok(()),
        (Some(number), Some(count)) if (1..=count).contains(&number) => Ok(()),
        (Some(number), Some(count)) => Err(invalid_value(format!(
            "Value ({number}) for parameter partitionNumber is invalid. The placement group '{name}' has {count} partitions."
        ))),
        (Some(_), None) => Err(invalid_combination(format!(
            "The parameter partitionNumber may be used with partition placement groups only, which '{name}' is not."
        ))),
    }
}

/// How many more instances a group takes in a zone.
pub(super) fn room(
    state: &State,
    ctx: &Ctx,
    group: &PlacementGroup,
    zone: &AvailabilityZone,
) -> usize {
    if group.strategy != "spread" {
        return usize::MAX;
    }
    let there = members(state, ctx, group).filter(|it| {
        let runs = !matches!(it.state.name, InstanceStateName::Stopped);
        runs && it.placement.availability_zone.as_ref() == Some(zone)
    });
    SPREAD_MAX.saturating_sub(there.count())
}

/// The refusal of a launch that a group has no room for. AWS documents that the instance does not
/// launch, not the code; this is its code for want of room anywhere.
pub(super) fn full(group: &PlacementGroup, zone: &AvailabilityZone) -> ApiError {
    ApiError::new(
        "InsufficientInstanceCapacity",
        format!(
            "The spread placement group '{}' has {SPREAD_MAX} running instances in {zone}, and takes no more.",
            group.group_name
        ),
    )
}

/// The partition of a new instance: the one with the fewest, as AWS spreads them evenly.
pub(super) fn partition_for(state: &State, ctx: &Ctx, group: &PlacementGroup) -> Option<u32> {
    let count = group.partition_count?;
    (1..=count).min_by_key(|number| {
        let there = members(state, ctx, group);
        there
            .filter(|it| it.placement.partition_number == Some(*number))
            .count()
    })
}

/// `deleting` becomes gone.
pub(super) fn gone(twin: &mut Twin, id: &PlacementGroupId) {
    let group = twin.state.one::<PlacementGroup>(id);
    if group.is_some_and(|it| it.state == "deleting") {
        twin.state.remove(id);
    }
}
