//! Managed prefix lists: making, changing and deleting them.
//!
//! Each takes a while, and nothing else can be begun meanwhile. A change of entries makes a new
//! version when it is complete; earlier ones can be looked at and restored. Names change at once and
//! make no version, sizes change without one (EC2 API reference, ModifyManagedPrefixList).

use std::collections::BTreeSet;

use sandtable_model::resource::{
    IpPermission, ManagedPrefixList, PrefixListEntry, PrefixListState, RouteTable, SecurityGroup,
};
use sandtable_model::{Kind, PrefixListId, ResourceId};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

use super::prefix_list_read::{self, ShownPrefixList};
use super::request::{answers, requests};
use super::{Transition, prefix_list_weight, refusal, route};
use crate::rules::{
    TagSpecification, invalid_combination, invalid_value, not_found, required, tags_for,
};
use crate::{ApiError, Ctx, State, Twin};

requests! {
    /// CreateManagedPrefixList.
    CreateManagedPrefixListRequest {
        prefix_list_name: String,
        entries: Vec<WantedEntry>,
        max_entries: Option<i64>,
        address_family: String,
        client_token: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
    /// ModifyManagedPrefixList.
    ModifyManagedPrefixListRequest {
        prefix_list_id: String,
        current_version: Option<i64>,
        prefix_list_name: Option<String>,
        add_entries: Vec<WantedEntry>,
        remove_entries: Vec<UnwantedEntry>,
        max_entries: Option<i64>,
    }
    /// RestoreManagedPrefixListVersion.
    RestoreManagedPrefixListVersionRequest {
        prefix_list_id: String,
        previous_version: Option<i64>,
        current_version: Option<i64>,
    }
    /// DeleteManagedPrefixList.
    DeleteManagedPrefixListRequest { prefix_list_id: String }
}

answers! {
    /// The answer of the operations that change a prefix list.
    ChangedPrefixList { prefix_list: ShownPrefixList }
}

/// An entry that a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedEntry {
    /// The block.
    pub cidr: String,
    /// The description.
    pub description: Option<String>,
}

/// An entry that a request takes out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct UnwantedEntry {
    /// The block.
    pub cidr: String,
}

/// What a change comes to when it is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing more: it is made.
    Create,
    /// These entries, as a new version.
    Entries(Vec<PrefixListEntry>),
    /// This size.
    Size(u32),
    /// Entries of an earlier version, as a new one.
    Restore(Vec<PrefixListEntry>),
    /// It goes.
    Delete,
}

/// The most entries that a call may add, and as many that it may take out.
const ENTRIES_A_CALL_MAX: usize = 100;
const TEXT_MAX: usize = 255;

/// Makes a prefix list.
///
/// # Errors
/// `InvalidParameterValue`, `PrefixListMaxEntriesExceeded`, `PrefixListLimitExceeded`.
pub fn create_managed_prefix_list(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateManagedPrefixListRequest,
) -> Result<ChangedPrefixList, ApiError> {
    const NAME: &str = "CreateManagedPrefixList";
    let name = read_name(required("prefixListName", &request.prefix_list_name)?)?;
    let most = request.max_entries.ok_or_else(|| missing("maxEntries"))?;
    let max_entries = read_size(twin, most)?;
    let family = match required("addressFamily", &request.address_family)? {
        family @ ("IPv4" | "IPv6") => SmolStr::new(family),
        other => return Err(refusal::not_a_value("addressFamily", other)),
    };
    let entries = read_entries(&family, &request.entries)?;
    let kind = Kind::ManagedPrefixList;
    let tags = tags_for(kind, &[kind], &request.tag_specifications)?;
    ctx.end_dry_run()?;
    let token = request.client_token.as_deref();
    if let Some(made) = twin.replayed(ctx, NAME, token, &request)?
        && let Some(found) = made.first().and_then(|it| twin.state.one(it.clone()))
    {
        return Ok(shown(found));
    }
    check_fits(entries.len(), max_entries)?;
    let present = twin.state.list(&ctx.region, kind).count();
    if present >= twin.network.choices.quotas.prefix_lists {
        return Err(refusal::over_quota(
            "PrefixListLimitExceeded",
            "prefix lists",
        ));
    }
    let prefix_list_id = twin.fresh(PrefixListId::from_number);
    let list = ManagedPrefixList {
        prefix_list_arn: Some(format_smolstr!(
            "arn:aws:ec2:{}:{}:prefix-list/{prefix_list_id}",
            ctx.region,
            ctx.account
        )),
        prefix_list_name: name,
        address_family: family,
        state: PrefixListState::CreateInProgress,
        state_message: None,
        max_entries: Some(max_entries),
        version: Some(1),
        owner_id: Some(ctx.account.as_str().into()),
        entries,
        tags,
        prefix_list_id,
    };
    twin.state.insert(&ctx.region, list.clone());
    let id = list.prefix_list_id.clone();
    twin.remember(ctx, NAME, token, &request, vec![ResourceId::from(&id)]);
    begin(twin, &id, Change::Create);
    Ok(shown(&list))
}

/// Changes the name, the entries or the size of a prefix list.
///
/// # Errors
/// `InvalidParameterCombination` for entries and size at once, `PrefixListVersionMismatch`,
/// `IncorrectState` while something is under way, `PrefixListMaxEntriesExceeded`,
/// `InvalidRequest` for an entry that is there already, `InvalidPrefixListModification` for taking
/// out one that is not; `UnsupportedOperation` for AWS's own lists.
pub fn modify_managed_prefix_list(
    twin: &mut Twin,
    ctx: &Ctx,
    request: ModifyManagedPrefixListRequest,
) -> Result<ChangedPrefixList, ApiError> {
    let list = require_own(twin, ctx, &request.prefix_list_id)?;
    let changes_entries = !request.add_entries.is_empty() || !request.remove_entries.is_empty();
    let name = request.prefix_list_name.as_deref().map(read_name);
    let name = name.transpose()?;
    let size = request.max_entries.map(|it| read_size(twin, it));
    let size = size.transpose()?;
    if changes_entries && size.is_some() {
        return Err(invalid_combination(
            "You cannot modify the entries and the maximum entries for the prefix list in the same request.",
        ));
    }
    if !changes_entries && size.is_none() && name.is_none() {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain something to modify",
        ));
    }
    let add = read_entries(&list.address_family, &request.add_entries)?;
    let remove = read_unwanted(&list.address_family, &request.remove_entries)?;
    if let Some(both) = add.iter().find(|it| remove.contains(&it.cidr)) {
        return Err(invalid_value(format!(
            "Request cannot contain Cidr {} in both AddPrefixListEntries and RemovePrefixListEntries",
            both.cidr
        )));
    }
    ctx.end_dry_run()?;
    check_settled(&list)?;
    check_version(&list, request.current_version)?;
    let change = if changes_entries {
        Some(Change::Entries(changed(&list, add, &remove)?))
    } else if let Some(size) = size {
        check_fits(list.entries.len(), size)?;
        Some(Change::Size(size))
    } else {
        None
    };
    let id = list.prefix_list_id;
    twin.state.update(&id, |it: &mut ManagedPrefixList| {
        it.prefix_list_name = name.unwrap_or_else(|| it.prefix_list_name.clone());
        it.state = match &change {
            Some(_) => PrefixListState::ModifyInProgress,
            None => PrefixListState::ModifyComplete,
        };
        it.state_message = None;
    });
    let answer = answer_for(twin, &id)?;
    if let Some(change) = change {
        begin(twin, &id, change);
    }
    Ok(answer)
}

/// The entries after a change: those taken out are gone, the new ones come last.
fn changed(
    list: &ManagedPrefixList,
    add: Vec<PrefixListEntry>,
    remove: &[SmolStr],
) -> Result<Vec<PrefixListEntry>, ApiError> {
    let has = |cidr: &SmolStr| list.entries.iter().any(|it| it.cidr == *cidr);
    if let Some(absent) = remove.iter().find(|it| !has(it)) {
        return Err(ApiError::new(
            "InvalidPrefixListModification",
            format!("The prefix list does not have an entry with Cidr {absent}"),
        ));
    }
    if add.iter().any(|it| has(&it.cidr)) {
        return Err(ApiError::new(
            "InvalidRequest",
            "The request received was invalid.",
        ));
    }
    let kept = list.entries.iter().filter(|it| !remove.contains(&it.cidr));
    let entries: Vec<PrefixListEntry> = kept.cloned().chain(add).collect();
    check_fits(entries.len(), list.max_entries.unwrap_or(u32::MAX))?;
    Ok(entries)
}

/// Makes the entries of an earlier version those of a new one.
///
/// # Errors
/// `InvalidParameterValue` for a version that there never was, `PrefixListVersionMismatch`,
/// `IncorrectState`.
pub fn restore_managed_prefix_list_version(
    twin: &mut Twin,
    ctx: &Ctx,
    request: RestoreManagedPrefixListVersionRequest,
) -> Result<ChangedPrefixList, ApiError> {
    let list = require_own(twin, ctx, &request.prefix_list_id)?;
    let previous = request
        .previous_version
        .ok_or_else(|| missing("previousVersion"))?;
    let current = request
        .current_version
        .ok_or_else(|| missing("currentVersion"))?;
    ctx.end_dry_run()?;
    check_settled(&list)?;
    check_version(&list, Some(current))?;
    let entries = prefix_list_read::entries_of(twin, &list, Some(previous))?;
    check_fits(entries.len(), list.max_entries.unwrap_or(u32::MAX))?;
    let id = list.prefix_list_id;
    twin.state.update(&id, |it: &mut ManagedPrefixList| {
        it.state = PrefixListState::RestoreInProgress;
        it.state_message = None;
    });
    let answer = answer_for(twin, &id)?;
    begin(twin, &id, Change::Restore(entries));
    Ok(answer)
}

/// Deletes a prefix list. While rules or routes refer to it, the deletion begins and fails, or is
/// refused: see [`super::Choices`].
///
/// # Errors
/// `IncorrectState` while something is under way; `UnsupportedOperation` for AWS's own lists.
pub fn delete_managed_prefix_list(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DeleteManagedPrefixListRequest,
) -> Result<ChangedPrefixList, ApiError> {
    let list = require_own(twin, ctx, &request.prefix_list_id)?;
    ctx.end_dry_run()?;
    check_settled(&list)?;
    let id = list.prefix_list_id;
    let is_used = users_of(&twin.state, &id).next().is_some();
    if is_used && !twin.network.choices.prefix_list_deletion_fails_late {
        return Err(refusal::has_dependencies("prefixList", &id));
    }
    twin.state.update(&id, |it: &mut ManagedPrefixList| {
        it.state = PrefixListState::DeleteInProgress;
        it.state_message = None;
    });
    let answer = answer_for(twin, &id)?;
    begin(twin, &id, Change::Delete);
    Ok(answer)
}

/// The security groups and route tables that refer to a list, by id.
pub(super) fn users_of<'a>(
    state: &'a State,
    list: &PrefixListId,
) -> impl Iterator<Item = (ResourceId, Option<SmolStr>)> + use<'a> {
    let owner = |it: Option<&sandtable_model::AccountId>| it.map(|it| it.as_str().into());
    let groups = state.referring::<SecurityGroup>(list);
    let groups = groups.map(move |it| ((&it.group_id).into(), owner(it.owner_id.as_ref())));
    let tables = state.referring::<RouteTable>(list);
    let tables = tables.map(move |it| ((&it.route_table_id).into(), owner(it.owner_id.as_ref())));
    let mut all: Vec<(ResourceId, Option<SmolStr>)> = groups.chain(tables).collect();
    all.sort_unstable();
    all.into_iter()
}

fn begin(twin: &mut Twin, id: &PrefixListId, change: Change) {
    let delay = twin.options.timings.prefix_list_change;
    let transition = Transition::PrefixListChanged(id.clone(), PendingChange(change));
    twin.schedule(delay, transition);
}

/// What a change that is under way comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingChange(Change);

/// A change is over.
pub(super) fn changed_now(twin: &mut Twin, id: &PrefixListId, change: PendingChange) {
    let Some(list) = twin.state.one::<ManagedPrefixList>(id).cloned() else {
        return;
    };
    let outcome = match (change.0, &list.state) {
        (Change::Create, PrefixListState::CreateInProgress) => Ok(PrefixListState::CreateComplete),
        (Change::Entries(entries), PrefixListState::ModifyInProgress) => {
            new_version(twin, &list, entries);
            Ok(PrefixListState::ModifyComplete)
        }
        (Change::Restore(entries), PrefixListState::RestoreInProgress) => {
            new_version(twin, &list, entries);
            Ok(PrefixListState::RestoreComplete)
        }
        (Change::Size(size), PrefixListState::ModifyInProgress) => resize(twin, &list, size),
        (Change::Delete, PrefixListState::DeleteInProgress) => {
            let users: Vec<ResourceId> = users_of(&twin.state, id).map(|it| it.0).collect();
            if users.is_empty() {
                twin.state.remove(id);
                twin.network.former_entries.remove(id);
                twin.network.deleted.insert(id.as_str().into());
                return;
            }
            let message = format_smolstr!(
                "The prefix list ({id}) is in use by the following resources: {}",
                some_of(&users)
            );
            Err((PrefixListState::DeleteFailed, message))
        }
        _ => return,
    };
    let (state, state_message) = match outcome {
        Ok(state) => (state, None),
        Err((state, message)) => (state, Some(message)),
    };
    twin.state.update(id, |it: &mut ManagedPrefixList| {
        it.state = state;
        it.state_message = state_message;
    });
}

fn new_version(twin: &mut Twin, list: &ManagedPrefixList, entries: Vec<PrefixListEntry>) {
    let id = &list.prefix_list_id;
    let version = list.version.unwrap_or(1);
    let former = twin.network.former_entries.entry(id.clone()).or_default();
    former.insert(version, list.entries.clone());
    twin.state.update(id, |it: &mut ManagedPrefixList| {
        it.version = Some(version.saturating_add(1));
        it.entries = entries;
    });
}

/// A size that the resources which refer to the list cannot bear fails, and the message names the
/// first ten of them (EC2 API reference, ModifyManagedPrefixList).
fn resize(
    twin: &mut Twin,
    list: &ManagedPrefixList,
    size: u32,
) -> Result<PrefixListState, (PrefixListState, SmolStr)> {
    let id = &list.prefix_list_id;
    let old = twin.state.update(id, |it: &mut ManagedPrefixList| {
        it.max_entries.replace(size)
    });
    let over = prefix_list_weight::overburdened(twin, id);
    if over.is_empty() {
        return Ok(PrefixListState::ModifyComplete);
    }
    twin.state.update(id, |it: &mut ManagedPrefixList| {
        it.max_entries = old.flatten();
    });
    let message = format_smolstr!(
        "The following resources do not support the new maximum size: {}",
        some_of(&over)
    );
    Err((PrefixListState::ModifyFailed, message))
}

fn some_of(ids: &[ResourceId]) -> String {
    let first: Vec<&str> = ids.iter().take(10).map(ResourceId::as_str).collect();
    first.join(", ")
}

/// Schedules what was under way when a snapshot was taken; what it was to come to is not told.
pub(super) fn resume(twin: &mut Twin, list: &ManagedPrefixList) {
    let change = match list.state {
        PrefixListState::CreateInProgress => Change::Create,
        PrefixListState::ModifyInProgress => match list.max_entries {
            Some(size) => Change::Size(size),
            None => return,
        },
        PrefixListState::RestoreInProgress => Change::Restore(list.entries.clone()),
        PrefixListState::DeleteInProgress => Change::Delete,
        _ => return,
    };
    let delay = twin.options.timings.prefix_list_change;
    let transition =
        Transition::PrefixListChanged(list.prefix_list_id.clone(), PendingChange(change));
    twin.schedule(
        delay.max(sandtable_model::Duration::from_millis(1)),
        transition,
    );
}

fn shown(list: &ManagedPrefixList) -> ChangedPrefixList {
    ChangedPrefixList {
        prefix_list: ShownPrefixList::of(list),
    }
}

fn answer_for(twin: &Twin, id: &PrefixListId) -> Result<ChangedPrefixList, ApiError> {
    let list = twin.state.one::<ManagedPrefixList>(id);
    list.map(shown).ok_or_else(|| not_found(&id.into()))
}

/// A list of the account.
fn require_own(twin: &Twin, ctx: &Ctx, text: &str) -> Result<ManagedPrefixList, ApiError> {
    required("prefixListId", text)?;
    let list = prefix_list_read::find(twin, ctx, text)?;
    if list.owner_id.as_deref() == Some(prefix_list_read::AWS) {
        return Err(ApiError::new(
            "UnsupportedOperation",
            format!("The prefix list ({text}) is managed by AWS and cannot be changed."),
        ));
    }
    Ok(list)
}

fn missing(parameter: &str) -> ApiError {
    ApiError::new(
        "MissingParameter",
        format!("The request must contain the parameter {parameter}"),
    )
}

fn read_name(name: &str) -> Result<SmolStr, ApiError> {
    if name.is_empty() || name.len() > TEXT_MAX || name.starts_with("com.amazonaws") {
        return Err(refusal::not_a_value("prefixListName", name));
    }
    Ok(name.into())
}

fn read_size(twin: &Twin, size: i64) -> Result<u32, ApiError> {
    let most = twin.network.choices.quotas.entries_per_prefix_list;
    let fine = u32::try_from(size)
        .ok()
        .filter(|it| (1..=most).contains(it));
    fine.ok_or_else(|| {
        invalid_value(format!(
            "Value ({size}) for parameter maxEntries is invalid. Must specify a max size between 1 and {most}"
        ))
    })
}

fn read_cidr(family: &str, text: &str) -> Result<SmolStr, ApiError> {
    required("cidr", text)?;
    let block = match family {
        "IPv6" => text.parse::<ipnet::Ipv6Net>().map(ipnet::IpNet::V6),
        _ => text.parse::<ipnet::Ipv4Net>().map(ipnet::IpNet::V4),
    };
    let block = block.map_err(|_| refusal::not_a_value("cidr", text))?;
    Ok(format_smolstr!("{}", block.trunc()))
}

fn read_entries(family: &str, wanted: &[WantedEntry]) -> Result<Vec<PrefixListEntry>, ApiError> {
    let mut entries = Vec::with_capacity(wanted.len());
    let mut seen: BTreeSet<SmolStr> = BTreeSet::new();
    check_count(wanted.len())?;
    for it in wanted {
        let cidr = read_cidr(family, &it.cidr)?;
        if it
            .description
            .as_ref()
            .is_some_and(|it| it.len() > TEXT_MAX)
        {
            let text = it.description.as_deref().unwrap_or_default();
            return Err(refusal::not_a_value("description", text));
        }
        if !seen.insert(cidr.clone()) {
            return Err(invalid_value(format!(
                "Request cannot contain Cidr {cidr} more than once"
            )));
        }
        let description = it.description.as_deref().map(SmolStr::from);
        entries.push(PrefixListEntry { cidr, description });
    }
    Ok(entries)
}

fn read_unwanted(family: &str, unwanted: &[UnwantedEntry]) -> Result<Vec<SmolStr>, ApiError> {
    check_count(unwanted.len())?;
    let blocks = unwanted.iter().map(|it| read_cidr(family, &it.cidr));
    blocks.collect()
}

fn check_count(count: usize) -> Result<(), ApiError> {
    if count <= ENTRIES_A_CALL_MAX {
        return Ok(());
    }
    Err(invalid_value(format!(
        "No more than {ENTRIES_A_CALL_MAX} entries can be specified in one call"
    )))
}

fn check_fits(count: usize, most: u32) -> Result<(), ApiError> {
    if u32::try_from(count).is_ok_and(|it| it <= most) {
        return Ok(());
    }
    Err(ApiError::new(
        "PrefixListMaxEntriesExceeded",
        "You've reached the maximum number of entries for the prefix list.",
    ))
}

fn check_settled(list: &ManagedPrefixList) -> Result<(), ApiError> {
    if !list.state.is_in_progress() {
        return Ok(());
    }
    Err(ApiError::new(
        "IncorrectState",
        format!(
            "The request cannot be completed while the prefix list ({}) is in the current state ({}).",
            list.prefix_list_id, list.state
        ),
    ))
}

fn check_version(list: &ManagedPrefixList, current: Option<i64>) -> Result<(), ApiError> {
    match current {
        None => Ok(()),
        Some(version) if version < 1 => Err(invalid_value(
            "The specified value for version is not valid. The value must be greater than (1).",
        )),
        version if version == list.version => Ok(()),
        Some(_) => Err(ApiError::new(
            "PrefixListVersionMismatch",
            "The prefix list has the incorrect version number.",
        )),
    }
}

/// Checks that a rule or route may refer to a list: one of the account, one of AWS's own, or one that
/// was seen referred to (a snapshot need not list prefix lists).
///
/// # Errors
/// `InvalidPrefixListID.NotFound`.
pub(super) fn require_known(twin: &Twin, ctx: &Ctx, text: &str) -> Result<(), ApiError> {
    let found = prefix_list_read::find(twin, ctx, text);
    let is_seen = || {
        let names = |permissions: &[IpPermission]| {
            let mut lists = permissions.iter().flat_map(|it| &it.prefix_list_ids);
            lists.any(|it| it.prefix_list_id == text)
        };
        let mut groups = twin.state.all::<SecurityGroup>(&ctx.region);
        !twin.network.deleted.contains(text)
            && (route::is_known(twin, ctx, text)
                || groups.any(|it| names(&it.ip_permissions) || names(&it.ip_permissions_egress)))
    };
    match found {
        Err(_) if is_seen() => Ok(()),
        found => found.map(drop),
    }
}
