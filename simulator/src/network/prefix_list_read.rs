//! Reading prefix lists: the account's own and those that AWS manages.
//!
//! AWS's own lists belong to no account and stand in no snapshot. The twin has those of the two
//! services with gateway endpoints, S3 and DynamoDB, with the ids that routes of the Region show.
//! Their blocks are of 198.18.0.0/15, which is reserved for tests (RFC 2544): AWS's change, and
//! nothing in the twin depends on them. AWS's other lists (CloudFront, Route 53) are absent.

use sandtable_model::resource::{ManagedPrefixList, PrefixListEntry, PrefixListState};
use sandtable_model::{Kind, PrefixListId, ResourceId, Tags};
use serde::Serialize;
use smol_str::{SmolStr, format_smolstr};

use super::endpoint_places;
use super::prefix_list::users_of;
use super::request::requests;
use crate::rules::{
    self, Extract, Filter, FilterTable, Filters, UNCONSTRAINED, page_size, parse, read_offset,
    required, unknown, write_offset,
};
use crate::{ApiError, Ctx, Twin};

requests! {
    /// DescribeManagedPrefixLists and DescribePrefixLists.
    DescribePrefixListsRequest {
        prefix_list_ids: Vec<String>,
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// GetManagedPrefixListEntries.
    GetManagedPrefixListEntriesRequest {
        prefix_list_id: String,
        target_version: Option<i64>,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
    /// GetManagedPrefixListAssociations.
    GetManagedPrefixListAssociationsRequest {
        prefix_list_id: String,
        max_results: Option<i64>,
        next_token: Option<String>,
    }
}

/// The owner of AWS's own lists.
pub(super) const AWS: &str = "AWS";

/// A prefix list as describe answers show it: without its entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownPrefixList(ManagedPrefixList);

impl ShownPrefixList {
    pub(super) fn of(list: &ManagedPrefixList) -> Self {
        ShownPrefixList(ManagedPrefixList {
            entries: Vec::new(),
            ..list.clone()
        })
    }
}

/// The answer of DescribeManagedPrefixLists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedManagedPrefixLists {
    /// The lists, by id.
    pub prefix_lists: Vec<ShownPrefixList>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// The answer of DescribePrefixLists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedPrefixLists {
    /// The lists, by id.
    pub prefix_lists: Vec<ServicePrefixList>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A service of AWS as a prefix list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ServicePrefixList {
    /// The addresses of the service.
    pub cidrs: Vec<SmolStr>,
    /// The id.
    pub prefix_list_id: PrefixListId,
    /// The name of the service.
    pub prefix_list_name: SmolStr,
}

/// The answer of GetManagedPrefixListEntries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrefixListEntries {
    /// The entries.
    pub entries: Vec<PrefixListEntry>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// The answer of GetManagedPrefixListAssociations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrefixListAssociations {
    /// What refers to the list, by id.
    pub prefix_list_associations: Vec<PrefixListAssociation>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// A resource that refers to a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrefixListAssociation {
    /// The resource.
    pub resource_id: ResourceId,
    /// Its owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_owner: Option<SmolStr>,
}

const ID: Extract<ManagedPrefixList> = |_, it, out| out(it.prefix_list_id.as_str());
const NAME: Extract<ManagedPrefixList> = |_, it, out| out(&it.prefix_list_name);

const MANAGED: FilterTable<ManagedPrefixList> = &[
    ("owner-id", |_, it, out| {
        it.owner_id.iter().for_each(|it| out(it))
    }),
    ("prefix-list-id", ID),
    ("prefix-list-name", NAME),
];

const SERVICES: FilterTable<ManagedPrefixList> =
    &[("prefix-list-id", ID), ("prefix-list-name", NAME)];

/// Lists prefix lists, AWS's own among them.
///
/// # Errors
/// `InvalidPrefixListID.NotFound` and what every describe operation refuses.
pub fn describe_managed_prefix_lists(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribePrefixListsRequest,
) -> Result<DescribedManagedPrefixLists, ApiError> {
    let most = page_size(request.max_results, &(1..=100))?;
    let all = all_of(twin, ctx);
    let chosen = choose(twin, ctx, &request, all, MANAGED)?;
    let (lists, next_token) = page(chosen, most, request.next_token.as_deref())?;
    Ok(DescribedManagedPrefixLists {
        prefix_lists: lists.iter().map(ShownPrefixList::of).collect(),
        next_token,
    })
}

/// Lists AWS's services that routes can name.
///
/// # Errors
/// As [`describe_managed_prefix_lists`].
pub fn describe_prefix_lists(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribePrefixListsRequest,
) -> Result<DescribedPrefixLists, ApiError> {
    let most = page_size(request.max_results, &UNCONSTRAINED)?;
    let mut all = services(twin, ctx);
    all.sort_by(|one, other| one.prefix_list_id.cmp(&other.prefix_list_id));
    let chosen = choose(twin, ctx, &request, all, SERVICES)?;
    let (lists, next_token) = page(chosen, most, request.next_token.as_deref())?;
    let shown = lists.into_iter().map(|it| ServicePrefixList {
        cidrs: it.entries.into_iter().map(|it| it.cidr).collect(),
        prefix_list_id: it.prefix_list_id,
        prefix_list_name: it.prefix_list_name,
    });
    Ok(DescribedPrefixLists {
        prefix_lists: shown.collect(),
        next_token,
    })
}

/// The lists that a request asks for.
fn choose(
    twin: &Twin,
    ctx: &Ctx,
    request: &DescribePrefixListsRequest,
    all: Vec<ManagedPrefixList>,
    table: FilterTable<ManagedPrefixList>,
) -> Result<Vec<ManagedPrefixList>, ApiError> {
    for text in &request.prefix_list_ids {
        parse_any(twin, text)?;
    }
    let is = |list: &ManagedPrefixList, text: &String| list.prefix_list_id.as_str() == text;
    let ids = request.prefix_list_ids.iter();
    let absent: Vec<&str> = ids
        .filter(|text| !all.iter().any(|list| is(list, text)))
        .map(String::as_str)
        .collect();
    if !absent.is_empty() {
        return Err(unknown(Kind::ManagedPrefixList, &absent));
    }
    let filters = Filters::new(&request.filters, table)?;
    ctx.end_dry_run()?;
    let is_meant = |list: &ManagedPrefixList| {
        request.prefix_list_ids.is_empty() || request.prefix_list_ids.iter().any(|it| is(list, it))
    };
    let passes = |list: &ManagedPrefixList| filters.pass(&twin.state, list, &list.tags);
    Ok(all
        .into_iter()
        .filter(|it| is_meant(it) && passes(it))
        .collect())
}

/// One page of a list that is made anew for each call.
fn page<T>(
    mut all: Vec<T>,
    most: usize,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let start = match token {
        Some(token) => read_offset(token)?,
        None => 0,
    };
    let end = all.len().min(start.saturating_add(most));
    let next_token = (end < all.len()).then(|| write_offset(end));
    Ok((all.drain(start.min(end)..end).collect(), next_token))
}

/// Lists the entries of a prefix list, as they are or as they were in an earlier version.
///
/// # Errors
/// `InvalidPrefixListID.NotFound`, `InvalidParameterValue` for a version that there never was.
pub fn get_managed_prefix_list_entries(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetManagedPrefixListEntriesRequest,
) -> Result<PrefixListEntries, ApiError> {
    required("prefixListId", &request.prefix_list_id)?;
    let list = find(twin, ctx, &request.prefix_list_id)?;
    let most = page_size(request.max_results, &(1..=100))?;
    let entries = entries_of(twin, &list, request.target_version)?;
    ctx.end_dry_run()?;
    let (entries, next_token) = page(entries, most, request.next_token.as_deref())?;
    Ok(PrefixListEntries {
        entries,
        next_token,
    })
}

/// Lists what refers to a prefix list.
///
/// # Errors
/// `InvalidPrefixListID.NotFound`.
pub fn get_managed_prefix_list_associations(
    twin: &mut Twin,
    ctx: &Ctx,
    request: GetManagedPrefixListAssociationsRequest,
) -> Result<PrefixListAssociations, ApiError> {
    required("prefixListId", &request.prefix_list_id)?;
    let list = find(twin, ctx, &request.prefix_list_id)?;
    let most = page_size(request.max_results, &(5..=255))?;
    ctx.end_dry_run()?;
    let users = users_of(&twin.state, &list.prefix_list_id);
    let users = users.map(|(resource_id, resource_owner)| PrefixListAssociation {
        resource_id,
        resource_owner,
    });
    let (prefix_list_associations, next_token) =
        page(users.collect(), most, request.next_token.as_deref())?;
    Ok(PrefixListAssociations {
        prefix_list_associations,
        next_token,
    })
}

/// The entries of a version; of the current one when none is said.
pub(super) fn entries_of(
    twin: &Twin,
    list: &ManagedPrefixList,
    version: Option<i64>,
) -> Result<Vec<PrefixListEntry>, ApiError> {
    if version.is_none() || version == list.version {
        return Ok(list.entries.clone());
    }
    let version = version.unwrap_or_default();
    let former = twin.network.former_entries.get(&list.prefix_list_id);
    let found = former.and_then(|it| it.get(&version)).cloned();
    found.ok_or_else(|| {
        rules::invalid_value(format!(
            "The prefix list ({}) does not have a version {version}.",
            list.prefix_list_id
        ))
    })
}

/// An id of a list; AWS's own have eight digits too.
fn parse_any(twin: &Twin, text: &str) -> Result<PrefixListId, ApiError> {
    let id = parse(&twin.state, Kind::ManagedPrefixList, text)?;
    PrefixListId::try_from(id).map_err(|_| unknown(Kind::ManagedPrefixList, &[text]))
}

/// The list with this id, the account's or AWS's own.
pub(super) fn find(twin: &Twin, ctx: &Ctx, text: &str) -> Result<ManagedPrefixList, ApiError> {
    let id: ResourceId = parse_any(twin, text)?.into();
    let own = twin.state.get_in(&ctx.region, &id);
    if let Some(list) = own.and_then(|it| it.get::<ManagedPrefixList>()) {
        return Ok(list.clone());
    }
    let mut services = services(twin, ctx).into_iter();
    let found = services.find(|it| it.prefix_list_id.as_str() == text);
    found.ok_or_else(|| unknown(Kind::ManagedPrefixList, &[text]))
}

fn all_of(twin: &Twin, ctx: &Ctx) -> Vec<ManagedPrefixList> {
    let own = twin.state.all::<ManagedPrefixList>(&ctx.region).cloned();
    let mut all: Vec<ManagedPrefixList> = own.collect();
    for service in services(twin, ctx) {
        if !all
            .iter()
            .any(|it| it.prefix_list_id == service.prefix_list_id)
        {
            all.push(service);
        }
    }
    all.sort_by(|one, other| one.prefix_list_id.cmp(&other.prefix_list_id));
    all
}

/// AWS's own lists in the Region of a call.
fn services(twin: &Twin, ctx: &Ctx) -> Vec<ManagedPrefixList> {
    let blocks: [(&str, &[&str]); 2] = [
        ("dynamodb", &["198.18.0.0/22"]),
        ("s3", &["198.18.4.0/22", "198.18.8.0/22"]),
    ];
    let lists = blocks.into_iter().filter_map(|(service, blocks)| {
        let name = format_smolstr!("com.amazonaws.{}.{service}", ctx.region);
        let id = endpoint_places::prefix_list(twin, ctx, &name);
        let entries = blocks.iter().map(|block| PrefixListEntry {
            cidr: SmolStr::new_static(block),
            description: None,
        });
        Some(ManagedPrefixList {
            prefix_list_id: PrefixListId::new(&id).ok()?,
            prefix_list_arn: Some(format_smolstr!(
                "arn:aws:ec2:{}:aws:prefix-list/{id}",
                ctx.region
            )),
            prefix_list_name: name,
            address_family: SmolStr::new_static("IPv4"),
            state: PrefixListState::CreateComplete,
            state_message: None,
            max_entries: None,
            version: None,
            owner_id: Some(SmolStr::new_static(AWS)),
            entries: entries.collect(),
            tags: Tags::new(),
        })
    });
    lists.collect()
}
