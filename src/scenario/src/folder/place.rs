//! In which Region a described resource is. Describe answers seldom say it; zones, ARNs and names
//! do, and what hangs together is in one Region.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::resource::{
    Address, EbsSnapshot, Instance, NetworkInterface, Subnet, Volume, VpcEndpoint,
};
use sandtable_model::{AvailabilityZone, Region, Resource, ResourceId};
use serde_json::Value;

use super::Contents;
use crate::references;
use crate::source::SourceOptions;

/// What an ARN says about the resource that it names.
pub(super) struct Arn {
    pub(super) resource: ResourceId,
    pub(super) region: Region,
    pub(super) account: String,
}

/// Where everything is.
pub(super) struct Regions {
    pub(super) of: BTreeMap<ResourceId, Region>,
    /// The Region of whatever is not in `of`.
    pub(super) elsewhere: Region,
    /// The resources that are put there by assumption.
    pub(super) assumed: Vec<ResourceId>,
    pub(super) notes: Vec<String>,
}

/// Collects the ARNs of resources from any JSON (`arn:aws:ec2:us-east-1:123456789012:subnet/subnet-…`).
pub(super) fn collect_arns(value: &Value, arns: &mut Vec<Arn>) {
    match value {
        Value::String(text) => arns.extend(read_arn(text)),
        Value::Array(entries) => entries.iter().for_each(|it| collect_arns(it, arns)),
        Value::Object(members) => members.values().for_each(|it| collect_arns(it, arns)),
        _ => {}
    }
}

fn read_arn(text: &str) -> Option<Arn> {
    let mut parts = text.splitn(6, ':');
    let ("arn", Some(_), Some("ec2")) = (parts.next()?, parts.next(), parts.next()) else {
        return None;
    };
    let region = Region::new(parts.next()?).ok()?;
    let account = parts.next()?.to_owned();
    let (_, id) = parts.next()?.rsplit_once('/')?;
    Some(Arn {
        resource: ResourceId::new(id).ok()?,
        region,
        account,
    })
}

/// Finds the Region of every resource.
pub(super) fn regions(contents: &Contents, options: &SourceOptions) -> Regions {
    let mut of: BTreeMap<ResourceId, Region> = BTreeMap::new();
    for arn in &contents.arns {
        of.insert(arn.resource.clone(), arn.region.clone());
    }
    for (id, resource) in &contents.resources {
        if let Some(region) = told(resource) {
            of.insert(id.clone(), region);
        }
    }
    of.extend(contents.folder_region.clone());
    spread(contents, &mut of);
    let lost = contents.resources.keys().filter(|id| !of.contains_key(*id));
    let lost: Vec<ResourceId> = lost.cloned().collect();
    let elsewhere = elsewhere(contents, &of, options);
    let mut notes = Vec::new();
    if let Some(first) = lost.first() {
        let count = lost.len();
        notes.push(format!(
            "the Region of {count} resources ({first} …) is not told anywhere; taken as `{elsewhere}`"
        ));
    }
    let is_told = options.region.is_some();
    Regions {
        of,
        elsewhere,
        assumed: if is_told { Vec::new() } else { lost },
        notes,
    }
}

/// The Region that a resource itself tells.
fn told(resource: &Resource) -> Option<Region> {
    let zone = |zone: &AvailabilityZone| zone.region();
    if let Some(it) = resource.get::<Subnet>() {
        return zone(&it.availability_zone);
    }
    if let Some(it) = resource.get::<Volume>() {
        return zone(&it.availability_zone);
    }
    if let Some(it) = resource.get::<NetworkInterface>() {
        return it.availability_zone.as_ref().and_then(zone);
    }
    if let Some(it) = resource.get::<Instance>() {
        return it.placement.availability_zone.as_ref().and_then(zone);
    }
    if let Some(it) = resource.get::<EbsSnapshot>() {
        // A snapshot is encrypted with a key of its own Region.
        let mut parts = it.kms_key_id.as_deref()?.split(':');
        let is_key = parts.next() == Some("arn") && parts.nth(1) == Some("kms");
        return Region::new(parts.next().filter(|_| is_key)?).ok();
    }
    if let Some(it) = resource.get::<VpcEndpoint>() {
        // `com.amazonaws.<region>.<service>`; services of others begin otherwise.
        let rest = it.service_name.strip_prefix("com.amazonaws.")?;
        let name = rest.strip_prefix("vpce.").unwrap_or(rest);
        return Region::new(name.split('.').next()?).ok();
    }
    if let Some(it) = resource.get::<Address>() {
        // The group of an ordinary address is named like its Region, that of a Local Zone like the
        // zone.
        let group = it.network_border_group.as_deref()?;
        let region = Region::new(group).ok();
        return region.or_else(|| AvailabilityZone::new(group).ok()?.region());
    }
    None
}

/// Gives every resource the Region of what it is connected with, nearest first.
fn spread(contents: &Contents, of: &mut BTreeMap<ResourceId, Region>) {
    let mut neighbours: BTreeMap<ResourceId, BTreeSet<ResourceId>> = BTreeMap::new();
    for (id, resource) in &contents.resources {
        for (_, other) in references::named(resource) {
            neighbours
                .entry(id.clone())
                .or_default()
                .insert(other.clone());
            neighbours.entry(other).or_default().insert(id.clone());
        }
    }
    let mut wave: BTreeSet<ResourceId> = of.keys().cloned().collect();
    while !wave.is_empty() {
        let mut next: BTreeMap<ResourceId, Region> = BTreeMap::new();
        for id in &wave {
            let Some(region) = of.get(id) else { continue };
            for other in neighbours.get(id).into_iter().flatten() {
                if !of.contains_key(other) {
                    next.entry(other.clone()).or_insert_with(|| region.clone());
                }
            }
        }
        wave = next.keys().cloned().collect();
        of.extend(next);
    }
}

/// The Region of what tells none: as asked for, or where most of the rest is.
fn elsewhere(
    contents: &Contents,
    of: &BTreeMap<ResourceId, Region>,
    options: &SourceOptions,
) -> Region {
    if let Some(region) = &options.region {
        return region.clone();
    }
    let mut counts: BTreeMap<&Region, usize> = BTreeMap::new();
    for id in contents.resources.keys() {
        if let Some(region) = of.get(id) {
            *counts.entry(region).or_default() += 1;
        }
    }
    let named = contents.answers.iter().filter_map(|it| it.region.as_ref());
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    let region = most.map(|(region, _)| region).or_else(|| named.min());
    region.cloned().unwrap_or_else(default_region)
}

/// AWS's first Region, which its tools take where none is told.
fn default_region() -> Region {
    Region::new("us-east-1").unwrap_or_else(|_| unreachable!("a Region's name"))
}
