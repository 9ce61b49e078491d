//! Whose account it is, told by what was read. EC2 has no call that says so, and the answers name
//! owners only here and there; shared VPCs and groups name another account's.

use std::collections::BTreeSet;

use sandtable_model::{AccountId, Resource};

/// The account, or the accounts between which the answers leave it open.
pub(crate) fn account_of<'a>(
    resources: impl Iterator<Item = &'a Resource> + Clone,
) -> Result<AccountId, BTreeSet<AccountId>> {
    let sure: BTreeSet<AccountId> = resources.clone().filter_map(own).collect();
    let likely: BTreeSet<AccountId> = resources.filter_map(owner).collect();
    for accounts in [sure, likely.clone()] {
        let mut accounts = accounts.into_iter();
        if let (Some(account), None) = (accounts.next(), accounts.next()) {
            return Ok(account);
        }
    }
    Err(likely)
}

/// The owner of what is only listed, or only exists, in one's own account.
fn own(resource: &Resource) -> Option<AccountId> {
    let text = match resource {
        Resource::EbsSnapshot(it) => it.owner_id.as_deref(),
        Resource::Image(it) => it.owner_id.as_deref(),
        Resource::Instance(it) => it.owner_id.as_deref(),
        Resource::Vpc(it) if it.is_default => return it.owner_id.clone(),
        _ => None,
    };
    text.and_then(|text| AccountId::new(text).ok())
}

/// The owner of what may be shared.
fn owner(resource: &Resource) -> Option<AccountId> {
    match resource {
        Resource::Vpc(it) => it.owner_id.clone(),
        Resource::RouteTable(it) => it.owner_id.clone(),
        Resource::InternetGateway(it) => it.owner_id.clone(),
        Resource::NetworkInterface(it) => it.owner_id.clone(),
        Resource::SecurityGroup(it) => it.owner_id.clone(),
        Resource::VpcEndpoint(it) => it.owner_id.clone(),
        _ => own(resource),
    }
}
