//! A world: the twins of several accounts under one clock, as a server offers them.
//!
//! Whose twin a call is for is told from the id of the access key that signed it: a session that any
//! of the twins gave out ([`crate::sts`]), else a key of [`Keys`], else, when there are no [`Keys`],
//! the account that twelve digits name (the habit of moto and LocalStack) or the first account.
//!
//! Of what happens between accounts a world knows one thing: a role of another of its accounts can be
//! assumed. Everything else that names another of them is refused by name (`border`), since the twins
//! do not see each other.
//!
//! Deliberately absent: sockets and signatures, which are the wire's, and real time, which whoever
//! serves a world tells it ([`WorldService`]).

mod border;
mod keys;
mod service;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use sandtable_model::{AccountId, Duration, Region, Timestamp};
use smol_str::SmolStr;

use crate::sts::{Lapse, Principal};
use crate::wire::{Api, Call, Caller, Refused};
use crate::{ApiError, Ctx, Output, Permissions, Twin, dispatch};

pub use keys::{Key, KeyError, Keys};
pub use service::{MAX_FORKS, Time, VirtualTime, WorldService};

/// The twins of some accounts. A copy is a fork: it costs what a few pointers cost.
#[derive(Clone, Debug)]
pub struct World {
    twins: BTreeMap<AccountId, Twin>,
    /// Whose a key is that nobody knows.
    first: AccountId,
    keys: Option<Arc<Keys>>,
}

/// Why a world cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// Two twins of one account.
    #[error("the account {0} is there already: a world has one twin of each")]
    Twice(AccountId),
    /// Keys of an account without a twin.
    #[error("there are keys of the account {0}, which has no twin here")]
    NoTwin(AccountId),
}

/// Whose a call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) account: AccountId,
    pub(crate) principal: Principal,
    /// The session whose credentials signed.
    session: Option<SmolStr>,
    /// What the call must be signed with; nothing when any signature will do.
    pub(crate) secret: Option<String>,
}

impl World {
    /// A world of one account.
    pub fn new(first: Twin) -> Self {
        let account = first.account().clone();
        World {
            twins: BTreeMap::from([(account.clone(), first)]),
            first: account,
            keys: None,
        }
    }

    /// Adds an account. The twins share a clock, which shows the latest of their times; an earlier one
    /// catches up when it is next called.
    ///
    /// # Errors
    /// When there is a twin of the account.
    pub fn add(&mut self, twin: Twin) -> Result<(), WorldError> {
        let account = twin.account().clone();
        if self.twins.contains_key(&account) {
            return Err(WorldError::Twice(account));
        }
        self.twins.insert(account, twin);
        Ok(())
    }

    /// Takes calls from the holders of these keys only, and has their signatures verified.
    ///
    /// # Errors
    /// When a key is of an account without a twin.
    pub fn set_keys(&mut self, keys: Keys) -> Result<(), WorldError> {
        let strange = keys.accounts().find(|it| !self.twins.contains_key(*it));
        if let Some(account) = strange {
            return Err(WorldError::NoTwin(account.clone()));
        }
        self.keys = Some(Arc::new(keys));
        Ok(())
    }

    /// The accounts, in the order of their numbers.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        self.twins.keys()
    }

    /// The account of callers whose key nobody knows.
    pub const fn first(&self) -> &AccountId {
        &self.first
    }

    /// The twin of an account.
    pub fn twin(&self, account: &AccountId) -> Option<&Twin> {
        self.twins.get(account)
    }

    /// The twin of an account, to prepare or to change it behind the callers' backs.
    pub fn twin_mut(&mut self, account: &AccountId) -> Option<&mut Twin> {
        self.twins.get_mut(account)
    }

    /// The virtual time: the latest that any of the twins shows.
    pub fn now(&self) -> Timestamp {
        let latest = self.twins.values().map(Twin::now).max();
        latest.unwrap_or(Timestamp::from_millis(0))
    }

    /// Lets time pass in every account.
    pub fn advance(&mut self, duration: Duration) {
        let until = self.now().plus(duration);
        for twin in self.twins.values_mut() {
            twin.advance(until.since(twin.now()));
        }
    }

    /// Whose a call is.
    ///
    /// # Errors
    /// When it is nobody's that this world knows: see [`Refused`].
    pub(crate) fn who(&self, caller: &Caller) -> Result<Who, Refused> {
        let key = caller.access_key.as_str();
        let token = caller.session_token.as_deref();
        let sessions = self.twins.values().map(Twin::sessions);
        if let Some(session) = sessions.filter_map(|it| it.get(key)).next() {
            session
                .admit(token, self.now())
                .map_err(|lapse| match lapse {
                    Lapse::Token => Refused::Token,
                    Lapse::Expired => Refused::Expired,
                })?;
            return Ok(Who {
                account: session.account.clone(),
                principal: session.principal.clone(),
                session: Some(session.access_key.clone()),
                secret: self.keys.as_ref().map(|_| session.secret_key.clone()),
            });
        }
        let Some(keys) = &self.keys else {
            return Ok(Who {
                account: self.named_by(key)?,
                principal: Principal::Root,
                session: None,
                secret: None,
            });
        };
        if key.is_empty() {
            return Err(Refused::Unsigned);
        }
        let key = keys.get(key).ok_or(Refused::Key)?;
        if key.token.as_deref() != token {
            return Err(Refused::Token);
        }
        Ok(Who {
            account: key.account.clone(),
            principal: key.principal.clone(),
            session: None,
            secret: Some(key.secret.clone()),
        })
    }

    /// The account that a key names, or the first one when it names none.
    fn named_by(&self, key: &str) -> Result<AccountId, Refused> {
        match AccountId::new(key) {
            Err(_) => Ok(self.first.clone()),
            Ok(account) if self.twins.contains_key(&account) => Ok(account),
            Ok(account) => Err(Refused::Account {
                account: account.to_string(),
                served: self.served(),
            }),
        }
    }

    fn served(&self) -> String {
        let names: Vec<&str> = self.accounts().map(AccountId::as_str).collect();
        names.join(", ")
    }

    /// Answers a call of the wire.
    ///
    /// # Errors
    /// As [`Twin::answer`]; `UnsupportedOperation` for what happens between accounts.
    pub fn answer(&mut self, caller: &Caller, call: &Call) -> Result<Output, ApiError> {
        let region = Region::new(&caller.region)
            .map_err(|error| ApiError::new("InvalidParameterValue", error.to_string()))?;
        let who = self.who(caller).map_err(|it| it.error(call.api))?;
        let ctx = Ctx {
            account: who.account.clone(),
            principal: who.principal.clone(),
            session: who.session.clone(),
            region,
            dry_run: false,
        };
        if call.api == Api::Sts && call.action == "AssumeRole" {
            return self.assume_role(&who, &ctx, call);
        }
        border::check(&self.twins, &who.account, call)?;
        let place = match (call.api, call.text("AccessKeyId")) {
            (Api::Sts, Some(key)) => self.holder_of(key),
            _ => None,
        };
        self.ask(&place.unwrap_or(who.account), &ctx, call)
    }

    /// The account whose a key is, if anyone knows it.
    fn holder_of(&self, key: &str) -> Option<AccountId> {
        let given = |twin: &Twin| Some(twin.sessions().get(key)?.account.clone());
        let configured = || Some(self.keys.as_ref()?.get(key)?.account.clone());
        self.twins.values().find_map(given).or_else(configured)
    }

    /// A role of another account of this world is assumed there, if the caller's own account allows
    /// it. Roles trust whoever asks: trust policies are IAM's, and IAM is not modelled.
    fn assume_role(&mut self, who: &Who, ctx: &Ctx, call: &Call) -> Result<Output, ApiError> {
        let named = call.text("RoleArn").and_then(|it| it.split(':').nth(4));
        let place = named.and_then(|it| AccountId::new(it).ok());
        // A role's ARN that names no account is for STS to refuse.
        let place = place.unwrap_or_else(|| who.account.clone());
        if !self.twins.contains_key(&place) {
            let served = self.served();
            return Err(ApiError::new(
                "UnsupportedOperation",
                format!(
                    "The role is one of the account {place}, of which there is no twin here \
                     (there are twins of {served}): nothing was done."
                ),
            ));
        }
        self.ask(&place, ctx, call)
    }

    /// Has the twin of another account answer. Whether the caller may ask is for its own account to
    /// say; what that other account allows its own callers is no concern of a stranger.
    fn ask(&mut self, place: &AccountId, ctx: &Ctx, call: &Call) -> Result<Output, ApiError> {
        if *place == ctx.account {
            return self.perform(place, ctx, call);
        }
        let permissions = self.permissions_of(ctx);
        let home = self.twins.get_mut(&ctx.account).ok_or_else(lost)?;
        within(home, permissions, |twin| {
            twin.authorize(ctx, call.api, &call.action, &call.input)
        })?;
        let now = self.now();
        let twin = self.twins.get_mut(place).ok_or_else(lost)?;
        twin.advance(now.since(twin.now()));
        let kept = twin.permissions.take();
        let ctx = Ctx {
            session: None,
            ..ctx.clone()
        };
        let output = dispatch::output_of(twin, &ctx, call.api, &call.action, call.input.clone());
        twin.permissions = kept;
        output
    }

    fn perform(&mut self, place: &AccountId, ctx: &Ctx, call: &Call) -> Result<Output, ApiError> {
        let permissions = self.permissions_of(ctx);
        let now = self.now();
        let twin = self.twins.get_mut(place).ok_or_else(lost)?;
        twin.advance(now.since(twin.now()));
        within(twin, permissions, |twin| {
            dispatch::output_of(twin, ctx, call.api, &call.action, call.input.clone())
        })
    }

    /// What was told of a principal by itself.
    fn permissions_of(&self, ctx: &Ctx) -> Option<Arc<Permissions>> {
        let keys = self.keys.as_ref()?;
        keys.permissions(&ctx.account, &ctx.principal).cloned()
    }
}

/// Does something under the permissions of a principal, where it has some of its own, and under those
/// of the account otherwise.
fn within<A>(
    twin: &mut Twin,
    permissions: Option<Arc<Permissions>>,
    act: impl FnOnce(&mut Twin) -> A,
) -> A {
    let Some(permissions) = permissions else {
        return act(twin);
    };
    let kept = twin.permissions.replace(permissions);
    let done = act(twin);
    twin.permissions = kept;
    done
}

/// A world has a twin of every account that it tells a call to be for.
fn lost() -> ApiError {
    ApiError::new("InternalError", "The account of the call has no twin.")
}
