//! Who may do what: the evaluation of IAM policies for the calls of a twin.
//!
//! A twin without [`Permissions`] allows everything. With them every call from outside is authorised
//! before it is carried out, dry runs included: on each resource that AWS's reference names for the
//! action (`table`), under the condition keys that it names for it (`keys`), and for what it needs
//! besides (`needs`). A denial is `UnauthorizedOperation` in EC2 and `AccessDenied` in the services
//! beside it, in AWS's words, and nothing is done.
//!
//! Effective permissions are what service control policies, identity policies, permissions boundary
//! and session policies all allow and none denies (IAM User Guide, "Policy evaluation logic"). A
//! session of a role that the twin was told of has the role's; whether the role can be assumed is up
//! to its trust policy (`assume`).
//!
//! A twin can also watch: it then lets calls through and keeps what each of them lacks
//! ([`Twin::watch_permissions`]), so that all of it can be told at once.
//!
//! Deliberately absent: policies of resources other than roles, which the twin's services have none
//! of; resource control policies; actions of services that the twin has no calls of; and the
//! `ec2:CreateTags` that a copy of tags would need. A condition key whose value the twin cannot know
//! is refused when the policy is read, unless [`Permissions`] says what it is.

mod arn;
mod assume;
mod beside;
mod call;
mod caller;
mod condition;
mod context;
mod denial;
mod document;
mod evaluate;
mod keys;
mod launch;
mod managed;
mod needs;
mod pattern;
mod permissions;
mod place;
mod role;
mod service_keys;
mod table;
mod target;
#[cfg(test)]
mod tests;
mod trust;

use std::sync::Arc;

use serde_json::Value;

pub use denial::{MissingPermission, decode_message};
pub use document::PolicyDocument;
pub use managed::managed_policies;
pub use permissions::Permissions;
pub use role::Role;
pub use trust::TrustPolicy;

use crate::shared::Shared;
use crate::wire::Api;
use crate::{ApiError, Ctx, Twin};
use arn::Arns;
use call::{Call, Check};
use caller::Caller;
use denial::{Denied, Why};
use table::Table;

/// Whether EC2 has an action of this name, modelled here or not.
pub fn is_action(name: &str) -> bool {
    Table::of(Api::Ec2).action(name).is_some()
}

impl Twin {
    /// Sets what callers may do; everything when nothing is given.
    pub fn set_permissions(&mut self, permissions: Option<Arc<Permissions>>) {
        self.permissions = permissions;
    }

    /// What callers may do, when it is not everything.
    pub const fn permissions(&self) -> Option<&Arc<Permissions>> {
        self.permissions.as_ref()
    }

    /// From now on calls that are not allowed are let through, and what they lack is kept.
    pub fn watch_permissions(&mut self) {
        self.missing = Some(Shared::default());
    }

    /// What calls have lacked since [`Twin::watch_permissions`], in order.
    pub fn missing_permissions(&self) -> &[MissingPermission] {
        self.missing.as_ref().map_or(&[], |it| it.as_slice())
    }

    /// Whether the caller may make a call.
    ///
    /// # Errors
    /// `UnauthorizedOperation` or `AccessDenied` when not; `UnsupportedOperation` where the twin cannot
    /// tell.
    pub(crate) fn authorize(
        &mut self,
        ctx: &Ctx,
        api: Api,
        action: &str,
        input: &Value,
    ) -> Result<(), ApiError> {
        // "No permissions are required to perform this operation" (STS API Reference).
        if matches!(
            (api, action),
            (Api::Sts, "GetCallerIdentity" | "GetSessionToken")
        ) {
            return Ok(());
        }
        let Some(caller) = self.caller(ctx)? else {
            return Ok(());
        };
        let denials = self.denials(ctx, &caller, api, action, input);
        let Some((first, why)) = denials.first() else {
            return Ok(());
        };
        if self.missing.is_none() {
            let denied = Denied {
                principal: &caller.arn,
                check: first,
                why: why.clone(),
            };
            return Err(denied.error(api));
        }
        let call = format!("{}:{action}", Table::of(api).service);
        let missing = self.told(&caller, &call, denials);
        if let Some(kept) = &mut self.missing {
            kept.extend(missing);
        }
        Ok(())
    }

    /// What the caller lacks for a call; only the first of it unless the twin watches.
    fn denials(
        &self,
        ctx: &Ctx,
        caller: &Caller<'_>,
        api: Api,
        action: &str,
        input: &Value,
    ) -> Vec<(Check, Why)> {
        let (region, account) = (&ctx.region, &ctx.account);
        let call = Call {
            twin: self,
            ctx,
            api,
            action,
            input,
            arns: &Arns { account, region },
            base: &caller.context,
        };
        if (api, action) == (Api::Sts, "AssumeRole") {
            let asked = assume::checks(&call, caller).into_iter();
            return asked
                .filter_map(|(check, why)| Some((check, why?)))
                .collect();
        }
        let mut checks = call.checks().into_iter();
        let mut denied = |check: Check| {
            let why = caller.why_not(&check)?;
            Some((check, why))
        };
        match self.missing.is_some() {
            true => checks.filter_map(denied).collect(),
            false => checks.find_map(&mut denied).into_iter().collect(),
        }
    }

    /// Denials as a report has them.
    fn told(
        &self,
        caller: &Caller<'_>,
        call: &str,
        denials: Vec<(Check, Why)>,
    ) -> Vec<MissingPermission> {
        let layers = caller.layers();
        let each = denials.into_iter().map(|(check, why)| {
            let (action, resource) = (&check.action, &check.resource);
            let near = match &why {
                Why::Implicit(layer) => {
                    evaluate::near_misses(&layers, *layer, action, resource, &check.context)
                }
                _ => Vec::new(),
            };
            let denied = Denied {
                principal: &caller.arn,
                check: &check,
                why,
            };
            denied.missing(self.now(), call, near)
        });
        each.collect()
    }
}
