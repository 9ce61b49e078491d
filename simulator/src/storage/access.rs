//! With whom snapshots and images are shared.

use std::collections::BTreeSet;

use sandtable_model::AccountId;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::rules::{invalid_combination, invalid_value};
use crate::{ApiError, Ctx};

/// One with whom something is shared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grant {
    Everyone,
    Account(SmolStr),
    Organization(SmolStr),
    Unit(SmolStr),
}

/// Those with whom something is shared.
pub(crate) type Grants = BTreeSet<Grant>;

/// A permission as requests and answers carry it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct Permission {
    /// An account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<SmolStr>,
    /// `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<SmolStr>,
    /// An organization; images only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_arn: Option<SmolStr>,
    /// A unit of an organization; images only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organizational_unit_arn: Option<SmolStr>,
}

/// Changes of permissions as requests carry them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct PermissionChanges {
    /// Those to add.
    pub add: Vec<Permission>,
    /// Those to take away.
    pub remove: Vec<Permission>,
}

impl From<&Grant> for Permission {
    fn from(grant: &Grant) -> Self {
        let mut it = Permission::default();
        match grant {
            Grant::Everyone => it.group = Some("all".into()),
            Grant::Account(id) => it.user_id = Some(id.clone()),
            Grant::Organization(arn) => it.organization_arn = Some(arn.clone()),
            Grant::Unit(arn) => it.organizational_unit_arn = Some(arn.clone()),
        }
        it
    }
}

/// A checked change of permissions.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) add: Grants,
    pub(super) remove: Grants,
}

impl Change {
    /// Reads the changes; `wrong` words the refusal of a value by the value and its kind.
    ///
    /// # Errors
    /// What `wrong` gives.
    pub(super) fn read(
        changes: &PermissionChanges,
        wrong: fn(&str, &str) -> ApiError,
    ) -> Result<Self, ApiError> {
        let mut change = Change::default();
        for (permissions, into) in [
            (&changes.add, &mut change.add),
            (&changes.remove, &mut change.remove),
        ] {
            for permission in permissions {
                read(permission, into, wrong)?;
            }
        }
        Ok(change)
    }

    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// Whether it makes something public.
    pub(super) fn makes_public(&self) -> bool {
        self.add.contains(&Grant::Everyone)
    }

    /// Applies the change.
    pub(super) fn apply(self, grants: &mut Grants) {
        grants.extend(self.add);
        grants.retain(|it| !self.remove.contains(it));
    }
}

fn read(
    permission: &Permission,
    into: &mut Grants,
    wrong: fn(&str, &str) -> ApiError,
) -> Result<(), ApiError> {
    let before = into.len();
    if let Some(group) = &permission.group {
        if group != "all" {
            return Err(wrong(group, "userGroup"));
        }
        into.insert(Grant::Everyone);
    }
    if let Some(id) = &permission.user_id {
        AccountId::new(id).map_err(|_| wrong(id, "userId"))?;
        into.insert(Grant::Account(id.clone()));
    }
    for (arn, name, make) in [
        (
            &permission.organization_arn,
            "organizationArn",
            Grant::Organization as fn(SmolStr) -> Grant,
        ),
        (
            &permission.organizational_unit_arn,
            "organizationalUnitArn",
            Grant::Unit,
        ),
    ] {
        if let Some(arn) = arn {
            if !arn.starts_with("arn:") {
                return Err(wrong(arn, name));
            }
            into.insert(make(arn.clone()));
        }
    }
    if into.len() == before && *permission == Permission::default() {
        return Err(invalid_value("A permission must name whom it is for"));
    }
    Ok(())
}

/// The older way to ask for changes: an operation and lists of whom it is for.
#[derive(Debug, Default)]
pub(super) struct Lists<'a> {
    pub(super) operation: Option<&'a str>,
    pub(super) accounts: &'a [SmolStr],
    pub(super) groups: &'a [SmolStr],
    pub(super) organizations: &'a [SmolStr],
    pub(super) units: &'a [SmolStr],
}

impl Lists<'_> {
    /// Whether nothing is asked for in this way.
    pub(super) fn is_empty(&self) -> bool {
        self.operation.is_none()
            && self.accounts.is_empty()
            && self.groups.is_empty()
            && self.organizations.is_empty()
            && self.units.is_empty()
    }

    /// The same in the newer way.
    ///
    /// # Errors
    /// `InvalidParameterCombination` for lists without an operation, `InvalidParameterValue` for an
    /// operation that is none.
    pub(super) fn changes(&self) -> Result<PermissionChanges, ApiError> {
        let account = |id: &SmolStr| Permission {
            user_id: Some(id.clone()),
            ..Permission::default()
        };
        let group = |name: &SmolStr| Permission {
            group: Some(name.clone()),
            ..Permission::default()
        };
        let organization = |arn: &SmolStr| Permission {
            organization_arn: Some(arn.clone()),
            ..Permission::default()
        };
        let unit = |arn: &SmolStr| Permission {
            organizational_unit_arn: Some(arn.clone()),
            ..Permission::default()
        };
        let all = self.accounts.iter().map(account);
        let all = all.chain(self.groups.iter().map(group));
        let all = all.chain(self.organizations.iter().map(organization));
        let all = all.chain(self.units.iter().map(unit)).collect();
        match self.operation {
            Some("add") => Ok(PermissionChanges {
                add: all,
                remove: Vec::new(),
            }),
            Some("remove") => Ok(PermissionChanges {
                add: Vec::new(),
                remove: all,
            }),
            Some(other) => Err(invalid_value(format!(
                "Value ({other}) for parameter operationType is invalid. Valid values: add, remove."
            ))),
            None => Err(invalid_combination(
                "The parameter OperationType must be given with user ids, groups and ARNs",
            )),
        }
    }
}

/// Whether a resource with this owner belongs to the caller. One without an owner does: recorded
/// answers and scenarios may leave it out.
pub(super) fn is_own(ctx: &Ctx, owner: Option<&SmolStr>) -> bool {
    owner.is_none_or(|owner| owner == ctx.account.as_str())
}
