//! Whose account the described resources are in.

use std::collections::BTreeMap;

use sandtable_model::{AccountId, Resource, ResourceId};

use super::place::Arn;
use crate::source::{SourceOptions, example_account};

/// The account: as told, or the owner of most resources of kinds that are not read across accounts.
pub(super) fn find(
    resources: &BTreeMap<ResourceId, Resource>,
    arns: &[Arn],
    options: &SourceOptions,
    notes: &mut Vec<String>,
) -> AccountId {
    let own = resources.values().filter(|it| !is_shared_kind(it));
    let owners = own
        .filter_map(owner)
        .chain(arns.iter().filter_map(|it| account(&it.account)));
    let found = most_frequent(owners).or_else(|| {
        // Snapshots and images can be public; their owners count when nothing else tells.
        most_frequent(resources.values().filter_map(owner))
    });
    match (&options.account, found) {
        (Some(told), Some(found)) if *told != found => {
            notes.push(format!(
                "most resources belong to account {found} and not to {told}"
            ));
            told.clone()
        }
        (Some(told), _) => told.clone(),
        (None, Some(found)) => found,
        (None, None) => {
            let account = example_account();
            notes.push(format!("no resource tells its account; taken as {account}"));
            account
        }
    }
}

fn is_shared_kind(resource: &Resource) -> bool {
    matches!(resource, Resource::EbsSnapshot(_) | Resource::Image(_))
}

fn owner(resource: &Resource) -> Option<AccountId> {
    match resource {
        Resource::Vpc(it) => it.owner_id.clone(),
        Resource::Subnet(it) => it.owner_id.clone(),
        Resource::RouteTable(it) => it.owner_id.clone(),
        Resource::InternetGateway(it) => it.owner_id.clone(),
        Resource::NetworkInterface(it) => it.owner_id.clone(),
        Resource::SecurityGroup(it) => it.owner_id.clone(),
        Resource::VpcEndpoint(it) => it.owner_id.clone(),
        Resource::Instance(it) => it.owner_id.as_deref().and_then(account),
        Resource::EbsSnapshot(it) => it.owner_id.as_deref().and_then(account),
        Resource::Image(it) => it.owner_id.as_deref().and_then(account),
        _ => None,
    }
}

fn account(text: &str) -> Option<AccountId> {
    AccountId::new(text).ok()
}

/// The account named most often; of several, the first by number.
fn most_frequent(accounts: impl Iterator<Item = AccountId>) -> Option<AccountId> {
    let mut counts: BTreeMap<AccountId, usize> = BTreeMap::new();
    for account in accounts {
        *counts.entry(account).or_default() += 1;
    }
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map(|(account, _)| account)
}
