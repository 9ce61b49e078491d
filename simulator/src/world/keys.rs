//! The access keys that a world takes calls from: whose they are, and what their holders may do.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use sandtable_model::AccountId;
use smol_str::SmolStr;

use crate::Permissions;
use crate::sts::Principal;

/// An access key.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id, which requests carry.
    pub id: String,
    /// What requests are signed with.
    pub secret: String,
    /// What requests carry besides, with temporary credentials.
    pub token: Option<String>,
    /// The account that its calls are made in.
    pub account: AccountId,
    /// Who in it makes them.
    pub principal: Principal,
}

impl fmt::Debug for Key {
    /// Without what nobody is to read in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("account", &self.account)
            .field("principal", &self.principal)
            .finish_non_exhaustive()
    }
}

/// Why keys do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A key is there twice.
    #[error("the access key {0} is there twice")]
    Twice(String),
    /// A principal is told to have two sets of permissions.
    #[error("{0} is given permissions twice")]
    PermittedTwice(String),
    /// Not a user, role, session of a role, or root of an account.
    #[error(
        "`{0}` is not the ARN of a principal: give one such as \
         `arn:aws:iam::123456789012:user/NAME`, `…:role/NAME` or `…:root`"
    )]
    Arn(String),
}

/// Access keys by id, and permissions by principal.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    keys: BTreeMap<String, Key>,
    permissions: BTreeMap<(AccountId, SmolStr), Arc<Permissions>>,
}

impl Keys {
    /// Adds a key.
    ///
    /// # Errors
    /// When it is there.
    pub fn add(&mut self, key: Key) -> Result<(), KeyError> {
        if self.keys.contains_key(&key.id) {
            return Err(KeyError::Twice(key.id));
        }
        self.keys.insert(key.id.clone(), key);
        Ok(())
    }

    /// Says what a principal may do, instead of what its account's callers may. For a session this is
    /// what its role may do.
    ///
    /// # Errors
    /// When that was said.
    pub fn permit(
        &mut self,
        account: &AccountId,
        principal: &Principal,
        permissions: Permissions,
    ) -> Result<(), KeyError> {
        let name = name_of(principal);
        let key = (account.clone(), name.clone());
        if self.permissions.contains_key(&key) {
            return Err(KeyError::PermittedTwice(format!("{name} of {account}")));
        }
        self.permissions.insert(key, Arc::new(permissions));
        Ok(())
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none, so that nobody gets in.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The accounts whose keys and principals these are.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        let permitted = self.permissions.keys().map(|(account, _)| account);
        self.keys.values().map(|it| &it.account).chain(permitted)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Key> {
        self.keys.get(id)
    }

    pub(super) fn permissions(
        &self,
        account: &AccountId,
        principal: &Principal,
    ) -> Option<&Arc<Permissions>> {
        self.permissions.get(&(account.clone(), name_of(principal)))
    }

    /// Reads a principal's ARN. A role stands for its sessions.
    ///
    /// # Errors
    /// When it is no principal's that the twin knows.
    pub fn principal(arn: &str) -> Result<(AccountId, Principal), KeyError> {
        let wrong = || KeyError::Arn(arn.to_owned());
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, service, "", account, resource] = *parts.as_slice() else {
            return Err(wrong());
        };
        let account = AccountId::new(account).map_err(|_| wrong())?;
        let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
        let last = name.rsplit('/').next().unwrap_or_default();
        let principal = match (service, kind) {
            ("iam", "root") if name.is_empty() => Principal::Root,
            ("iam", "user") if !last.is_empty() => Principal::User(name.into()),
            ("iam", "role") if !last.is_empty() => Principal::AssumedRole {
                role: last.into(),
                session: SmolStr::default(),
            },
            ("sts", "assumed-role") => match name.split_once('/') {
                Some((role, session))
                    if !role.is_empty() && !session.is_empty() && !session.contains('/') =>
                {
                    Principal::AssumedRole {
                        role: role.into(),
                        session: session.into(),
                    }
                }
                _ => return Err(wrong()),
            },
            _ => return Err(wrong()),
        };
        Ok((account, principal))
    }
}

/// Under which name a principal's permissions are kept: a session's are those of its role.
fn name_of(principal: &Principal) -> SmolStr {
    match principal {
        Principal::Root => SmolStr::new_static("root"),
        Principal::User(name) => format!("user/{name}").into(),
        Principal::AssumedRole { role, .. } => format!("role/{role}").into(),
    }
}
